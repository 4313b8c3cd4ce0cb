import { html, nothing, type TemplateResult } from 'lit';
import { displayText } from '../../language-server/protocol/display-text.ts';
import { type SweepPicture, verdictOrder } from '../../language-server/protocol/fault-picture.ts';
import type { StackFrame } from '../../language-server/protocol/faults.ts';
import { rangesText } from '../../language-server/protocol/number-ranges.ts';
import { numberText } from '../page-texts.ts';
import { isBug } from './points.ts';
import { text, verdictText } from './texts.ts';

const mostRanges = 12;

export interface DetailsParts {
  readonly sweep: SweepPicture;
  /** Place in the sweep's columns; -1: none. */
  readonly row: number;
  readonly open: (frame: StackFrame) => void;
  readonly act: (action: 'run' | 'debug' | 'copyCommand') => void;
}

/** What happened at one run: the sentence, both stacks with their sources, and what can be done with it. */
export function detailsPane({ sweep, row, open, act }: DetailsParts): TemplateResult {
  const n = sweep.n[row];
  if (n === undefined) return html`<p class="quiet">${text('nothingChosen')}</p>`;
  const verdict = sweep.verdict[row] ?? 0;
  const group = sweep.groups[sweep.group[row] ?? -1];
  const injected = sweep.stacks[sweep.stack[row] ?? -1] ?? group?.injectedStack ?? [];
  return html`
    <h2 class="details-title">${text('pointOf', n)}</h2>
    <p>${verdictText(verdictOrder[verdict] ?? 'notReached')}</p>
    ${group === undefined ? nothing : html`<p>${displayText(group.message)}</p><p class="quiet">${text('bug', rangesText(group.ns, mostRanges, numberText))}</p>`}
    <div class="details-actions">
      <button type="button" class="chip" @click=${() => act('run')}>${text('runPoint')}</button>
      ${isBug(verdict) ? html`<button type="button" class="chip" @click=${() => act('debug')}>${text('debugPoint')}</button>` : nothing}
      ${group === undefined ? nothing : html`<button type="button" class="chip" @click=${() => act('copyCommand')}>${text('copyCommand')}</button>`}
    </div>
    ${group === undefined || group.crashStack.length === 0 ? nothing : stack(text('crashStack'), group.crashStack, open)}
    ${injected.length === 0 ? html`<p class="quiet">${text('noStack')}</p>` : stack(text('injectedStack'), injected, open)}
  `;
}

function stack(title: string, frames: readonly StackFrame[], open: (frame: StackFrame) => void): TemplateResult {
  return html`
    <h3>${title}</h3>
    <ol class="stack">
      ${frames.map(frame => html`<li>${frameParts(frame, open)}</li>`)}
    </ol>
  `;
}

function frameParts(frame: StackFrame, open: (frame: StackFrame) => void): TemplateResult {
  const module = frame.module.slice(frame.module.lastIndexOf('/') + 1);
  const name = displayText(frame.function ?? `${module}+${frame.offset}`);
  if (frame.file === null || frame.line === null) {
    return html`<span class="name">${name}</span>${frame.function === null ? nothing : html` <span class="quiet">${displayText(module)}</span>`}`;
  }
  const place = displayText(`${frame.file.slice(frame.file.lastIndexOf('/') + 1)}:${frame.line}`);
  const source = frame.source?.trim() ?? '';
  return html`
    <span class="name">${name}</span>
    <button type="button" class="link" title="${text('openSource')}: ${displayText(frame.file)}:${frame.line}" @click=${() => open(frame)}>${place}</button>
    ${source === '' ? nothing : html`<code class="source">${displayText(source)}</code>`}
  `;
}
