import * as vscode from 'vscode';
import type { RawView } from '../../language-server/protocol/raw.ts';

export const rawTextScheme = 'binary-detective-raw';

export interface RawTextDocument {
  readonly file: vscode.Uri;
  readonly view: RawView;
}

/** How people call each view: by the command that they would type. */
export const rawCommands: Readonly<Record<RawView, string>> = {
  readelf: 'readelf -a',
  nm: 'nm -D',
  objdump: 'objdump -x',
};

/** The last part of the path is the editor's title; the query says what is meant, so that an editor survives a reload. */
export function rawTextUri({ file, view }: RawTextDocument): vscode.Uri {
  const path = `${file.path} (${rawCommands[view]})`;
  return vscode.Uri.from({ scheme: rawTextScheme, path, query: JSON.stringify({ file: file.toString(), view }) });
}

export function parseRawTextUri(uri: vscode.Uri): RawTextDocument {
  const { file, view } = JSON.parse(uri.query) as { readonly file: string; readonly view: RawView };
  return { file: vscode.Uri.parse(file, true), view };
}
