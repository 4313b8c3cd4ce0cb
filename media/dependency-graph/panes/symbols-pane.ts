import { html, nothing, type TemplateResult } from 'lit';
import { displayText } from '../../../language-server/protocol/display-text.ts';
import type { LoaderSymbols } from '../../../language-server/protocol/loader-symbols.ts';
import { numberText } from '../../page-texts.ts';
import { shownName } from '../page-model.ts';
import { text } from '../texts.ts';

export type SymbolsState = LoaderSymbols | 'working' | { readonly failure: string };

/** What `ldd -r` and `ldd -u` would say, by the loader's own look-ups. */
export function symbolsPane(symbols: SymbolsState, commandLine: (command: string) => TemplateResult): TemplateResult {
  const title = html`<h2 class="details-title">${text('symbolsTitle')}</h2>`;
  if (symbols === 'working') return html`${title}<p role="status">${text('working')}</p>`;
  if ('failure' in symbols) return html`${title}<p role="alert">${displayText(symbols.failure)}</p>`;
  return html`
    ${title}
    <p class="quiet" role="status">${text('symbolsRead', symbols.references, symbols.objects)}</p>
    ${undefinedSymbols(symbols)}
    <h3>${text('unusedNeeds')}</h3>
    ${
      symbols.unused.length === 0
        ? html`<p class="quiet">${text('noUnusedNeeds')}</p>`
        : html`<ul class="edge-list">${symbols.unused.map(({ name, object }) => html`<li>${displayText(name)} <span class="quiet">${displayText(object)}</span></li>`)}</ul>`
    }
    <h3>${text('sameByCommands')}</h3>
    ${symbols.commands.map(commandLine)}
  `;
}

function undefinedSymbols({ undefined: missing, undefinedTotal }: LoaderSymbols): TemplateResult {
  if (undefinedTotal === 0)
    return html`<h3>${text('undefinedSymbols')}</h3><p class="quiet">${text('noUndefinedSymbols')}</p>`;
  return html`
    <h3>${text('undefinedSymbols')} <span class="quiet">${numberText(undefinedTotal)}</span></h3>
    <table class="tried">
      <thead><tr><th scope="col">${text('symbol')}</th><th scope="col">${text('neededIn')}</th><th scope="col">${text('message')}</th></tr></thead>
      <tbody>
        ${missing.map(({ name, object, message }) => html`<tr><td><code>${displayText(name)}</code></td><td title=${displayText(object)}>${shownName(object)}</td><td>${displayText(message)}</td></tr>`)}
      </tbody>
    </table>
    ${undefinedTotal > missing.length ? html`<p class="quiet">${text('andMore', undefinedTotal - missing.length)}</p>` : nothing}
  `;
}
