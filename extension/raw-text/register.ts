import * as vscode from 'vscode';
import { elfRaw, type RawView, rawViews } from '../../language-server/protocol/raw.ts';
import { commandIds } from '../command-ids.ts';
import { registerCommand } from '../commands.ts';
import { fileForCommand, fileName } from '../inspected-file.ts';
import type { Services } from '../services.ts';
import type { StreamedTexts } from '../streamed-text/register.ts';
import { parseRawTextUri, rawCommands, rawTextScheme, rawTextUri } from './document-uri.ts';

/** "Show Raw Text": what readelf, nm and objdump print of a file, as read-only documents. */
export function registerRawText(services: Services, texts: StreamedTexts): void {
  const open = texts.add({
    scheme: rawTextScheme,
    ask: (uri, maximumLines, onPart, token) => {
      const { file, view } = parseRawTextUri(uri);
      const params = { uri: file.toString(), view, ...(maximumLines !== undefined && { maximumLines }) };
      return services.server.requestWithProgress(elfRaw, params, onPart, token);
    },
    files: uri => [parseRawTextUri(uri).file],
  });
  // The view is given by other commands; a person chooses one.
  registerCommand(services, commandIds.showRawText, async (argument, given) => {
    const file = await fileForCommand(argument, vscode.l10n.t('Show Raw Text'));
    if (file === undefined) return;
    const view = rawViews.find(candidate => candidate === given) ?? (await pickView(file));
    if (view === undefined) return;
    const title = vscode.l10n.t('Running {0}', rawCommands[view]);
    await open(rawTextUri({ file, view }), { title, preview: true });
  });
}

async function pickView(file: vscode.Uri): Promise<RawView | undefined> {
  const items = rawViews.map(view => ({ label: rawCommands[view], description: viewDescription(view), view }));
  const title = vscode.l10n.t('Raw text of {0}', fileName(file));
  return (await vscode.window.showQuickPick(items, { title, matchOnDescription: true }))?.view;
}

function viewDescription(view: RawView): string {
  switch (view) {
    case 'readelf':
      return vscode.l10n.t('headers, sections, segments, symbols, relocations, notes: everything');
    case 'nm':
      return vscode.l10n.t('dynamic symbols with their versions');
    case 'objdump':
      return vscode.l10n.t('headers, private headers, sections, symbols and relocations');
  }
}
