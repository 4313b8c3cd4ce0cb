import * as vscode from 'vscode';
import { displayText } from '../../language-server/protocol/display-text.ts';
import type { FaultTarget } from '../../language-server/protocol/fault-targets.ts';

/** What stands beside a target's name: where it is from, and its command. */
export function displayedProgram({ source, program }: FaultTarget): string {
  const command = displayText(program.command.join(' '));
  switch (source) {
    case 'settings':
      return command;
    case 'launch':
      return vscode.l10n.t('launch.json: {0}', command);
    case 'ctest':
      return vscode.l10n.t('CTest: {0}', command);
    case 'meson':
      return vscode.l10n.t('Meson: {0}', command);
  }
}
