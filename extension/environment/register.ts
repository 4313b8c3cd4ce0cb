import * as vscode from 'vscode';
import { environmentReport } from '../../language-server/protocol/environment.ts';
import { commandIds } from '../command-ids.ts';
import { registerCommand } from '../commands.ts';
import { failureText } from '../failure.ts';
import { fileName, requireLocalFile } from '../inspected-file.ts';
import { withLateProgress } from '../late-progress.ts';
import type { Services } from '../services.ts';
import { environmentMarkdown } from './environment-document.ts';

const scheme = 'binary-detective-environment';

/** "Show Loader Environment": what the variables do, to a file or at all, as a read-only document in the Markdown preview. */
export function registerEnvironment(services: Services): void {
  const { context, server } = services;
  const changed = new vscode.EventEmitter<vscode.Uri>();
  const ask = async (uri: vscode.Uri, token: vscode.CancellationToken): Promise<string> => {
    const report = await server.request(environmentReport, uri.query === '' ? {} : { uri: uri.query }, token);
    return environmentMarkdown(report, (text, ...args) => vscode.l10n.t(text, ...args));
  };
  context.subscriptions.push(
    changed,
    vscode.workspace.registerTextDocumentContentProvider(scheme, {
      onDidChange: changed.event,
      provideTextDocumentContent: async (uri, token) => {
        try {
          return await ask(uri, token);
        } catch (error) {
          // Nobody waits for it: the document says by itself why it has nothing to show.
          return `${failureText(error)}\n`;
        }
      },
    }),
  );
  registerCommand(services, commandIds.showEnvironment, async argument => {
    const file = fileOf(argument);
    if (file !== undefined) requireLocalFile(file);
    const title =
      file === undefined ? vscode.l10n.t('Loader environment') : `${fileName(file)} (${vscode.l10n.t('environment')})`;
    const uri = vscode.Uri.from({ scheme, path: `/${title}.md`, query: file?.toString() ?? '' });
    await withLateProgress(vscode.l10n.t('Looking at the environment'), async token => {
      // Asked here first: a failure keeps its remedy and its buttons.
      await ask(uri, token);
      changed.fire(uri);
      await vscode.workspace.openTextDocument(uri);
    });
    await vscode.commands.executeCommand('markdown.showPreview', uri);
  });
}

/** From the explorer, an editor's title, or a line of the dependency tree; else none: the variables alone. */
function fileOf(argument: unknown): vscode.Uri | undefined {
  if (argument instanceof vscode.Uri) return argument;
  if (typeof argument !== 'object' || argument === null) return undefined;
  if ('uri' in argument && typeof argument.uri === 'string') return vscode.Uri.parse(argument.uri);
  return undefined;
}
