import * as vscode from 'vscode';
import type { HowFound, SoftEdge } from '../../language-server/protocol/dependencies.ts';
import { displayText } from '../../language-server/protocol/display-text.ts';

/** Why the loader takes this file, in a few words: "RUNPATH of libfoo.so, entry 1: $ORIGIN". */
export function howFoundText(how: HowFound): string {
  const from = displayText(baseName(how.from));
  const entry = how.entry === undefined ? '' : `: ${displayText(how.entry)}`;
  const place = how.entryNumber === undefined ? '' : vscode.l10n.t(', entry {0}', how.entryNumber);
  switch (how.rule) {
    case 'already-loaded':
      return vscode.l10n.t('already loaded for {0}', from);
    case 'path':
      return vscode.l10n.t('name with a slash, taken as a path');
    case 'rpath':
      return vscode.l10n.t('RPATH of {0}', from) + place + entry;
    case 'runpath':
      return vscode.l10n.t('RUNPATH of {0}', from) + place + entry;
    case 'library-path':
      return `LD_LIBRARY_PATH${place}${entry}`;
    case 'cache':
      return vscode.l10n.t('loader cache');
    case 'default':
      return vscode.l10n.t('system folder') + entry;
    case 'preload':
      return vscode.l10n.t('preloaded');
    case 'interpreter':
      return vscode.l10n.t('the program interpreter');
    case 'root':
      return vscode.l10n.t('the file itself');
  }
}

export function problemCount(count: number): string {
  return count === 1 ? vscode.l10n.t('1 problem') : vscode.l10n.t('{0} problems', count);
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** What kind of edge it is that the loader does not follow by itself. */
export function softKindText({ kind, priority }: Pick<SoftEdge, 'kind' | 'priority'>): string {
  switch (kind) {
    case 'interpreter':
      return vscode.l10n.t('the program interpreter');
    case 'dlopen-note': {
      const noted = vscode.l10n.t('dlopen, noted in the file');
      return priority === undefined ? noted : `${noted} (${priority})`;
    }
    case 'dlopen-hint':
      return vscode.l10n.t('dlopen, a guess from a string in the file');
  }
}
