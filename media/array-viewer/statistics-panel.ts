import { html, type TemplateResult } from 'lit';
import type { ArrayStatistics, Occurrence } from '../../language-server/protocol/numeric.ts';
import { numberText } from '../page-texts.ts';
import { text } from './texts.ts';

/** What the numbers of an array are, and how they are spread. Styles are set as properties: the page's policy lets no attribute. */
export function statisticsPanel(statistics: ArrayStatistics): TemplateResult {
  const { minimum, maximum, mean, variance, standardDeviation, finite, notes } = statistics;
  const facts: readonly (readonly [string, string])[] = [
    [text('finite'), numberText(finite)],
    [text('minimum'), minimum ?? '–'],
    [text('maximum'), maximum ?? '–'],
    [text('mean'), mean ?? '–'],
    [text('variance'), variance ?? '–'],
    [text('deviation'), standardDeviation ?? '–'],
    ...(['nan', 'positiveInfinity', 'negativeInfinity', 'subnormal', 'zero', 'negativeZero'] as const).map(
      kind => [text(kind), occurrenceText(statistics[kind])] as const,
    ),
  ];
  return html`
    <dl class="array-facts">
      ${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}
    </dl>
    ${histogram(statistics)}
    ${notes.map(note => html`<p class="quiet">${note}</p>`)}
  `;
}

function occurrenceText({ count, first }: Occurrence): string {
  return first === null ? '0' : text('firstAt', count, first.join(', '));
}

function histogram({ histogram: { from, to, counts } }: ArrayStatistics): TemplateResult {
  if (from === null || to === null || counts.length === 0) return html``;
  const [low, high] = [Number(from), Number(to)];
  const most = Math.max(...counts, 1);
  const edge = (index: number): string => (low + ((high - low) * index) / counts.length).toPrecision(4);
  return html`
    <h2>${text('histogram')}</h2>
    <ul class="histogram" aria-label=${text('histogram')}>
      ${counts.map((count, index) => {
        const label = text('histogramBar', edge(index), edge(index + 1), count);
        return html`<li title=${label}>
          <span class="unseen">${label}</span>
          <span class="histogram-bar" aria-hidden="true" .style=${`height: ${(100 * count) / most}%`}></span>
        </li>`;
      })}
    </ul>
    <p class="histogram-ends code" aria-hidden="true"><span>${from}</span><span>${to}</span></p>
  `;
}
