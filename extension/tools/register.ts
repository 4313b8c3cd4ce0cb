import * as vscode from 'vscode';
import { doctor } from '../../language-server/protocol/tools.ts';
import { commandIds } from '../command-ids.ts';
import { registerCommand } from '../commands.ts';
import { withLateProgress } from '../late-progress.ts';
import type { Services } from '../services.ts';
import { toolReportMarkdown } from './report.ts';

const scheme = 'binary-detective-tools';
const reportUri = vscode.Uri.from({ scheme, path: '/Binary Detective Tools.md' });

/** "Diagnose Tools": which native tools are here, as a read-only document in the Markdown preview. */
export function registerToolReport(services: Services): void {
  const changed = new vscode.EventEmitter<vscode.Uri>();
  const ask = async (token: vscode.CancellationToken): Promise<string> =>
    toolReportMarkdown(await services.server.request(doctor, {}, token), (text, ...args) =>
      vscode.l10n.t(text, ...args),
    );

  services.context.subscriptions.push(
    changed,
    vscode.workspace.registerTextDocumentContentProvider(scheme, {
      onDidChange: changed.event,
      provideTextDocumentContent: (_uri, token) => ask(token),
    }),
  );
  registerCommand(services, commandIds.diagnoseTools, async () => {
    await withLateProgress(vscode.l10n.t('Looking for native tools'), async () => {
      changed.fire(reportUri);
      await vscode.workspace.openTextDocument(reportUri);
    });
    await vscode.commands.executeCommand('markdown.showPreview', reportUri);
  });
}
