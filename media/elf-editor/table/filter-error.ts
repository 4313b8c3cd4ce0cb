import { html, type TemplateResult } from 'lit';
import { displayText } from '../../../language-server/protocol/display-text.ts';
import type { FilterError } from '../../../language-server/protocol/elf.ts';
import { text } from '../texts.ts';

/** What is wrong with a filter, below it, with the place marked in what was typed. */
export function filterErrorNotice(filter: string, { message, start, end }: FilterError): TemplateResult {
  // At the end of the filter something is missing: a mark needs a width.
  const marked = filter.slice(start, Math.max(end, start + 1)) || '␣';
  return html`
    <div class="filter-error" role="alert">
      <span class="codicon codicon-error" aria-hidden="true"></span>
      <span>${text('filterErrorAt', start + 1, displayText(message))}</span>
      <code aria-hidden="true">${displayText(filter.slice(0, start))}<mark>${displayText(marked)}</mark>${displayText(filter.slice(Math.max(end, start + 1)))}</code>
    </div>
  `;
}

/** The input itself is in the field's shadow tree, where no id of the page reaches: it is told directly. */
export function markInvalid(field: HTMLElement | null, error: FilterError | undefined): void {
  const input = field?.shadowRoot?.querySelector('input');
  if (input === null || input === undefined) return;
  input.ariaInvalid = error === undefined ? 'false' : 'true';
  input.ariaDescription = error === undefined ? null : error.message;
}
