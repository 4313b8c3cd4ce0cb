import { displayText } from '../../language-server/protocol/display-text.ts';
import type {
  CudaReport,
  EnvironmentReport,
  PathEntry,
  VariableEffect,
  VariableReport,
} from '../../language-server/protocol/environment.ts';

/** As `vscode.l10n.t`; a parameter, so that the document can be made outside VS Code. */
export type Translate = (text: string, ...args: string[]) => string;

/** The report as Markdown: what is wrong first, then each variable, then CUDA and how to do without. */
export function environmentMarkdown(report: EnvironmentReport, t: Translate): string {
  const { file, variables, cuda, findings } = report;
  return [
    `# ${file === null ? t('Loader environment') : t('Loader environment of {0}', escaped(file))}`,
    '',
    t('These are the variables of the language server, on the machine where it runs. A terminal may have others.'),
    '',
    ...(findings.length === 0
      ? [t('Nothing is wrong with them.')]
      : findings.map(({ severity, message, code }) => `- **${severity}** ${escaped(message)} (${code})`)),
    '',
    `## ${t('Variables')}`,
    '',
    ...(variables.length === 0 ? [t('None is set that a loader, the C library, Python or CUDA looks at.')] : []),
    ...variables.flatMap(variable => variableLines(variable, t)),
    '## CUDA',
    '',
    ...cudaLines(cuda, t),
    '',
  ].join('\n');
}

function variableLines(
  { name, value, meaning, effect, effectText, entries }: VariableReport,
  t: Translate,
): readonly string[] {
  return [
    `### ${escaped(name)}`,
    '',
    `${code(`${name}=${value}`)}`,
    '',
    `${escaped(meaning)}. **${effectTitle(effect, t)}** ${escaped(effectText)}`,
    '',
    ...(entries.length === 0 ? [] : [...entries.flatMap(entry => entryLines(entry, t)), '']),
  ];
}

function effectTitle(effect: VariableEffect, t: Translate): string {
  switch (effect) {
    case 'used':
      return t('In use.');
    case 'unused':
      return t('Without effect here.');
    case 'ignored':
      return t('Ignored.');
    case 'dangerous':
      return t('Dangerous.');
  }
}

function entryLines({ number, written, path, state, objects, notes }: PathEntry, t: Translate): readonly string[] {
  const name = written === '' ? `${t('(empty)')} ${code(path)}` : code(written);
  return [
    `${number}. ${name}${state === 'found' ? '' : ` **${stateText(state, t)}**`}`,
    ...notes.map(note => `   - ${escaped(note)}`),
    ...objects.map(({ path: object, insteadOf }) => {
      const other = insteadOf === null || insteadOf === object ? '' : ` ${t('instead of {0}', code(insteadOf))}`;
      return `   - ${code(object)}${other}`;
    }),
  ];
}

function stateText(state: Exclude<PathEntry['state'], 'found'>, t: Translate): string {
  switch (state) {
    case 'missing':
      return t('is not there');
    case 'other-kind':
      return t('is of another kind');
    case 'unreadable':
      return t('may not be read');
  }
}

function cudaLines({ state, summary, parts, without }: CudaReport, t: Translate): readonly string[] {
  const table =
    parts.length === 0
      ? []
      : [
          '',
          `| ${t('Part')} | ${t('Version')} | ${t('Path')} |`,
          '| --- | --- | --- |',
          ...parts.map(({ kind, version, path }) => `| ${kind} | ${escaped(version ?? '')} | ${code(path)} |`),
        ];
  const ways =
    state === 'whole'
      ? []
      : [
          '',
          `### ${t('Without CUDA')}`,
          ...without.flatMap(({ applies, command }) => [
            '',
            escaped(applies),
            '',
            '```sh',
            displayText(command),
            '```',
          ]),
        ];
  return [escaped(summary), ...table, ...ways];
}

function escaped(text: string): string {
  return displayText(text).replace(/[\\`*_[\]<>#|]/gu, '\\$&');
}

function code(text: string): string {
  const shown = displayText(text).replaceAll('|', '\\|');
  const fence = shown.includes('`') ? '``' : '`';
  return `${fence}${shown}${fence}`;
}
