import type * as vscode from 'vscode';

/** The code of a diagnostic, with or without a page that explains it. */
export function codeOf({ code }: vscode.Diagnostic): string | number | undefined {
  return typeof code === 'object' ? code.value : code;
}
