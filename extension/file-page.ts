import * as vscode from 'vscode';
import { watchFile } from './watch-file.ts';
import { type WebviewPage, webviewHtml, webviewRoot } from './webview-html.ts';

/** Loads a page about a file into its panel, and calls back when the file has changed on disk. */
export function loadFilePage(
  context: vscode.ExtensionContext,
  panel: vscode.WebviewPanel,
  page: WebviewPage,
  { uri, onChanged }: { readonly uri: vscode.Uri; readonly onChanged: () => void },
): void {
  const root = webviewRoot(context);
  panel.webview.options = { enableScripts: true, enableForms: page.hasForms === true, localResourceRoots: [root] };
  panel.webview.html = webviewHtml(panel.webview, root, page);
  if (uri.scheme !== 'file') return;
  const watcher = watchFile(uri, onChanged);
  panel.onDidDispose(() => watcher.dispose());
}

/** The words of a page in the person's language. */
export function translatedTexts<Name extends string>(
  texts: Readonly<Record<Name, string>>,
): Readonly<Record<Name, string>> {
  const pairs = Object.entries<string>(texts).map(([name, text]) => [name, vscode.l10n.t(text)]);
  return Object.fromEntries(pairs) as Record<Name, string>;
}
