import { namesIn } from '../native/folder-names.ts';
import { displayText } from '../protocol/display-text.ts';
import type { PathEntry, VariableReport } from '../protocol/environment.ts';
import type { Finding } from '../protocol/finding.ts';
import { readTunables } from './tunables.ts';
import type { ReportContext } from './variable-report.ts';

/** What is wrong with the variables, in their order. */
export function variableFindings(
  reports: readonly VariableReport[],
  context: ReportContext,
  command: string,
): readonly Finding[] {
  return reports
    .flatMap(report => [
      ...report.entries.flatMap(entry => entryFindings(report, entry)),
      ...ownFindings(report, context),
    ])
    .map(finding => ({ ...finding, evidence: { command, ...finding.evidence } }));
}

function entryFindings({ name, family }: VariableReport, entry: PathEntry): readonly Finding[] {
  const which = `${name}, element ${entry.number} (${displayText(entry.written) || 'empty'})`;
  const findings: Finding[] = [];
  const isSearched = family !== 'cuda';
  if (entry.state !== 'found' && isSearched) {
    const why = {
      missing: 'there is no such thing',
      'other-kind': 'it is of another kind',
      unreadable: 'it may not be read',
      found: '',
    }[entry.state];
    const severity = name === 'LD_PRELOAD' ? 'warning' : 'information';
    findings.push({ code: 'environment/dead-entry', severity, message: `${which} leads nowhere: ${why}.` });
  }
  for (const note of entry.notes.filter(text => !text.startsWith('the loader goes on'))) {
    const code = note.startsWith('an empty')
      ? 'environment/empty-entry'
      : note.startsWith('anybody')
        ? 'environment/writable-entry'
        : 'environment/relative-entry';
    findings.push({ code, severity: 'warning', message: `${which}: ${note}.` });
  }
  for (const { path, insteadOf } of entry.objects) {
    if (insteadOf === null || insteadOf === path || !isSystem(insteadOf)) continue;
    const message = `${which} puts ${displayText(path)} in the place of the system's ${displayText(insteadOf)}, also for every other program that is started with it.`;
    findings.push({ code: 'environment/shadowed-library', severity: 'warning', message });
  }
  return findings;
}

function isSystem(path: string): boolean {
  return /\/(?:usr\/)?lib(?:64|32|x32)?\/(?:[\w-]+-linux-[\w-]+\/)?[^/]+$/u.test(path);
}

function ownFindings(
  { name, value, effect, effectText, entries }: VariableReport,
  { files, cwd }: ReportContext,
): readonly Finding[] {
  const findings: Finding[] = [];
  if (effect === 'dangerous')
    findings.push({
      code: 'environment/dangerous-variable',
      severity: 'warning',
      message: `${name} is set. ${effectText}`,
    });
  if (effect === 'ignored' && effectText.startsWith('It is set in vain')) {
    findings.push({ code: 'environment/ignored-variable', severity: 'information', message: `${name}: ${effectText}` });
  }
  if (name === 'GLIBC_TUNABLES') {
    for (const { name: tunable, problem } of readTunables(value)) {
      if (problem !== null)
        findings.push({
          code: 'environment/unknown-tunable',
          severity: 'warning',
          message: `GLIBC_TUNABLES, ${displayText(tunable)}: ${problem}.`,
        });
    }
  }
  const [home] = entries;
  if (name === 'PYTHONHOME' && home !== undefined) {
    const libraries = ['lib', 'lib64'].flatMap(folder =>
      namesIn(`${home.path}/${folder}`).filter(entry => /^python\d\.\d+$/u.test(entry)),
    );
    const isComplete = libraries.some(
      entry => files.status(`${value.startsWith('/') ? value : `${cwd}/${value}`}/lib/${entry}/os.py`).kind === 'file',
    );
    if (!isComplete) {
      findings.push({
        code: 'environment/python-home',
        severity: 'error',
        message: `PYTHONHOME is ${displayText(value)}, where no standard library of Python is: every Python that is started with it ends with "No module named 'encodings'".`,
      });
    }
  }
  return findings;
}
