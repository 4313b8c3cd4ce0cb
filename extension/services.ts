import type * as vscode from 'vscode';
import type { LanguageServer } from './language-server.ts';

/** What every feature is given. */
export interface Services {
  readonly context: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  readonly server: LanguageServer;
}
