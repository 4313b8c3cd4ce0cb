import { html, nothing, type TemplateResult } from 'lit';
import type { TableSummary } from '../../../language-server/protocol/elf.ts';
import { text } from '../texts.ts';

/** The parts of a table that people ask for by name. */
export function viewChips(
  { views = [] }: TableSummary,
  selected: string,
  select: (id: string) => void,
): TemplateResult | typeof nothing {
  if (views.length === 0) return nothing;
  return html`
    <div class="chips" role="group" aria-label=${text('views')}>
      ${[{ id: '', title: text('allRows'), filter: '' }, ...views].map(
        ({ id, title, filter }) => html`
          <button type="button" class="chip" aria-pressed=${id === selected} title=${filter || title} @click=${() => select(id)}>
            ${title}
          </button>
        `,
      )}
    </div>
  `;
}

/** Shows the names of symbols as they are in the source. */
export function demangleChip(
  { symbolColumn }: TableSummary,
  isOn: boolean,
  set: (isOn: boolean) => void,
): TemplateResult | typeof nothing {
  if (symbolColumn === undefined) return nothing;
  return html`
    <button type="button" class="chip" aria-pressed=${isOn} title=${text('demangleHint')} @click=${() => set(!isOn)}>${text('demangle')}</button>
  `;
}
