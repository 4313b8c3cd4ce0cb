import { html, type TemplateResult } from 'lit';

/** A table of few rows: heads, and texts of which those after the first `left` are set to the right. */
export function reportTable(
  label: string,
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  left: number,
): TemplateResult {
  return html`
    <table class="array-report" aria-label=${label}>
      <thead>
        <tr>${heads.map((head, column) => html`<th scope="col" class=${column < left ? '' : 'right'}>${head}</th>`)}</tr>
      </thead>
      <tbody>
        ${rows.map(
          row => html`<tr>
            ${row.map((cell, column) =>
              column === 0
                ? html`<th scope="row">${cell}</th>`
                : html`<td class=${column < left ? '' : 'right'}>${cell}</td>`,
            )}
          </tr>`,
        )}
      </tbody>
    </table>
  `;
}

/** Three digits tell how large an error is. */
export function shortNumber(value: number | null): string {
  if (value === null) return '–';
  return value === 0 ? '0' : value.toPrecision(3);
}
