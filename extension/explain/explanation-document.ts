import { displayText } from '../../language-server/protocol/display-text.ts';
import type { Explanation, Explanations, NamedFile } from '../../language-server/protocol/explain.ts';

/** As `vscode.l10n.t`; a parameter, so that the document can be made outside VS Code. */
export type Translate = (text: string, ...args: string[]) => string;

/** What can be done at a line of the document. */
export interface LineAction {
  /** From 0. */
  readonly line: number;
  readonly title: string;
  readonly action:
    | { readonly kind: 'copy' | 'terminal'; readonly text: string }
    | { readonly kind: 'inspect' | 'tree'; readonly path: string };
}

export interface ExplanationDocument {
  /** Markdown. */
  readonly text: string;
  readonly actions: readonly LineAction[];
}

/** The explanations as a document that is read from top to bottom: what it means, whether it still holds, what to do. */
export function explanationDocument({ explanations }: Explanations, t: Translate): ExplanationDocument {
  const lines: string[] = [];
  const actions: LineAction[] = [];
  if (explanations.length === 0) {
    lines.push(t('The text holds no error of the loader, of an import or of the link editor that is known here.'), '');
  }
  for (const explanation of explanations) writeExplanation({ lines, actions, t }, explanation);
  return { text: `${lines.join('\n')}\n`, actions };
}

/** The document as it grows. */
interface Page {
  readonly lines: string[];
  readonly actions: LineAction[];
  readonly t: Translate;
}

function writeExplanation(page: Page, explanation: Explanation): void {
  const { title, message, summary, facts, state, spans } = explanation;
  const { lines, t } = page;
  const times = spans.length > 1 ? ` (${t('{0} times', String(spans.length))})` : '';
  lines.push(`# ${escaped(title)}`, '', `> ${escaped(message)}${times}`, '', escaped(summary), '');
  lines.push(`**${stateTitle(explanation, t)}** ${escaped(state.text)}`, '');
  writeFiles(page, explanation);
  writeSymbol(page, explanation);
  if (facts.length > 0) lines.push('', `## ${t('What the files say')}`, '', ...facts.map(fact => `- ${escaped(fact)}`));
  writeRemedies(page, explanation);
  writeEvidence(page, explanation);
  lines.push('');
}

/** Each file once with what can be done with it. */
function writeFiles({ lines, actions, t }: Page, { object, requiredBy, program, provider }: Explanation): void {
  const files: readonly (readonly [label: string, file: NamedFile | null])[] = [
    [t('Object'), object],
    [t('Needed by'), requiredBy],
    [t('Program'), program],
    [t('Provider'), provider],
  ];
  const shown = new Set<string>();
  for (const [label, file] of files) {
    if (file === null) continue;
    if (file.path !== null && !shown.has(file.path)) actions.push(...fileActions(lines.length, file.path, t));
    if (file.path !== null) shown.add(file.path);
    const how = file === provider && provider.how !== null ? ` (${escaped(provider.how)})` : '';
    lines.push(`- ${label}: ${code(file.path ?? file.name)}${file.path === null ? ` (${t('not found')})` : ''}${how}`);
  }
}

function writeSymbol({ lines, t }: Page, { symbol, provider }: Explanation): void {
  if (symbol !== null) {
    const version = symbol.version === null ? '' : ` ${code(symbol.version)}`;
    lines.push(`- ${t('Symbol')}: ${code(symbol.demangled ?? symbol.name)}${version}`);
    if (symbol.demangled !== null) lines.push(`- ${t('Mangled')}: ${code(symbol.name)}`);
  }
  if (provider !== null && provider.offers.length > 0) {
    lines.push(`- ${t('The provider has')}: ${provider.offers.map(code).join(', ')}`);
  }
}

function writeRemedies({ lines, actions, t }: Page, { remedies }: Explanation): void {
  if (remedies.length > 0) lines.push('', `## ${t('What to do')}`);
  for (const [index, { title, why, command }] of remedies.entries()) {
    lines.push('', `### ${index + 1}. ${escaped(title)}`, '');
    if (command !== null) {
      actions.push(...commandActions(lines.length, command, t));
      lines.push('```sh', displayText(command), '```', '');
    }
    lines.push(escaped(why));
  }
}

function writeEvidence({ lines, actions, t }: Page, { evidence }: Explanation): void {
  if (evidence.length > 0) lines.push('', `## ${t('How to check it')}`, '');
  for (const { rule, command } of evidence) {
    if (rule !== undefined) lines.push(`- ${escaped(rule)}`);
    if (command === undefined) continue;
    actions.push(...commandActions(lines.length, command, t));
    lines.push(`- ${code(command)}`);
  }
}

function stateTitle({ state }: Explanation, t: Translate): string {
  switch (state.kind) {
    case 'persists':
      return t('It is still so.');
    case 'resolved':
      return t('It is no longer so.');
    case 'unknown':
      return t('Whether it is still so is not known.');
  }
}

/** Options of a compiler and sketches of commands are for copying only. */
function commandActions(line: number, text: string, t: Translate): readonly LineAction[] {
  const copy: LineAction = { line, title: t('Copy Command'), action: { kind: 'copy', text } };
  if (text.startsWith('-') || text.includes('…')) return [copy];
  return [copy, { line, title: t('Put into Terminal'), action: { kind: 'terminal', text } }];
}

function fileActions(line: number, path: string, t: Translate): readonly LineAction[] {
  return [
    { line, title: t('Inspect'), action: { kind: 'inspect', path } },
    { line, title: t('Show Dependency Tree'), action: { kind: 'tree', path } },
  ];
}

/** Markdown takes none of these for its own. */
function escaped(text: string): string {
  return displayText(text).replace(/[\\`*_[\]<>#|]/gu, '\\$&');
}

function code(text: string): string {
  const shown = displayText(text);
  const fence = shown.includes('`') ? '``' : '`';
  return `${fence}${shown}${fence}`;
}
