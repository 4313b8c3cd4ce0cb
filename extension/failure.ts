import * as vscode from 'vscode';
import { displayText } from '../language-server/protocol/display-text.ts';
import { UserError } from '../language-server/protocol/errors.ts';
import { commandIds } from './command-ids.ts';
import { openSetting, settingsSection } from './settings.ts';

interface FailureButton {
  readonly title: string;
  readonly press: () => unknown;
}

/**
 * Shows a failure of something that the person started, with at most two buttons. A cancelled request is no failure.
 * Background work logs its errors and does not call this.
 */
export function showFailure(log: vscode.LogOutputChannel, error: unknown): void {
  if (error instanceof vscode.CancellationError) return;
  log.error(error instanceof Error ? error : String(error));
  const buttons = failureButtons(error);
  // Not awaited: the message stays until it is dismissed, and whoever called the command must not wait for that.
  void vscode.window.showErrorMessage(failureText(error), ...buttons.map(button => button.title)).then(async title => {
    await buttons.find(button => button.title === title)?.press();
  });
}

/** The failure as a sentence for a person. */
export function failureText(error: unknown): string {
  return displayText(error instanceof Error ? error.message : String(error));
}

function failureButtons(error: unknown): readonly FailureButton[] {
  const showLog = { title: vscode.l10n.t('Show Log'), press: () => vscode.commands.executeCommand(commandIds.showLog) };
  if (!(error instanceof UserError)) return [showLog];
  switch (error.kind) {
    case 'toolMissing':
      return [...remedyButtons(error.remedy), toolSettings()].slice(0, 2);
    case 'toolFailed':
    case 'toolTimedOut':
      return [...remedyButtons(error.remedy), showLog].slice(0, 2);
    case 'untrusted':
      return [manageTrust()];
    case 'notFound':
    case 'unreadable':
    case 'notRegularFile':
    case 'notElf':
    case 'notSupported':
    case 'invalidParams':
      return remedyButtons(error.remedy);
  }
}

/** A remedy is the name of a setting or a shell command; neither is run for the person. */
function remedyButtons(remedy: string | undefined): readonly FailureButton[] {
  if (remedy === undefined) return [];
  if (remedy.startsWith(`${settingsSection}.`)) {
    return [{ title: vscode.l10n.t('Open Setting'), press: () => openSetting(remedy) }];
  }
  return [{ title: vscode.l10n.t('Copy Command'), press: () => vscode.env.clipboard.writeText(remedy) }];
}

function toolSettings(): FailureButton {
  return { title: vscode.l10n.t('Open Settings'), press: () => openSetting(`${settingsSection}.tools`) };
}

function manageTrust(): FailureButton {
  return {
    title: vscode.l10n.t('Manage Workspace Trust'),
    press: () => vscode.commands.executeCommand('workbench.trust.manage'),
  };
}
