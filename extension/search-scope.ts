import * as vscode from 'vscode';
import { UserError } from '../language-server/protocol/errors.ts';

/** Where to look for ELF files. */
export interface Scope {
  readonly folders: readonly vscode.Uri[];
  /** Path of the folder that is `/` for the files in it. */
  readonly sysroot?: string;
  /** For the title of the view. */
  readonly description: string;
}

/** The folders of the workspace that are on this machine; undefined where there are none. */
export function workspaceScope(): Scope | undefined {
  const folders = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri).filter(uri => uri.scheme === 'file');
  return folders.length > 0 ? { folders, description: vscode.l10n.t('in the workspace') } : undefined;
}

/** Where Linux distributions have programs and libraries; not `/`, which has everything else too. */
const systemFolders = ['/usr', '/lib', '/lib64', '/bin', '/sbin', '/opt'];

interface ScopeItem extends vscode.QuickPickItem {
  readonly choose: () => Promise<Scope | undefined>;
}

/**
 * Lets the person choose; undefined where they did not.
 *
 * @param usual what "the workspace" stands for.
 */
export async function pickScope(title: string, usual: () => Scope | undefined): Promise<Scope | undefined> {
  const items: readonly ScopeItem[] = [
    {
      label: vscode.l10n.t('The workspace'),
      detail: vscode.l10n.t('The folders that are open'),
      choose: async () => usual(),
    },
    {
      label: vscode.l10n.t('This system'),
      detail: systemFolders.join(', '),
      choose: async () => systemScope(),
    },
    {
      label: vscode.l10n.t('A folder…'),
      detail: vscode.l10n.t('All that is below a folder of this machine'),
      choose: async () => {
        const folder = await pickFolder();
        return folder && folderScope(folder);
      },
    },
    {
      label: vscode.l10n.t('A sysroot…'),
      detail: vscode.l10n.t('A folder that is / for the programs in it: an image, a container, a cross toolchain'),
      choose: async () => {
        const folder = await pickFolder();
        return folder && sysrootScope(folder);
      },
    },
  ];
  return await (await vscode.window.showQuickPick(items, { title }))?.choose();
}

function systemScope(): Scope {
  return { folders: systemFolders.map(path => vscode.Uri.file(path)), description: vscode.l10n.t('on this system') };
}

export function sysrootScope(folder: vscode.Uri): Scope {
  return { ...folderScope(folder), sysroot: folder.fsPath };
}

export function folderScope(folder: vscode.Uri): Scope {
  return { folders: [folder], description: vscode.l10n.t('in {0}', folder.fsPath) };
}

export async function pickFolder(): Promise<vscode.Uri | undefined> {
  const options = { canSelectFiles: false, canSelectFolders: true, openLabel: vscode.l10n.t('Look Here') };
  const [folder] = (await vscode.window.showOpenDialog(options)) ?? [];
  if (folder !== undefined && folder.scheme !== 'file') {
    throw new UserError('notSupported', vscode.l10n.t('Only folders of this machine can be looked through.'));
  }
  return folder;
}
