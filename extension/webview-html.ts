import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

export interface WebviewPage {
  /** Name of the custom element that is the page, of its program and of its style sheet in `dist/webview`. */
  readonly element: string;
  /** Whether the page computes beside itself: in workers that it makes of programs of `dist/webview`. */
  readonly hasWorker?: boolean;
  /** Whether forms may be submitted within it. */
  readonly hasForms?: boolean;
}

/** The folder of the built pages, the only one that a page may read from. */
export function webviewRoot({ extensionUri }: vscode.ExtensionContext): vscode.Uri {
  return vscode.Uri.joinPath(extensionUri, 'dist', 'webview');
}

/** A page without any content: what it shows comes by message after its `ready`. */
export function webviewHtml(webview: vscode.Webview, root: vscode.Uri, { element, hasWorker }: WebviewPage): string {
  const nonce = randomBytes(16).toString('base64');
  const asset = (name: string): string => webview.asWebviewUri(vscode.Uri.joinPath(root, name)).toString();
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}' ${webview.cspSource}`,
    `font-src ${webview.cspSource}`,
    // A worker must be of the page's own origin: the page reads the program and makes a blob of it.
    ...(hasWorker === true ? [`connect-src ${webview.cspSource}`, 'worker-src blob:'] : []),
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${vscode.env.language}">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="${policy}">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Binary Detective</title>
  <link rel="stylesheet" nonce="${nonce}" href="${asset('codicon.css')}" id="vscode-codicon-stylesheet">
  <link rel="stylesheet" nonce="${nonce}" href="${asset(`${element}.css`)}">
</head>
<body>
  <${element} role="main"></${element}>
  <script type="module" nonce="${nonce}" src="${asset(`${element}.js`)}"></script>
</body>
</html>`;
}
