import { html, type TemplateResult } from 'lit';
import { displayText } from '../../../language-server/protocol/display-text.ts';
import type { StringsRequest } from '../../../language-server/protocol/elf.ts';
import { host } from '../host.ts';
import { text } from '../texts.ts';

const mostSections = 1000;
/** Place of the column in the table of sections. */
const nameOfSection = 1;
const usualMinimum = 4;
const longestMinimum = 1000;

/** Names of the sections that a file has bytes of. */
export async function sectionsWithContents(version: string): Promise<readonly string[]> {
  const query = { table: 'sections', start: 0, count: mostSections, filter: '-type:NOBITS size:>0' };
  const answer = await host.rows(query, new AbortController().signal);
  // Of another version of the file, which is about to be shown anew.
  if (answer.version !== version) return [];
  return [...new Set(answer.rows.map(({ cells }) => cells[nameOfSection] ?? ''))].filter(name => name !== '');
}

/**
 * Which texts the table of strings has: those of a section or of the whole file, how long they are at least, and what counts as
 * text.
 * @param sections Names of sections with contents.
 */
export function stringsOptions(
  request: StringsRequest,
  sections: readonly string[],
  choose: (request: StringsRequest) => void,
): TemplateResult {
  const { section = '', minimumLength = usualMinimum, encoding = 'ascii' } = request;
  const change = (part: StringsRequest): void => {
    const { section: chosen = '', ...others } = { section, minimumLength, encoding, ...part };
    choose({ ...others, ...(chosen !== '' && { section: chosen }) });
  };
  const onLength = (event: Event): void => {
    const field = event.target as HTMLInputElement;
    const value = Math.round(field.valueAsNumber);
    // What is no length stays what it was.
    if (value >= 1 && value <= longestMinimum) change({ minimumLength: value });
    else field.value = String(minimumLength);
  };
  const chosenIn = (event: Event): string => (event.target as HTMLSelectElement).value;
  // A section that a build took away is still what is asked for.
  const names = section === '' || sections.includes(section) ? sections : [section, ...sections];
  return html`
    <div class="options" role="group" aria-label=${text('stringsOptions')}>
      <label for="strings-section">${text('stringsSection')}</label>
      <select id="strings-section" @change=${(event: Event) => change({ section: chosenIn(event) })}>
        <option value="" .selected=${section === ''}>${text('wholeFile')}</option>
        ${names.map(name => html`<option value=${name} .selected=${name === section}>${displayText(name)}</option>`)}
      </select>
      <label for="strings-minimum">${text('stringsMinimum')}</label>
      <input id="strings-minimum" type="number" min="1" max=${longestMinimum} .value=${String(minimumLength)} @change=${onLength} />
      <label for="strings-encoding">${text('stringsEncoding')}</label>
      <select id="strings-encoding" @change=${(event: Event) => change({ encoding: chosenIn(event) === 'utf-8' ? 'utf-8' : 'ascii' })}>
        <option value="ascii" .selected=${encoding === 'ascii'}>ASCII</option>
        <option value="utf-8" .selected=${encoding === 'utf-8'}>UTF-8</option>
      </select>
    </div>
  `;
}
