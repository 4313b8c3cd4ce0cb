import { html, nothing, type TemplateResult } from 'lit';
import { displayText } from '../../../language-server/protocol/display-text.ts';
import type { FortifyVerdict, Hardening, HardeningVerdict } from '../../../language-server/protocol/elf.ts';
import type { PageTexts } from '../../../language-server/protocol/elf-editor-texts.ts';
import type { HardeningReport } from '../../../language-server/protocol/hardening.ts';
import { commandLine } from '../command-line.ts';
import { host } from '../host.ts';
import { findingItem } from '../overview-tab.ts';
import { text } from '../texts.ts';
import type { Report } from './report-element.ts';

type Verdict = HardeningVerdict['verdict'];
type Protection = keyof Hardening;

interface ProtectionWords {
  readonly name: keyof PageTexts;
  readonly meaning: keyof PageTexts;
  /** What to do where it is missing: for the compiler or the linker, as it is typed. */
  readonly flags: string;
}

/** Every protection, in the order in which people look for them. */
const protections: Readonly<Record<Protection, ProtectionWords>> = {
  relro: { name: 'relro', meaning: 'relroMeaning', flags: '-Wl,-z,relro -Wl,-z,now' },
  bindNow: { name: 'bindNow', meaning: 'bindNowMeaning', flags: '-Wl,-z,now' },
  canary: { name: 'canary', meaning: 'canaryMeaning', flags: '-fstack-protector-strong' },
  nx: { name: 'nx', meaning: 'nxMeaning', flags: '-Wl,-z,noexecstack' },
  pie: { name: 'pie', meaning: 'pieMeaning', flags: '-fPIE -pie' },
  fortify: { name: 'fortify', meaning: 'fortifyMeaning', flags: '-O2 -D_FORTIFY_SOURCE=3' },
  ibt: { name: 'ibt', meaning: 'ibtMeaning', flags: '-fcf-protection=full -Wl,-z,cet-report=warning' },
  shadowStack: {
    name: 'shadowStack',
    meaning: 'shadowStackMeaning',
    flags: '-fcf-protection=full -Wl,-z,cet-report=warning',
  },
  bti: { name: 'bti', meaning: 'btiMeaning', flags: '-mbranch-protection=standard' },
  pac: { name: 'pac', meaning: 'pacMeaning', flags: '-mbranch-protection=standard' },
  safeRunPath: { name: 'safeRunPath', meaning: 'safeRunPathMeaning', flags: "-Wl,-rpath,'$ORIGIN'" },
  readOnlyCode: { name: 'readOnlyCode', meaning: 'readOnlyCodeMeaning', flags: '-fPIC -Wl,-z,text' },
  writeXorExecute: { name: 'writeXorExecute', meaning: 'writeXorExecuteMeaning', flags: '-Wl,-z,separate-code' },
  stackClash: { name: 'stackClash', meaning: 'stackClashMeaning', flags: '-fstack-clash-protection' },
  cfi: { name: 'cfi', meaning: 'cfiMeaning', flags: 'clang -flto -fvisibility=hidden -fsanitize=cfi' },
  sanitizers: { name: 'sanitizers', meaning: 'sanitizersMeaning', flags: '-fno-sanitize=all' },
};

type Worth = 'good' | 'partly' | 'bad' | 'open' | 'unfit';

const icons: Readonly<Record<Worth, string>> = {
  good: 'pass',
  partly: 'warning',
  bad: 'error',
  open: 'question',
  unfit: 'circle-slash',
};

const words: Readonly<Record<Verdict, keyof PageTexts>> = {
  yes: 'verdictYes',
  no: 'verdictNo',
  full: 'verdictFull',
  partial: 'verdictPartial',
  none: 'verdictNone',
  notApplicable: 'verdictNotApplicable',
  unknown: 'verdictUnknown',
};

/** Which protections the file has, with what shows it and what to do. */
export const hardeningReport: Report<HardeningReport> = { load: host.hardening, show };

function show({ hardening, findings, commands }: HardeningReport): TemplateResult {
  const rows = (Object.keys(protections) as Protection[]).map(id => ({
    id,
    verdict: hardening[id],
    worth: worthOf(id, hardening[id].verdict),
  }));
  const decided = rows.filter(({ worth }) => worth !== 'unfit' && worth !== 'open');
  const good = decided.filter(({ worth }) => worth === 'good');
  return html`
    <h1 class="report-title">${text('protectionsInPlace', good.length, decided.length)}</h1>
    ${findings.length === 0 ? nothing : html`<ul class="findings">${findings.map(findingItem)}</ul>`}
    <table class="verdicts">
      <caption class="unseen">${text('hardening')}</caption>
      <thead>
        <tr>
          <th scope="col">${text('protection')}</th>
          <th scope="col">${text('verdict')}</th>
          <th scope="col">${text('evidence')}</th>
          <th scope="col">${text('whatToDo')}</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(({ id, verdict, worth }) => verdictRow(protections[id], verdict, worth))}
      </tbody>
    </table>
    <h2>${text('sameByCommands')}</h2>
    ${commands.map(commandLine)}
  `;
}

function verdictRow(
  { name, meaning, flags }: ProtectionWords,
  verdict: HardeningVerdict,
  worth: Worth,
): TemplateResult {
  return html`
    <tr class=${worth}>
      <th scope="row">${text(name)}<p class="quiet">${text(meaning)}</p></th>
      <td class="verdict">
        <span class="codicon codicon-${icons[worth]}" aria-hidden="true"></span>${text(words[verdict.verdict])}
      </td>
      <td class="evidence">${displayText(verdict.evidence)}${isFortify(verdict) ? fortifyLists(verdict) : nothing}</td>
      <td>${worth === 'bad' || worth === 'partly' ? html`<code>${flags.split(' ').map(flag => html`<span class="flag">${flag}</span> `)}</code>` : nothing}</td>
    </tr>
  `;
}

function fortifyLists({ checked, unchecked }: FortifyVerdict): TemplateResult {
  const list = (title: keyof PageTexts, names: readonly string[]): TemplateResult | typeof nothing =>
    names.length === 0
      ? nothing
      : html`<details><summary>${text(title, names.length)}</summary><p class="names">${displayText(names.join(', '))}</p></details>`;
  return html`${list('fortifyChecked', checked)}${list('fortifyUnchecked', unchecked)}`;
}

function isFortify(verdict: HardeningVerdict): verdict is FortifyVerdict {
  return 'unchecked' in verdict;
}

/** `yes` is the safe answer, except that sanitizers are for testing; few compilers are asked for control flow integrity. */
function worthOf(id: Protection, verdict: Verdict): Worth {
  if (verdict === 'notApplicable') return 'unfit';
  if (verdict === 'unknown') return 'open';
  if (id === 'sanitizers') return verdict === 'no' ? 'good' : 'partly';
  if (verdict === 'partial') return 'partly';
  return verdict === 'yes' || verdict === 'full' ? 'good' : 'bad';
}
