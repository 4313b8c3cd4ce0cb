import * as vscode from 'vscode';
import { fileName } from '../inspected-file.ts';

export const compareScheme = 'binary-detective-compare';

/** Two files, or a file and the same one in a revision of git. */
export interface Comparison {
  readonly before: { readonly file: vscode.Uri } | { readonly revision: string };
  readonly after: vscode.Uri;
}

/** The last part of the path is the editor's title; the query says what is meant, so that an editor survives a reload. */
export function comparisonUri({ before, after }: Comparison): vscode.Uri {
  const older = 'file' in before ? fileName(before.file) : before.revision;
  const folder = after.path.slice(0, after.path.lastIndexOf('/'));
  const query = 'file' in before ? { before: before.file.toString() } : { revision: before.revision };
  return vscode.Uri.from({
    scheme: compareScheme,
    path: `${folder}/${older.replaceAll('/', '⁄')} ↔ ${fileName(after)}`,
    query: JSON.stringify({ ...query, after: after.toString() }),
  });
}

export function parseComparisonUri(uri: vscode.Uri): Comparison {
  const query = JSON.parse(uri.query) as {
    readonly before?: string;
    readonly revision?: string;
    readonly after: string;
  };
  const before =
    query.before === undefined
      ? { revision: query.revision ?? 'HEAD' }
      : { file: vscode.Uri.parse(query.before, true) };
  return { before, after: vscode.Uri.parse(query.after, true) };
}
