import { stat } from 'node:fs/promises';
import * as vscode from 'vscode';
import { displayText } from '../../language-server/protocol/display-text.ts';
import { verdictOrder } from '../../language-server/protocol/fault-picture.ts';
import { rangesText } from '../../language-server/protocol/number-ranges.ts';
import { commandIds } from '../command-ids.ts';
import type { Services } from '../services.ts';
import { readSetting, settingIds } from '../settings.ts';
import { type AllocationSite, afterEdit, allocationSites, type SiteOutcome } from './allocation-sites.ts';
import type { KeptSweep } from './kept-sweep.ts';
import type { SweepStore } from './sweep-store.ts';
import { testOutcome, verdictText } from './verdict.ts';

/** A site of one target; the line moves as the text above it is edited. */
interface Mark extends AllocationSite {
  readonly sweep: KeptSweep;
}

/** What stands beside the lines of a file, for whoever cannot see the gutter (and the tests in a real VS Code). */
export interface SourceMarks {
  marksOf(uri: vscode.Uri): readonly SourceMark[];
}

export interface SourceMark {
  /** From 0. */
  readonly line: number;
  readonly kind: 'bug' | 'handled';
  readonly hover: vscode.MarkdownString;
}

/** Outcomes that a hover lists; the picture has all. */
const mostOutcomes = 8;

/** Marks the lines that asked for memory in the last sweeps: in the gutter and the overview ruler, with what happened on hover. */
export function registerSourceMarks({ context }: Services, store: SweepStore): SourceMarks {
  const byFile = new Map<string, readonly Mark[]>();
  const types = { bug: decoration(context, 'bug'), handled: decoration(context, 'handled') };
  const isOn = (): boolean => readSetting(settingIds.faultMarks) !== false;

  const draw = (editor: vscode.TextEditor): void => {
    const marks = isOn() ? marksOf(editor.document.uri) : [];
    for (const kind of ['bug', 'handled'] as const) {
      const options = marks
        .filter(mark => mark.kind === kind && mark.line < editor.document.lineCount)
        .map(({ line, hover }) => ({ range: editor.document.lineAt(line).range, hoverMessage: hover }));
      editor.setDecorations(types[kind], options);
    }
  };
  const drawAll = (): void => vscode.window.visibleTextEditors.forEach(draw);
  const marksOf = (uri: vscode.Uri): readonly SourceMark[] =>
    uri.scheme === 'file' ? merged(byFile.get(uri.fsPath) ?? []) : [];
  const reload = async (): Promise<void> => {
    byFile.clear();
    for (const sweep of store.all()) {
      const sites = allocationSites(sweep);
      for (const file of new Set(sites.map(site => site.file))) {
        if (await isEditedSince(file, sweep.endedAt)) continue;
        const marks = sites.filter(site => site.file === file).map((site): Mark => ({ ...site, sweep }));
        byFile.set(file, [...(byFile.get(file) ?? []), ...marks]);
      }
    }
    drawAll();
  };

  context.subscriptions.push(
    ...Object.values(types),
    store.onDidChange(() => void reload()),
    vscode.window.onDidChangeVisibleTextEditors(drawAll),
    vscode.workspace.onDidChangeConfiguration(event => {
      if (event.affectsConfiguration(settingIds.faultMarks)) drawAll();
    }),
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      const { fsPath } = document.uri;
      let marks = byFile.get(fsPath);
      if (marks === undefined || document.uri.scheme !== 'file' || contentChanges.length === 0) return;
      // They come from the end of the text to its start, so that none moves the lines of the next.
      for (const { range, text } of contentChanges) {
        const edit = {
          startLine: range.start.line,
          endLine: range.end.line,
          insertedBreaks: text.split('\n').length - 1,
        };
        marks = afterEdit(marks, edit);
      }
      byFile.set(fsPath, marks);
      vscode.window.visibleTextEditors.filter(editor => editor.document === document).forEach(draw);
    }),
  );
  return { marksOf };
}

function decoration(
  { extensionUri }: vscode.ExtensionContext,
  kind: SourceMark['kind'],
): vscode.TextEditorDecorationType {
  const icon = (look: string): vscode.Uri =>
    vscode.Uri.joinPath(extensionUri, 'media', 'icons', `allocation-${kind}-${look}.svg`);
  const color = kind === 'bug' ? 'editorOverviewRuler.errorForeground' : 'editorOverviewRuler.infoForeground';
  return vscode.window.createTextEditorDecorationType({
    gutterIconSize: 'contain',
    light: { gutterIconPath: icon('light') },
    dark: { gutterIconPath: icon('dark') },
    overviewRulerColor: new vscode.ThemeColor(color),
    overviewRulerLane: vscode.OverviewRulerLane.Left,
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
  });
}

/** Several targets may ask for memory on one line. */
function merged(marks: readonly Mark[]): readonly SourceMark[] {
  const byLine = new Map<number, Mark[]>();
  for (const mark of marks) byLine.set(mark.line, [...(byLine.get(mark.line) ?? []), mark]);
  return [...byLine].map(([line, here]): SourceMark => {
    const isBug = here.some(({ outcomes }) => outcomes.some(({ verdict }) => isFailure(verdict)));
    return { line: line - 1, kind: isBug ? 'bug' : 'handled', hover: hoverOf(here) };
  });
}

function hoverOf(marks: readonly Mark[]): vscode.MarkdownString {
  const hover = new vscode.MarkdownString('', true);
  // Only commands of ours, on runs that are named by a number.
  hover.isTrusted = { enabledCommands: [commandIds.debugFault, commandIds.showFaultPicture] };
  for (const { sweep, outcomes } of marks) {
    hover.appendMarkdown(plainMarkdown(vscode.l10n.t('When this allocation fails in {0}:', displayText(sweep.name))));
    hover.appendMarkdown('\n\n');
    for (const outcome of outcomes.slice(0, mostOutcomes)) appendOutcome(hover, sweep, outcome);
    const more = outcomes.length - mostOutcomes;
    if (more > 0) {
      hover.appendMarkdown(plainMarkdown(vscode.l10n.t('… and {0} more outcomes.', more)));
      hover.appendMarkdown('\n\n');
    }
  }
  return hover;
}

function appendOutcome(hover: vscode.MarkdownString, sweep: KeptSweep, { verdict, group, ns }: SiteOutcome): void {
  const name = verdictOrder[verdict] ?? 'unaffected';
  const words = sweep.groups[group]?.message;
  const text = words === undefined ? verdictText(name) : `${verdictText(name)}: ${displayText(words)}`;
  hover.appendMarkdown(isFailure(verdict) ? '$(error) ' : '$(pass) ');
  hover.appendMarkdown(plainMarkdown(`n = ${rangesText(ns)}: ${text}`));
  const point = { target: sweep.target, n: ns[0] ?? 0 };
  const link = (command: string): string => `command:${command}?${encodeURIComponent(JSON.stringify([point]))}`;
  const debug = isFailure(verdict) ? ` [$(debug-alt) ${vscode.l10n.t('Debug')}](${link(commandIds.debugFault)})` : '';
  const picture = ` [$(graph-scatter) ${vscode.l10n.t('Picture')}](${link(commandIds.showFaultPicture)})`;
  hover.appendMarkdown(`${debug}${picture}\n\n`);
}

/** Unlike MarkdownString.appendText, which has no line broken. */
function plainMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-!<>&|~$]/gu, String.raw`\$&`);
}

function isFailure(verdict: number): boolean {
  return testOutcome(verdictOrder[verdict] ?? 'unaffected') === 'failed';
}

/** Then its lines may be others by now. */
async function isEditedSince(file: string, time: number): Promise<boolean> {
  const isDirty = vscode.workspace.textDocuments.some(({ uri, isDirty: dirty }) => dirty && uri.fsPath === file);
  if (isDirty) return true;
  return await stat(file).then(
    ({ mtimeMs }) => mtimeMs > time,
    () => true,
  );
}
