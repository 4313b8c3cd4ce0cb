import { html, type TemplateResult } from 'lit';
import type { TableColumn, TableSummary } from '../../../language-server/protocol/elf.ts';
import { text } from '../texts.ts';

/** A button that opens something below it; Escape closes it again. */
function menu(icon: string, title: string, content: TemplateResult): TemplateResult {
  return html`
    <details class="menu" @keydown=${closeOnEscape} @focusout=${closeOnLeave}>
      <summary class="icon-button codicon codicon-${icon}" title=${title} aria-label=${title}></summary>
      <div class="menu-content">${content}</div>
    </details>
  `;
}

/** The language of filters, in examples that fit the table. */
export function filterHelp({ columns }: TableSummary): TemplateResult {
  const name = columns.find(({ kind }) => kind === 'name')?.id ?? columns[0]?.id ?? '';
  const other = columns.find(({ kind }) => kind === 'text')?.id ?? name;
  const size = columns.find(({ kind }) => kind === 'size' || kind === 'number')?.id ?? name;
  const examples: readonly (readonly [string, string])[] = [
    ['alloc', text('filterHelpWord')],
    [`${name}~alloc`, text('filterHelpContains')],
    [`${other}:value`, text('filterHelpEquals')],
    [`${size}:>4k`, text('filterHelpNumbers')],
    [`${size}:0x10..0x200`, text('filterHelpRange')],
    [`-${name}~test`, text('filterHelpNot')],
    [`${name}:"a b"`, text('filterHelpQuotes')],
  ];
  return menu(
    'question',
    text('filterHelp'),
    html`
      <dl class="examples">
        ${examples.map(([example, meaning]) => html`<div><dt><code>${example}</code></dt><dd>${meaning}</dd></div>`)}
      </dl>
      <p>${text('filterHelpAll', columns.map(({ id }) => id).join(', '))}</p>
    `,
  );
}

/** Which columns are shown. At least one stays. */
export function columnChoice(
  columns: readonly TableColumn[],
  hidden: readonly string[],
  choose: (hidden: readonly string[]) => void,
): TemplateResult {
  const toggle = (id: string, shown: boolean): void =>
    choose(shown ? hidden.filter(other => other !== id) : [...hidden, id]);
  return menu(
    'list-selection',
    text('columns'),
    html`
      <fieldset>
        <legend>${text('columns')}</legend>
        ${columns.map(
          ({ id, title }) => html`
            <label>
              <input
                type="checkbox"
                .checked=${!hidden.includes(id)}
                ?disabled=${!hidden.includes(id) && hidden.length === columns.length - 1}
                @change=${(event: Event) => toggle(id, (event.target as HTMLInputElement).checked)}
              />
              ${title}
            </label>
          `,
        )}
      </fieldset>
    `,
  );
}

function closeOnEscape(event: KeyboardEvent): void {
  const details = event.currentTarget;
  if (event.key !== 'Escape' || !(details instanceof HTMLDetailsElement) || !details.open) return;
  details.open = false;
  details.querySelector('summary')?.focus();
  event.preventDefault();
}

function closeOnLeave(event: FocusEvent): void {
  const details = event.currentTarget;
  if (!(details instanceof HTMLDetailsElement) || !(event.relatedTarget instanceof Node)) return;
  if (!details.contains(event.relatedTarget)) details.open = false;
}
