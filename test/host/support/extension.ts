import * as vscode from 'vscode';
import type { BinaryDetectiveApi } from '../../../extension/main.ts';

/** The extension as VS Code has installed it. */
export function installedExtension(): vscode.Extension<BinaryDetectiveApi> {
  const found = vscode.extensions.getExtension<BinaryDetectiveApi>('binary-detective.binary-detective');
  if (found === undefined) throw new Error('The extension is not installed in this VS Code.');
  return found;
}

/** What it returns to other extensions, once it is awake. */
export async function extensionApi(): Promise<BinaryDetectiveApi> {
  return await installedExtension().activate();
}
