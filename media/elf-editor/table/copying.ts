import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { TableSummary } from '../../../language-server/protocol/elf.ts';
import { host } from '../host.ts';
import { text } from '../texts.ts';
import { type CopyFormat, collectRows, copiedText } from './copied-rows.ts';
import type { Range } from './selection.ts';
import type { RowsQuery } from './table-query.ts';

const messageMs = 2500;
/** Before this, telling how far it is would only flicker. */
const patienceMs = 500;

/** Puts rows on the clipboard: rows that are not here are fetched first, which can be watched and given up. */
export class Copying implements ReactiveController {
  /** What was just done, or is being done. */
  message = '';
  private running: AbortController | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly updates: ReactiveControllerHost;

  constructor(updates: ReactiveControllerHost) {
    this.updates = updates;
    updates.addController(this);
  }

  hostDisconnected(): void {
    this.cancel();
    clearTimeout(this.timer);
  }

  get isRunning(): boolean {
    return this.running !== undefined;
  }

  cancel(): void {
    this.running?.abort();
  }

  /** @throws as the request for rows does. */
  async copy(table: TableSummary, query: RowsQuery, ranges: readonly Range[], format: CopyFormat): Promise<void> {
    this.cancel();
    const controller = new AbortController();
    const { signal } = controller;
    const began = performance.now();
    this.running = controller;
    const onProgress = (rowCount: number): void => {
      if (performance.now() - began > patienceMs) this.say(text('copyingRows', rowCount));
    };
    try {
      const { rows, isCut } = await collectRows({ query, ranges, fetchRows: host.rows, onProgress, signal });
      await host.copy(copiedText(table.columns, rows, format));
      if (isCut) this.say(text('copiedFirstRows', rows.length));
      else this.say(rows.length === 1 ? text('copied') : text('copiedRows', rows.length));
    } catch (error) {
      if (!signal.aborted) throw error;
      this.say('');
    } finally {
      if (this.running === controller) this.running = undefined;
      this.updates.requestUpdate();
    }
  }

  private say(message: string): void {
    this.message = message;
    this.updates.requestUpdate();
    clearTimeout(this.timer);
    if (this.isRunning && message === '') return;
    this.timer = setTimeout(() => {
      this.message = '';
      this.updates.requestUpdate();
    }, messageMs);
  }
}
