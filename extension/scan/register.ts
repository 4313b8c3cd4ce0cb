import * as vscode from 'vscode';
import { displayText } from '../../language-server/protocol/display-text.ts';
import { UserError } from '../../language-server/protocol/errors.ts';
import { type ScanAnswer, type ScanProgress, scan } from '../../language-server/protocol/scan.ts';
import { commandIds } from '../command-ids.ts';
import { registerCommand } from '../commands.ts';
import type { FileProblems } from '../file-problems.ts';
import { requireLocalFile } from '../inspected-file.ts';
import { folderScope, pickFolder, pickScope, type Scope, sysrootScope, workspaceScope } from '../search-scope.ts';
import type { Services } from '../services.ts';
import { createScanProblems, type ScanProblems } from './scan-problems.ts';
import { watchScannedFolders } from './scanned-folders.ts';

/** "Scan Workspace for ELF Problems": every ELF file as its loader would have it, under Problems. Runs nothing. */
export function registerScan(services: Services, fileProblems: FileProblems): void {
  const problems = createScanProblems(fileProblems);
  const scanner = createScanner(services, problems);
  services.context.subscriptions.push(problems, scanner);
  const scanIn = async (scope: Scope | undefined): Promise<void> => {
    if (scope === undefined) return;
    scope.folders.forEach(requireLocalFile);
    const answer = await scanner.scan(scope);
    if (answer !== undefined) tell(answer);
  };
  registerCommand(services, commandIds.scan, argument =>
    scanIn(argument instanceof vscode.Uri ? folderScope(argument) : requireWorkspace()),
  );
  registerCommand(services, commandIds.scanElsewhere, async () =>
    scanIn(await pickScope(vscode.l10n.t('Where to scan for ELF problems'), requireWorkspace)),
  );
  registerCommand(services, commandIds.scanSysroot, async argument => {
    const folder = argument instanceof vscode.Uri ? argument : await pickFolder();
    await scanIn(folder && sysrootScope(folder));
  });
  registerCommand(services, commandIds.clearScan, () => scanner.clear());
}

function requireWorkspace(): Scope {
  const scope = workspaceScope();
  if (scope !== undefined) return scope;
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  // A virtual folder is refused with the reason that fits it.
  if (folder !== undefined) return folderScope(folder.uri);
  throw new UserError(
    'notSupported',
    vscode.l10n.t(
      'No folder is open, so that there is nothing to scan. Open a folder, or run the command on one in the explorer.',
    ),
  );
}

interface Scanner extends vscode.Disposable {
  /** Undefined where the person has cancelled it. */
  scan(scope: Scope): Promise<ScanAnswer | undefined>;
  clear(): void;
}

/** What was found is kept up to date with what is built, quietly, until it is cleared or something else is scanned. */
function createScanner({ server, log }: Services, problems: ScanProblems): Scanner {
  let watched: vscode.Disposable | undefined;
  let running = new vscode.CancellationTokenSource();

  const ask = async (
    { folders, sysroot }: Scope,
    onProgress: (progress: ScanProgress) => void,
    token: vscode.CancellationToken,
  ): Promise<ScanAnswer | undefined> => {
    const params = { folders: folders.map(uri => uri.toString()), ...(sysroot !== undefined && { sysroot }) };
    const answer = await server.requestWithProgress(scan, params, onProgress, token);
    if (token.isCancellationRequested) return undefined;
    problems.replace(answer);
    return answer;
  };
  /** A newer scan takes the place of one that is under way. */
  const begin = (): vscode.CancellationTokenSource => {
    watched?.dispose();
    watched = undefined;
    running.cancel();
    running = new vscode.CancellationTokenSource();
    return running;
  };
  const watch = (scope: Scope): void => {
    watched?.dispose();
    watched = watchScannedFolders(scope.folders, problems.has, () => {
      const { token } = begin();
      const options = { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Scanning for ELF problems') };
      const again = vscode.window.withProgress(options, () => ask(scope, () => undefined, token));
      // Nobody asked for it by name.
      again.then(undefined, (error: unknown) => log.debug(`No new scan: ${String(error)}`));
      watch(scope);
    });
  };

  return {
    async scan(scope) {
      const own = begin();
      const options = {
        location: vscode.ProgressLocation.Notification,
        cancellable: true,
        title: vscode.l10n.t('Scanning for ELF problems'),
      };
      return await vscode.window.withProgress(options, async (progress, token) => {
        token.onCancellationRequested(() => own.cancel());
        const onProgress = ({ looked, elf, files }: ScanProgress): void => {
          if (own.token.isCancellationRequested) return;
          problems.add(files);
          progress.report({ message: countsText(looked, elf) });
        };
        try {
          const answer = await ask(scope, onProgress, own.token);
          if (answer !== undefined) watch(scope);
          return answer;
        } catch (error) {
          // What was found until then stands: it is no less true.
          if (own.token.isCancellationRequested) return undefined;
          throw error;
        }
      });
    },
    clear() {
      begin();
      problems.clear();
    },
    dispose() {
      running.cancel();
      watched?.dispose();
    },
  };
}

function countsText(looked: number, elf: number): string {
  return vscode.l10n.t('{0} files looked at, {1} ELF files', looked.toLocaleString(), elf.toLocaleString());
}

/** Not awaited: a message stays until it is dismissed, and whoever called the command must not wait for that. */
function tell({ looked, elf, files, findings, errors, incomplete }: ScanAnswer): void {
  const broken = files.filter(({ problems }) => problems.some(({ severity }) => severity === 'error')).length;
  const texts = [
    countsText(looked, elf),
    broken === 0
      ? vscode.l10n.t('all of them can be loaded')
      : vscode.l10n.t('{0} cannot be loaded as they are', broken.toLocaleString()),
    ...(findings.length > 0 ? [vscode.l10n.t('{0} libraries are there more than once', findings.length)] : []),
    ...(errors.length > 0 ? [vscode.l10n.t('{0} could not be read', errors.length)] : []),
    ...(incomplete === null ? [] : [displayText(incomplete)]),
  ];
  const show = vscode.l10n.t('Show Problems');
  const buttons = broken > 0 || findings.length > 0 ? [show] : [];
  void vscode.window.showInformationMessage(`${texts.join('; ')}.`, ...buttons).then(async chosen => {
    if (chosen === show) await vscode.commands.executeCommand('workbench.actions.view.problems');
  });
}
