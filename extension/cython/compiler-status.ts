import * as vscode from 'vscode';
import { type CompilerStatus, cythonLanguageId } from '../../language-server/protocol/cython.ts';
import { displayText } from '../../language-server/protocol/display-text.ts';
import { commandIds } from '../command-ids.ts';
import type { Services } from '../services.ts';
import { settingIds } from '../settings.ts';

/** Beside the language of a Cython source: which compiler gives types, or why none does and what helps. */
export function registerCompilerStatus({ context, server }: Services): void {
  const item = vscode.languages.createLanguageStatusItem('binaryDetective.cythonCompiler', {
    language: cythonLanguageId,
  });
  item.name = vscode.l10n.t('Cython compiler');
  const show = (status: CompilerStatus): void => {
    Object.assign(item, statusTexts(status));
  };
  show({ kind: 'off', message: vscode.l10n.t('not asked yet') });
  context.subscriptions.push(item, server.onDidChangeCompiler(show));
}

type StatusTexts = Pick<vscode.LanguageStatusItem, 'text' | 'detail' | 'severity' | 'busy' | 'command'>;

function statusTexts(status: CompilerStatus): StatusTexts {
  const name = vscode.l10n.t('Cython compiler');
  const choose = {
    title: vscode.l10n.t('Choose an Interpreter'),
    command: 'workbench.action.openSettings',
    arguments: [settingIds.python],
  };
  const restart = { title: vscode.l10n.t('Restart'), command: commandIds.restartServer };
  const { Information, Warning } = vscode.LanguageStatusSeverity;
  switch (status.kind) {
    case 'ready':
      return {
        text: `Cython ${status.cython}`,
        detail: displayText(status.path),
        severity: Information,
        busy: false,
        command: choose,
      };
    case 'starting':
      return { text: name, detail: vscode.l10n.t('starting…'), severity: Information, busy: true, command: restart };
    case 'missing':
      return {
        text: name,
        detail: `${displayText(status.message)} ${status.remedy}`,
        severity: Information,
        busy: false,
        command: choose,
      };
    case 'off':
      return { text: name, detail: displayText(status.message), severity: Information, busy: false, command: choose };
    case 'failed':
      return { text: name, detail: displayText(status.message), severity: Warning, busy: false, command: restart };
  }
}
