import { extname } from 'node:path';
import * as vscode from 'vscode';
import { UserError } from '../../language-server/protocol/errors.ts';
import { type FaultExportFormat, faultExport } from '../../language-server/protocol/faults.ts';
import { withLateProgress } from '../late-progress.ts';
import type { Services } from '../services.ts';
import { type KeptSweep, sweepOf } from './kept-sweep.ts';

/** By what a file's name ends in. */
const formats: Readonly<Record<string, FaultExportFormat>> = {
  '.html': 'html',
  '.htm': 'html',
  '.json': 'json',
  '.sarif': 'sarif',
  '.xml': 'junit',
};

/**
 * Writes what a sweep has found into a file that the person names; nothing where they name none. The name's end says the format.
 * @param path Of the file, where it is known already.
 */
export async function exportResults({ server }: Services, kept: KeptSweep, path?: vscode.Uri): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const uri = path ?? (await askForFile(kept, folder));
  if (uri === undefined) return;
  const format = formats[extname(uri.path).toLowerCase()];
  if (format === undefined) {
    const endings = Object.keys(formats).join(', ');
    throw new UserError(
      'invalidParams',
      vscode.l10n.t('The end of the name says what is written, and has to be one of {0}.', endings),
    );
  }
  const params = { sweep: sweepOf(kept), format, ...(folder !== undefined && { root: folder.fsPath }) };
  const { text } = await withLateProgress(vscode.l10n.t('Exporting the results of {0}', kept.name), token =>
    server.request(faultExport, params, token),
  );
  try {
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UserError('unreadable', vscode.l10n.t('{0} could not be written: {1}', uri.fsPath, why));
  }
  // A browser sees files of its own machine only.
  const hasBrowser = vscode.env.uiKind === vscode.UIKind.Desktop && vscode.env.remoteName === undefined;
  if (format === 'html' && hasBrowser) await vscode.env.openExternal(uri);
  else await vscode.window.showTextDocument(uri);
}

async function askForFile(kept: KeptSweep, folder: vscode.Uri | undefined): Promise<vscode.Uri | undefined> {
  const name = `${kept.name.replaceAll(/[^\w.-]+/gu, '-')}-faults.html`;
  return await vscode.window.showSaveDialog({
    title: vscode.l10n.t('Export Results of Malloc Fault Injection'),
    filters: { HTML: ['html'], JSON: ['json'], SARIF: ['sarif'], 'JUnit XML': ['xml'] },
    ...(folder !== undefined && { defaultUri: vscode.Uri.joinPath(folder, name) }),
  });
}
