import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { displayText } from '../../../language-server/protocol/display-text.ts';
import type { ElfRow, TableSummary } from '../../../language-server/protocol/elf.ts';
import type { ElfBytes, ElfRowRange, FileRange } from '../../../language-server/protocol/elf-bytes.ts';
import { commandLine } from '../command-line.ts';
import { host } from '../host.ts';
import type { HexPart } from '../page-state.ts';
import { text } from '../texts.ts';
import {
  asciiOf,
  type BytePlace,
  bytesPerRow,
  decodeBytes,
  holds,
  innermostRange,
  movedByte,
  placesAt,
  windowBytes,
  windowStart,
} from './byte-window.ts';

/** The bytes of a table's row, with the names of what lies on them. */
export class ElfHex extends LitElement {
  static override readonly properties = {
    table: { attribute: false },
    row: { attribute: false },
    version: { attribute: false },
    keptPart: { attribute: false },
    range: { state: true },
    shownPart: { state: true },
    read: { state: true },
    cursor: { state: true },
    failure: { state: true },
  };
  declare table: TableSummary;
  declare row: ElfRow;
  declare version: string;
  /** As it was kept; told of by `part-changed`. */
  declare keptPart: HexPart;
  declare range: Pick<ElfRowRange, 'entry' | 'contents'> | undefined;
  /** Which of the two ranges is looked at, where there are two. */
  declare shownPart: HexPart;
  declare read: ElfBytes | undefined;
  /** Offset in the file. */
  declare cursor: number;
  declare failure: string | undefined;
  private bytes: Uint8Array = new Uint8Array();
  private asked = new AbortController();

  constructor() {
    super();
    this.shownPart = 'contents';
    this.cursor = 0;
  }

  override createRenderRoot(): HTMLElement {
    return this;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.asked.abort();
  }

  override willUpdate(changed: PropertyValues<this>): void {
    const isOther = changed.has('row') && changed.get('row')?.index !== this.row.index;
    if (changed.has('keptPart') && changed.get('keptPart') === undefined) this.shownPart = this.keptPart;
    if (changed.has('version') || isOther) void this.showRow();
  }

  override updated(changed: PropertyValues<this>): void {
    if (!changed.has('cursor') && !changed.has('read')) return;
    this.querySelector('.byte.cursor')?.scrollIntoView({ block: 'nearest' });
  }

  override render(): TemplateResult {
    const { range, read } = this;
    return html`
      <div class="hex-bar">
        <h2>${text('bytes')}</h2>
        ${range?.contents ? this.renderParts() : nothing}
        ${read === undefined ? nothing : commandLine(read.command)}
      </div>
      ${this.failure === undefined ? nothing : html`<p class="notice" role="alert"><span class="codicon codicon-error" aria-hidden="true"></span>${displayText(this.failure)}</p>`}
      ${read === undefined ? nothing : this.renderBytes(read)}
    `;
  }

  private renderParts(): TemplateResult {
    const parts: readonly HexPart[] = ['contents', 'entry'];
    return html`
      <div class="chips" role="group" aria-label=${text('bytes')}>
        ${parts.map(
          part => html`
            <button type="button" class="chip" aria-pressed=${part === this.shownPart} @click=${() => this.choose(part)}>
              ${text(part === 'contents' ? 'hexContents' : 'hexEntry')}
            </button>
          `,
        )}
      </div>
    `;
  }

  private renderBytes(read: ElfBytes): TemplateResult {
    const places = placesAt(read, this.cursor);
    const marked = innermostRange(places);
    const rows = Array.from({ length: Math.ceil(this.bytes.length / bytesPerRow) }, (_row, at) => at * bytesPerRow);
    return html`
      <div class="hex-view">
        <div
          class="hex-grid"
          role="grid"
          tabindex="0"
          aria-label=${text('bytesOf', displayText(this.row.cells[0] ?? ''))}
          aria-activedescendant=${byteId(this.cursor)}
          aria-rowcount=${Math.ceil(read.sizeBytes / bytesPerRow)}
          @keydown=${this.onKey}
        >
          ${rows.map(start => this.renderRow(read.offset + start, start, marked))}
        </div>
        ${this.renderPlaces(places)}
      </div>
    `;
  }

  private renderRow(offset: number, start: number, marked: FileRange | undefined): TemplateResult {
    const bytes = [...this.bytes.subarray(start, start + bytesPerRow)];
    const look = (at: number): string =>
      [
        this.looked && holds(this.looked, at) ? 'selected' : '',
        marked && holds(marked, at) ? 'marked' : '',
        at === this.cursor ? 'cursor' : '',
      ].join(' ');
    return html`
      <div class="hex-row" role="row" aria-rowindex=${offset / bytesPerRow + 1}>
        <span class="hex-offset" role="rowheader">${offset.toString(16).padStart(8, '0')}</span>
        ${bytes.map(
          (byte, at) => html`<span
            class="byte ${look(offset + at)}"
            role="gridcell"
            id=${byteId(offset + at)}
            aria-selected=${offset + at === this.cursor}
            @mousedown=${() => this.moveTo(offset + at)}
          >${byte.toString(16).padStart(2, '0')}</span>`,
        )}
        <span class="hex-ascii" role="gridcell">${bytes.map(
          (byte, at) => html`<span class=${look(offset + at)}>${asciiOf(byte)}</span>`,
        )}</span>
      </div>
    `;
  }

  private renderPlaces(places: readonly BytePlace[]): TemplateResult {
    const inner = places.at(-1);
    return html`
      <section class="places" aria-label=${text('structures')}>
        <p class="place-of" role="status">${text('offset', `0x${this.cursor.toString(16)}`)}${inner === undefined ? '' : `: ${placeText(inner)}`}</p>
        <ul>
          ${places.map(
            ({ structure }) => html`
              <li>
                <button type="button" class="place" title=${text('goToStart')} @click=${() => this.moveTo(structure.start)}>
                  <strong>${displayText(structure.name)}</strong> ${displayText(structure.value)}
                  <span class="quiet">0x${structure.start.toString(16)} · ${text('size', structure.length)}</span>
                </button>
              </li>
            `,
          )}
        </ul>
        ${inner === undefined || inner.structure.fields.length === 0 ? nothing : this.renderFields(inner)}
      </section>
    `;
  }

  private renderFields({ structure, field }: BytePlace): TemplateResult {
    return html`
      <table class="fields">
        <caption class="unseen">${displayText(structure.name)}</caption>
        <tbody>
          ${structure.fields.map(
            each => html`
              <tr class=${each === field ? 'current' : ''} aria-current=${each === field ? 'true' : nothing} @click=${() => this.moveTo(each.start)}>
                <th scope="row">${displayText(each.name)}</th>
                <td>${displayText(each.value)}</td>
              </tr>
            `,
          )}
        </tbody>
      </table>
    `;
  }

  private get looked(): FileRange | undefined {
    return (
      this.range && (this.shownPart === 'contents' && this.range.contents ? this.range.contents : this.range.entry)
    );
  }

  private async showRow(): Promise<void> {
    this.failure = undefined;
    this.asked.abort();
    this.asked = new AbortController();
    const { signal } = this.asked;
    try {
      const range = rangeOfText(this.table, this.row) ?? (await this.askRange(signal));
      if (signal.aborted) return;
      this.range = range;
      await this.showPart(this.shownPart);
    } catch (error) {
      if (!signal.aborted) this.failure = sentence(error);
    }
  }

  private askRange(signal: AbortSignal): Promise<ElfRowRange> {
    return host.rowRange({ table: this.table.id, index: this.row.index }, signal);
  }

  private choose(part: HexPart): void {
    this.dispatchEvent(new CustomEvent<HexPart>('part-changed', { detail: part }));
    void this.showPart(part);
  }

  private async showPart(part: HexPart): Promise<void> {
    this.shownPart = part;
    await this.load(this.looked?.offset ?? 0);
  }

  /** Reads the bytes around a place, and puts the cursor there. */
  private async load(offset: number): Promise<void> {
    this.asked.abort();
    this.asked = new AbortController();
    const { signal } = this.asked;
    try {
      const read = await host.bytes({ offset: windowStart(offset), length: windowBytes }, signal);
      // Another state of the file: the page is about to come anew.
      if (signal.aborted || read.version !== this.version) return;
      this.bytes = decodeBytes(read.bytes);
      this.read = read;
      this.cursor = offset;
      this.failure = undefined;
    } catch (error) {
      if (!signal.aborted) this.failure = sentence(error);
    }
  }

  private moveTo(offset: number): void {
    const { read } = this;
    if (read !== undefined && holds({ offset: read.offset, length: this.bytes.length }, offset)) this.cursor = offset;
    else void this.load(offset);
  }

  private onKey(event: KeyboardEvent): void {
    const { read, looked } = this;
    if (read === undefined || looked === undefined) return;
    const target = movedByte(event, this.cursor, looked, read.sizeBytes);
    if (target === undefined) return;
    event.preventDefault();
    this.moveTo(target);
  }
}

/** Rows of the table of strings tell their place themselves. */
function rangeOfText(
  { id, columns }: TableSummary,
  { cells }: ElfRow,
): Pick<ElfRowRange, 'entry' | 'contents'> | undefined {
  if (id !== 'strings') return undefined;
  const cell = (column: string): number => Number(cells[columns.findIndex(each => each.id === column)] ?? 0);
  return { entry: { offset: cell('offset'), length: cell('size') }, contents: null };
}

function placeText({ structure, field }: BytePlace): string {
  const { name, value } = field ?? structure;
  const path = field === undefined ? name : `${structure.name} › ${name}`;
  return displayText(value === '' ? path : `${path} = ${value}`);
}

function byteId(offset: number): string {
  return `byte-${offset}`;
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
