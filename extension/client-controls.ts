import * as vscode from 'vscode';
import { cythonLanguageId } from '../language-server/protocol/cython.ts';
import { disassemblyScheme } from '../language-server/protocol/disassembly.ts';
import { commandIds } from './command-ids.ts';
import { registerCommand } from './commands.ts';
import type { ServerHealth } from './language-server.ts';
import type { Services } from './services.ts';

/** The commands that restart the server and show its log, and its health beside the language of the active editor. */
export function registerServerControls(services: Services): void {
  const { context, log, server } = services;
  registerCommand(services, commandIds.restartServer, () => server.restart());
  registerCommand(services, commandIds.showLog, () => log.show(true));

  const item = vscode.languages.createLanguageStatusItem('binaryDetective.health', [
    { language: cythonLanguageId },
    { scheme: disassemblyScheme },
  ]);
  item.name = 'Binary Detective';
  const show = (health: ServerHealth): void => {
    Object.assign(item, healthTexts(health));
  };
  show(server.health);
  context.subscriptions.push(item, server.onDidChangeHealth(show));
}

type HealthTexts = Pick<vscode.LanguageStatusItem, 'text' | 'detail' | 'severity' | 'busy' | 'command'>;

function healthTexts(health: ServerHealth): HealthTexts {
  const restart = { title: vscode.l10n.t('Restart'), command: commandIds.restartServer };
  const showLog = { title: vscode.l10n.t('Show Log'), command: commandIds.showLog };
  const information = vscode.LanguageStatusSeverity.Information;
  const name = 'Binary Detective';
  switch (health.kind) {
    case 'idle':
      return {
        text: name,
        detail: vscode.l10n.t('not started yet'),
        severity: information,
        busy: false,
        command: restart,
      };
    case 'starting':
      return { text: name, detail: vscode.l10n.t('starting…'), severity: information, busy: true, command: showLog };
    case 'running':
      return { text: name, detail: vscode.l10n.t('running'), severity: information, busy: false, command: showLog };
    case 'failed': {
      const severity = vscode.LanguageStatusSeverity.Error;
      return { text: name, detail: health.message, severity, busy: false, command: restart };
    }
  }
}
