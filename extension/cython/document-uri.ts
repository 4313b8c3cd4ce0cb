import * as vscode from 'vscode';
import { generatedCScheme } from '../../language-server/protocol/generated-c.ts';

/** The last part of the path is the editor's title; the query says what is meant, so that an editor survives a reload. */
export function generatedCUri(source: vscode.Uri): vscode.Uri {
  return vscode.Uri.from({ scheme: generatedCScheme, path: `${source.path} (C).c`, query: source.toString() });
}

export function sourceOfGeneratedC(uri: vscode.Uri): vscode.Uri {
  return vscode.Uri.parse(uri.query, true);
}
