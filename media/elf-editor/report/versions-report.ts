import { html, nothing, type TemplateResult } from 'lit';
import { displayText } from '../../../language-server/protocol/display-text.ts';
import type { PlatformVerdict, VersionFloor } from '../../../language-server/protocol/elf.ts';
import type { VersionRemedy, VersionsReport } from '../../../language-server/protocol/versions.ts';
import { commandLine } from '../command-line.ts';
import { host } from '../host.ts';
import { text } from '../texts.ts';
import type { Report } from './report-element.ts';

/** Those of the libraries that every system has, in one version only. */
const leadingFamilies: readonly string[] = ['GLIBC', 'MUSL', 'GLIBCXX', 'CXXABI'];
/** Names beyond these are shown on demand. */
const shownSymbols = 6;

/** Which versions the file needs, which symbols force them, and who has them. */
export const versionsReport: Report<VersionsReport> = { load: host.versions, show };

function show(report: VersionsReport): TemplateResult {
  const floors = Object.entries(report.floors);
  return html`
    <h1 class="report-title">${headline(report)}</h1>
    ${floors.length === 0 ? nothing : floorsTable(floors)}
    ${report.platforms.length === 0 ? nothing : platformsTable(report)}
    ${report.remedies.length === 0 ? nothing : html`<h2>${text('remedies')}</h2>${report.remedies.map(remedyItem)}`}
    ${report.needs.length === 0 ? nothing : needsTable(report)}
    <h2>${text('sameByCommands')}</h2>
    ${commandLine(report.command)}
  `;
}

function headline({ floors, libc }: VersionsReport): string {
  const all = Object.entries(floors);
  const leading = all.filter(([family]) => leadingFamilies.includes(family));
  const needs = (leading.length > 0 ? leading : all).map(([family, { version }]) => `${family} ${version}`);
  if (needs.length > 0) return text('needsAtLeast', displayText(needs.join(', ')));
  return libc === 'none' ? text('needsNoLibrary') : text('needsNoVersion');
}

function floorsTable(floors: readonly (readonly [string, VersionFloor])[]): TemplateResult {
  return html`
    <h2 id="floors-title">${text('newestNeeded')}</h2>
    <table aria-labelledby="floors-title">
      <thead>
        <tr><th scope="col">${text('versionFamily')}</th><th scope="col">${text('version')}</th><th scope="col">${text('forcedBy')}</th></tr>
      </thead>
      <tbody>
        ${floors.map(
          ([family, { version, symbols }]) => html`
            <tr><th scope="row">${displayText(family)}</th><td class="floor">${displayText(version)}</td><td>${symbolList(symbols)}</td></tr>
          `,
        )}
      </tbody>
    </table>
  `;
}

function platformsTable({ platforms, dataDate }: VersionsReport): TemplateResult {
  return html`
    <h2 id="platforms-title">${text('oldestSystems')}</h2>
    <table aria-labelledby="platforms-title">
      <thead>
        <tr><th scope="col">${text('system')}</th><th scope="col">${text('oldestRelease')}</th><th scope="col">${text('why')}</th></tr>
      </thead>
      <tbody>${platforms.map(platformRow)}</tbody>
    </table>
    <p class="quiet">${text('dataOf', dataDate)}</p>
  `;
}

function platformRow(platform: PlatformVerdict): TemplateResult {
  const { family, kind, oldest } = platform;
  const runs = kind === 'runs' && oldest !== null;
  return html`
    <tr class=${runs ? 'good' : kind === 'tooNew' ? 'bad' : 'unfit'}>
      <th scope="row">${displayText(family)}</th>
      <td class="verdict">
        <span class="codicon codicon-${runs ? 'pass' : kind === 'tooNew' ? 'error' : 'circle-slash'}" aria-hidden="true"></span>
        ${runs ? releaseText(oldest) : text(notThere(kind))}
      </td>
      <td>${reasonText(platform)}</td>
    </tr>
  `;
}

function releaseText({ name, released }: NonNullable<PlatformVerdict['oldest']>): string {
  return released === null ? displayText(name) : `${displayText(name)} · ${released}`;
}

function notThere(kind: PlatformVerdict['kind']): 'tooNew' | 'otherMachine' | 'otherLibc' {
  return kind === 'otherMachine' || kind === 'otherLibc' ? kind : 'tooNew';
}

function reasonText({ kind, reasons, bundle }: PlatformVerdict): string {
  const lacks = reasons.map(({ family, needs, has }) =>
    has === null ? text('hasNone', family, needs) : text('hasOnly', family, needs, has),
  );
  const before =
    lacks.length === 0 ? [] : [`${text(kind === 'runs' ? 'releaseBefore' : 'newestRelease')} ${lacks.join('; ')}`];
  const nothingOlder = kind === 'runs' && lacks.length === 0 ? [text('oldestKnown')] : [];
  const bundled = bundle.length === 0 ? [] : [text('mustBundle', displayText(bundle.join(', ')))];
  return [...before, ...nothingOlder, ...bundled].join(' ');
}

function remedyItem({ title, text: why, example }: VersionRemedy): TemplateResult {
  return html`
    <section class="remedy">
      <h3>${title}</h3>
      <p class="why">${why}</p>
      <div class="command example">
        <code>${example}</code>
        <button type="button" class="icon-button codicon codicon-copy" title=${text('copyExample')} aria-label="${text('copyExample')}: ${title}" @click=${() => void host.copy(example)}></button>
      </div>
    </section>
  `;
}

function needsTable({ needs }: VersionsReport): TemplateResult {
  return html`
    <h2 id="needs-title">${text('allNeeded')}</h2>
    <table aria-labelledby="needs-title">
      <thead>
        <tr><th scope="col">${text('provider')}</th><th scope="col">${text('version')}</th><th scope="col">${text('symbolsWithIt')}</th></tr>
      </thead>
      <tbody>
        ${needs.map(
          ({ provider, version, symbols }) => html`
            <tr><th scope="row">${displayText(provider)}</th><td>${displayText(version)}</td><td>${symbolList(symbols)}</td></tr>
          `,
        )}
      </tbody>
    </table>
  `;
}

function symbolList(symbols: readonly string[]): TemplateResult {
  const first = displayText(symbols.slice(0, shownSymbols).join(', '));
  if (symbols.length <= shownSymbols) return html`<span class="names">${first}</span>`;
  return html`
    <details>
      <summary><span class="names">${first}</span> ${text('andMore', symbols.length - shownSymbols)}</summary>
      <p class="names">${displayText(symbols.slice(shownSymbols).join(', '))}</p>
    </details>
  `;
}
