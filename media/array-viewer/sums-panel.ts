import { html, nothing, type TemplateResult } from 'lit';
import { displayText } from '../../language-server/protocol/display-text.ts';
import type { SumReport, VarianceReport } from '../../language-server/protocol/numeric.ts';
import { copyableCommand } from '../copyable-command.ts';
import { host } from './host.ts';
import { reportTable, shortNumber } from './report-table.ts';
import { text } from './texts.ts';

/** The sum and the variance in each way, with the error of each. */
export function sumsPanel(sum: SumReport, variance: VarianceReport): TemplateResult {
  return html`
    <h2>${text('exactSum', sum.exact)}</h2>
    ${sum.condition === null ? nothing : html`<p class="quiet">${text('condition', shortNumber(sum.condition))}</p>`}
    ${reportTable(
      text('sum'),
      [text('algorithm'), text('accumulator'), text('sum'), text('errorUlp'), text('relativeError'), text('time')],
      sum.results.map(({ algorithm, accumulator, value, errorUlp, relativeError, milliseconds }) => [
        algorithm,
        accumulator,
        value,
        shortNumber(errorUlp),
        shortNumber(relativeError),
        milliseconds.toFixed(1),
      ]),
      2,
    )}
    ${sum.notes.map(note => html`<p class="quiet">${displayText(note)}</p>`)}
    ${command(sum.evidence.command)}
    <h2>${text('exactVariance', variance.exact, variance.mean)}</h2>
    ${reportTable(
      text('variance'),
      [text('algorithm'), text('accumulator'), text('variance'), text('errorUlp'), text('relativeError')],
      variance.results.map(({ algorithm, accumulator, value, errorUlp, relativeError }) => [
        algorithm,
        accumulator,
        value,
        shortNumber(errorUlp),
        shortNumber(relativeError),
      ]),
      2,
    )}
    ${brokenList(variance)}
    ${command(variance.evidence.command)}
    <p class="quiet">${text('ulpHint')}</p>
  `;
}

function brokenList({ results }: VarianceReport): TemplateResult | typeof nothing {
  const broken = results.filter(result => result.broken !== null);
  if (broken.length === 0) return nothing;
  return html`
    <h3>${text('broken')}</h3>
    <ul class="array-broken">
      ${broken.map(result => html`<li>${result.algorithm}, ${result.accumulator}: ${displayText(result.broken ?? '')}</li>`)}
    </ul>
  `;
}

function command(shown: string | undefined): TemplateResult | typeof nothing {
  const words = { copyCommand: text('copyCommand'), copied: text('copied') };
  return shown === undefined ? nothing : copyableCommand(shown, words, host.copy);
}
