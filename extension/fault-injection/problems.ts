import * as vscode from 'vscode';
import { displayText } from '../../language-server/protocol/display-text.ts';
import { type FaultFindingCode, faultFindingCodes } from '../../language-server/protocol/fault-findings.ts';
import type { FaultGroup, FaultVerdict } from '../../language-server/protocol/faults.ts';
import { rangesText } from '../../language-server/protocol/number-ranges.ts';
import { commandIds } from '../command-ids.ts';
import type { Services } from '../services.ts';
import { sourceFrame } from './allocation-sites.ts';
import type { KeptSweep } from './kept-sweep.ts';
import type { FaultPoint } from './point.ts';
import { programFile, type SweepStore } from './sweep-store.ts';
import { frameLabel, frameLocation } from './verdict.ts';

/** A problem of ours, and the run that shows it. */
class FaultDiagnostic extends vscode.Diagnostic {
  readonly point: FaultPoint;
  readonly reproduce: readonly string[];

  constructor(
    range: vscode.Range,
    message: string,
    severity: vscode.DiagnosticSeverity,
    group: FaultGroup,
    target: string,
  ) {
    super(range, message, severity);
    this.point = { target, n: group.smallestN };
    this.reproduce = group.reproduce;
  }
}

/** Frames of each stack beside a problem. */
const relatedFrames = 6;

/** The bugs of the sweeps that hold, each once, under Problems: where the program died, else where it was refused memory. */
export function registerFaultProblems({ context }: Services, store: SweepStore): vscode.DiagnosticCollection {
  const collection = vscode.languages.createDiagnosticCollection('binaryDetective.faults');
  const refresh = (): void => {
    const byFile = new Map<string, FaultDiagnostic[]>();
    for (const sweep of store.all()) {
      for (const group of sweep.groups) {
        const placed = diagnosticOf(context, sweep, group);
        if (placed === undefined) continue;
        const key = placed.uri.toString();
        byFile.set(key, [...(byFile.get(key) ?? []), placed.diagnostic]);
      }
    }
    collection.clear();
    collection.set([...byFile].map(([uri, diagnostics]) => [vscode.Uri.parse(uri, true), diagnostics]));
  };
  context.subscriptions.push(
    collection,
    store.onDidChange(refresh),
    vscode.languages.registerCodeActionsProvider(
      { scheme: 'file' },
      { provideCodeActions: actionsFor },
      {
        providedCodeActionKinds: [vscode.CodeActionKind.QuickFix],
      },
    ),
  );
  return collection;
}

function diagnosticOf(
  { extensionUri }: vscode.ExtensionContext,
  sweep: KeptSweep,
  group: FaultGroup,
): { readonly uri: vscode.Uri; readonly diagnostic: FaultDiagnostic } | undefined {
  const code = codeOf(group.verdict);
  const frame = sourceFrame(group.crashStack) ?? sourceFrame(group.injectedStack);
  const place = frame === undefined ? undefined : frameLocation(frame);
  const file = programFile(sweep.program);
  // A program without debug information: the problem is the program's.
  const location = place ?? (file === undefined ? undefined : new vscode.Location(vscode.Uri.file(file), start));
  if (code === undefined || location === undefined) return undefined;
  const message = vscode.l10n.t('{0} (n = {1} of {2})', displayText(group.message), rangesText(group.ns), sweep.name);
  const diagnostic = new FaultDiagnostic(lineOf(location), message, severityOf(group), group, sweep.target);
  diagnostic.source = 'Binary Detective';
  const page = vscode.Uri.joinPath(extensionUri, 'docs', 'findings.md');
  diagnostic.code = { value: code, target: page };
  diagnostic.relatedInformation = [
    ...related(vscode.l10n.t('The allocation that failed first:'), group.injectedStack),
    ...related(vscode.l10n.t('Died in:'), group.crashStack),
  ];
  return { uri: location.uri, diagnostic };
}

const start = new vscode.Range(0, 0, 0, 0);
/** To the end of any line that a person wrote. */
const endOfLine = 10_000;

function lineOf({ range }: vscode.Location): vscode.Range {
  return new vscode.Range(range.start.line, 0, range.start.line, endOfLine);
}

function related(title: string, stack: FaultGroup['crashStack']): vscode.DiagnosticRelatedInformation[] {
  return stack
    .flatMap(frame => {
      const location = frameLocation(frame);
      return location === undefined ? [] : [{ location, label: frameLabel(frame) }];
    })
    .slice(0, relatedFrames)
    .map(({ location, label }) => new vscode.DiagnosticRelatedInformation(location, `${title} ${label}`));
}

function codeOf(verdict: FaultVerdict): FaultFindingCode | undefined {
  return Object.hasOwn(faultFindingCodes, verdict)
    ? faultFindingCodes[verdict as keyof typeof faultFindingCodes]
    : undefined;
}

/** What is known and accepted is a hint. */
function severityOf({ verdict, known }: FaultGroup): vscode.DiagnosticSeverity {
  if (known) return vscode.DiagnosticSeverity.Hint;
  switch (verdict) {
    case 'crash':
    case 'abort':
    case 'hang':
    case 'sanitizer':
    case 'wrongOutput':
      return vscode.DiagnosticSeverity.Error;
    default:
      return vscode.DiagnosticSeverity.Warning;
  }
}

function actionsFor(
  _document: vscode.TextDocument,
  _range: vscode.Range,
  { diagnostics }: vscode.CodeActionContext,
): vscode.CodeAction[] {
  return diagnostics.filter(isOurs).flatMap(diagnostic => {
    const { point } = diagnostic;
    const action = (title: string, command: string, argument: unknown): vscode.CodeAction => {
      const made = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
      made.command = { title, command, arguments: [argument] };
      made.diagnostics = [diagnostic];
      return made;
    };
    return [
      action(vscode.l10n.t('Debug this failure (n = {0})', point.n), commandIds.debugFault, point),
      action(vscode.l10n.t('Show the allocation failures as a picture'), commandIds.showFaultPicture, point),
      action(vscode.l10n.t('Copy the command that reproduces it'), commandIds.copyFaultCommand, point),
    ];
  });
}

function isOurs(diagnostic: vscode.Diagnostic): diagnostic is FaultDiagnostic {
  return diagnostic instanceof FaultDiagnostic;
}
