import { type CodeAction, CodeActionKind, type Diagnostic, type Range } from 'vscode-languageserver/node';
import { applyFixes } from '../cython/diagnostics/apply-fixes.ts';
import { LineIndex } from '../cython/diagnostics/positions.ts';
import { isFixedUnasked, type LintPreferences, withPreferences } from '../cython/diagnostics/selection.ts';
import { suppressionEdit } from '../cython/diagnostics/suppressions.ts';
import { changesBetween, type TextChange } from '../cython/diagnostics/text-changes.ts';
import type { LintDiagnostic } from '../cython/lint.ts';
import { touches } from './diagnostics.ts';

/** The kind of the action that fixes a whole file, for `editor.codeActionsOnSave` and its like. */
export const fixAllKind = `${CodeActionKind.SourceFixAll}.binaryDetective`;

/** A source as it stands, and how it is linted. */
export interface LintedSource {
  readonly uri: string;
  readonly text: string;
  /** All of a text of this source: what the person wants of it is chosen afterwards. */
  readonly lint: (text: string) => readonly LintDiagnostic[];
  readonly preferences: LintPreferences;
}

/** What an editor asks code actions for. */
export interface ActionRequest {
  readonly range: Range;
  /** Kinds, of which the asked ones are or begin with one; absent: what is for the caret. */
  readonly only?: readonly string[] | undefined;
  readonly diagnosticOf: (lint: LintDiagnostic) => Diagnostic;
}

export function lintActions(source: LintedSource, { range, only, diagnosticOf }: ActionRequest): CodeAction[] {
  const actions: CodeAction[] = [];
  if (only === undefined || isAsked(CodeActionKind.QuickFix, only)) {
    const found = withPreferences(source.lint(source.text), source.preferences);
    for (const lint of found.filter(each => touches(each.range, range))) {
      actions.push(...quickFixes(source, lint, diagnosticOf(lint)));
    }
  }
  // Only where it is asked for by its kind: it reads the whole file again, and is nothing that belongs to the caret.
  if (only !== undefined && isAsked(fixAllKind, only)) actions.push(...fixAll(source));
  return actions;
}

/** `source.fixAll` asks for `source.fixAll.binaryDetective` as well. */
function isAsked(kind: string, only: readonly string[]): boolean {
  return only.some(asked => asked === '' || kind === asked || kind.startsWith(`${asked}.`));
}

function quickFixes({ uri, text }: LintedSource, lint: LintDiagnostic, diagnostic: Diagnostic): readonly CodeAction[] {
  const action = (title: string, isPreferred: boolean, edits: readonly TextChange[]): CodeAction => ({
    title,
    kind: CodeActionKind.QuickFix,
    diagnostics: [diagnostic],
    isPreferred,
    edit: editOf(uri, edits),
  });
  const lines = new LineIndex(text);
  const { start, end, newText } = suppressionEdit(text, lint.range, lint.code, lines);
  return [
    ...lint.fixes.map(({ title, isPreferred, edits }) => action(title, isPreferred, edits)),
    action(`Say that it is meant: ignore ${lint.code} on this line`, false, [
      { range: lines.range(start, end), newText },
    ]),
  ];
}

function fixAll({ uri, text, lint, preferences }: LintedSource): readonly CodeAction[] {
  const result = applyFixes(text, lint, diagnostic => isFixedUnasked(diagnostic, preferences));
  if (result === null || result.text === text) return [];
  const edit = editOf(uri, changesBetween(text, result.text));
  return [{ title: 'Fix all casts of this file', kind: fixAllKind, edit }];
}

function editOf(uri: string, edits: readonly TextChange[]): NonNullable<CodeAction['edit']> {
  return { changes: { [uri]: edits.map(({ range, newText }) => ({ range, newText })) } };
}
