import * as vscode from 'vscode';
import { displayText } from '../../language-server/protocol/display-text.ts';
import { UserError } from '../../language-server/protocol/errors.ts';
import { type LoaderDifference, type Verification, verifyTree } from '../../language-server/protocol/verify.ts';
import { commandIds } from '../command-ids.ts';
import { registerCommand } from '../commands.ts';
import { fileForCommand, fileName } from '../inspected-file.ts';
import { withLateProgress } from '../late-progress.ts';
import { registerServedText } from '../served-text.ts';
import type { Services } from '../services.ts';

const scheme = 'binary-detective-verification';

/** "Verify with the Loader": whether `ld.so` itself says of a file what the dependency tree says. */
export function registerLoaderVerify(services: Services): void {
  const ask = (file: vscode.Uri, token: vscode.CancellationToken): Promise<Verification> =>
    services.server.request(verifyTree, { uri: file.toString() }, token);
  const texts = registerServedText(services, {
    scheme,
    ask: async (uri, token) => differencesText(uri, await ask(fileOf(uri), token)),
    files: uri => [fileOf(uri)],
  });
  registerCommand(services, commandIds.verifyTree, async argument => {
    requireTrust();
    const file = await fileForCommand(uriOf(argument), vscode.l10n.t('Verify with the Loader'));
    if (file === undefined) return;
    const title = vscode.l10n.t('Asking the loader about {0}', fileName(file));
    const verification = await withLateProgress(title, token => ask(file, token));
    if (verification.kind !== 'differs') {
      // Not awaited: the message stays until it is dismissed.
      void vscode.window.showInformationMessage(verificationText(file, verification));
      return;
    }
    const show = vscode.l10n.t('Show Differences');
    const pressed = await vscode.window.showWarningMessage(verificationText(file, verification), show);
    if (pressed !== show) return;
    const uri = vscode.Uri.from({ scheme, path: `${file.path} (ld.so)`, query: file.toString() });
    await withLateProgress(title, token => texts.open(uri, token));
  });
}

function fileOf(document: vscode.Uri): vscode.Uri {
  return vscode.Uri.parse(document.query, true);
}

/** A root of the dependency view has the URI of its file. */
function uriOf(argument: unknown): unknown {
  if (argument instanceof vscode.Uri || typeof argument !== 'object' || argument === null) return argument;
  return 'uri' in argument && typeof argument.uri === 'string' ? vscode.Uri.parse(argument.uri, true) : argument;
}

function verificationText(file: vscode.Uri, verification: Verification): string {
  switch (verification.kind) {
    case 'agrees':
      return vscode.l10n.t('The loader agrees on all {0} objects of {1}.', verification.objects, fileName(file));
    case 'notVerified':
      return displayText(verification.message);
    case 'differs':
      return vscode.l10n.t(
        'The loader does not agree on {0}: {1} differences.',
        fileName(file),
        verification.differences.length,
      );
  }
}

function differencesText(document: vscode.Uri, verification: Verification): string {
  const lines = [verificationText(fileOf(document), verification)];
  if (verification.kind !== 'notVerified') lines.push('', `$ ${displayText(verification.command)}`, '');
  if (verification.kind === 'differs') lines.push(...verification.differences.flatMap(differenceLines));
  return `${lines.join('\n')}\n`;
}

function differenceLines({ kind, tree, loader }: LoaderDifference): readonly string[] {
  const nothing = vscode.l10n.t('nothing');
  return [
    differenceTitle(kind),
    `  ${vscode.l10n.t('the tree:')} ${displayText(tree ?? nothing)}`,
    `  ${vscode.l10n.t('the loader:')} ${displayText(loader ?? nothing)}`,
  ];
}

function differenceTitle(kind: LoaderDifference['kind']): string {
  switch (kind) {
    case 'path':
      return vscode.l10n.t('Another file');
    case 'order':
      return vscode.l10n.t('Another order');
    case 'missing':
      return vscode.l10n.t('A library that only one of them finds');
    case 'error':
      return vscode.l10n.t('Another end');
  }
}

/** The server refuses by itself; here the person gets the button that helps, before a server is started. */
function requireTrust(): void {
  if (vscode.workspace.isTrusted) return;
  throw new UserError(
    'untrusted',
    vscode.l10n.t('To verify is to run the loader on the file, and the workspace is not trusted.'),
  );
}
