import * as vscode from 'vscode';
import { cythonLanguageId } from '../../language-server/protocol/cython.ts';
import {
  type FunctionScore,
  generateC,
  generatedCScheme,
  introducedLine,
} from '../../language-server/protocol/generated-c.ts';
import { commandIds } from '../command-ids.ts';
import { registerCommand } from '../commands.ts';
import { fileName } from '../inspected-file.ts';
import type { Services } from '../services.ts';
import type { StreamedTexts } from '../streamed-text/register.ts';
import { generatedCUri, sourceOfGeneratedC } from './document-uri.ts';

/** The scores of the last two builds that were not the same. */
interface Builds {
  readonly last: readonly FunctionScore[];
  readonly before: readonly FunctionScore[] | undefined;
}

/** "Show Generated C": what the Cython compiler makes of each line, as a read-only document with links both ways. */
export function registerGeneratedC(services: Services, texts: StreamedTexts): void {
  const { context, server } = services;
  const builds = new Map<string, Builds>();
  const open = texts.add({
    scheme: generatedCScheme,
    ask: async (uri, maximumLines, onPart, token) => {
      const source = sourceOfGeneratedC(uri);
      const known = builds.get(source.toString());
      const limit = maximumLines === undefined ? {} : { maximumLines };
      const before = known?.last;
      const params = { uri: source.toString(), ...limit, ...(before !== undefined && { before }) };
      const generated = await server.requestWithProgress(generateC, params, onPart, token);
      // The same build once more is still compared with the one before it.
      if (known === undefined || !isSame(known.last, generated.functions)) {
        builds.set(source.toString(), { last: generated.functions, before });
        return generated;
      }
      if (known.before === undefined) return generated;
      return await server.requestWithProgress(generateC, { ...params, before: known.before }, onPart, token);
    },
    files: uri => [sourceOfGeneratedC(uri)],
  });

  registerCommand(services, commandIds.showGeneratedC, async argument => {
    const editor = vscode.window.activeTextEditor;
    const source = argument instanceof vscode.Uri ? argument : editor?.document.uri;
    if (source?.scheme !== 'file') {
      throw new Error(vscode.l10n.t('Open a Cython source (.pyx) to see the C that is generated of it.'));
    }
    const line = editor?.document.uri.toString() === source.toString() ? editor.selection.active.line : undefined;
    const uri = generatedCUri(source);
    const title = vscode.l10n.t('Generating C of {0}', fileName(source));
    await open(uri, { title, viewColumn: vscode.ViewColumn.Beside, preview: true });
    if (line !== undefined) reveal(uri, line);
  });
  context.subscriptions.push(
    vscode.languages.registerDocumentLinkProvider({ scheme: generatedCScheme }, { provideDocumentLinks: sourceLinks }),
    vscode.languages.registerDefinitionProvider({ scheme: generatedCScheme }, { provideDefinition: sourceDefinition }),
    vscode.languages.registerDefinitionProvider(
      { scheme: 'file', language: cythonLanguageId },
      { provideDefinition: generatedDefinition },
    ),
  );
}

function isSame(first: readonly FunctionScore[], second: readonly FunctionScore[]): boolean {
  return JSON.stringify(first) === JSON.stringify(second);
}

/** Shows what a line became; of a line that became nothing, what the nearest one before it did. */
function reveal(uri: vscode.Uri, line: number): void {
  const editor = vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === uri.toString());
  const at = editor && generatedLineOf(editor.document, line);
  if (editor === undefined || at === undefined) return;
  const position = new vscode.Position(at, 0);
  editor.selection = new vscode.Selection(position, position);
  editor.revealRange(new vscode.Range(position, position), vscode.TextEditorRevealType.AtTop);
}

function generatedLineOf(document: vscode.TextDocument, line: number): number | undefined {
  let found: number | undefined;
  for (let at = 0; at < document.lineCount; at += 1) {
    const introduced = introducedLine(document.lineAt(at).text);
    if (introduced !== null && introduced <= line) found = at;
  }
  return found;
}

/** Each comment that introduces a line leads to it. */
function sourceLinks(document: vscode.TextDocument): vscode.DocumentLink[] {
  const source = sourceOfGeneratedC(document.uri);
  const links: vscode.DocumentLink[] = [];
  for (let at = 0; at < document.lineCount; at += 1) {
    const { text } = document.lineAt(at);
    const line = introducedLine(text);
    if (line === null) continue;
    const end = text.indexOf(' score ');
    const link = new vscode.DocumentLink(new vscode.Range(at, 3, at, end), source.with({ fragment: `L${line + 1}` }));
    link.tooltip = vscode.l10n.t('Go to the line of the source');
    links.push(link);
  }
  return links;
}

/** From anywhere in the C of a line to that line. */
function sourceDefinition(document: vscode.TextDocument, { line }: vscode.Position): vscode.Location | undefined {
  for (let at = line; at >= 0; at -= 1) {
    const introduced = introducedLine(document.lineAt(at).text);
    if (introduced === null) continue;
    return new vscode.Location(sourceOfGeneratedC(document.uri), new vscode.Position(introduced, 0));
  }
  return undefined;
}

/** From a line of the source to its C, where that is open. */
function generatedDefinition(document: vscode.TextDocument, { line }: vscode.Position): vscode.Location | undefined {
  const uri = generatedCUri(document.uri);
  const open = vscode.workspace.textDocuments.find(each => each.uri.toString() === uri.toString());
  if (open === undefined) return undefined;
  for (let at = 0; at < open.lineCount; at += 1) {
    if (introducedLine(open.lineAt(at).text) === line) return new vscode.Location(uri, new vscode.Position(at, 0));
  }
  return undefined;
}
