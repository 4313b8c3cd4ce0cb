import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

/** The page without any content: what it shows comes by message after its `ready`. */
export function elfEditorHtml(webview: vscode.Webview, root: vscode.Uri): string {
  const nonce = randomBytes(16).toString('base64');
  const asset = (name: string): string => webview.asWebviewUri(vscode.Uri.joinPath(root, name)).toString();
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}' ${webview.cspSource}`,
    `font-src ${webview.cspSource}`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${vscode.env.language}">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="${policy}">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Binary Detective</title>
  <link rel="stylesheet" nonce="${nonce}" href="${asset('codicon.css')}" id="vscode-codicon-stylesheet">
  <link rel="stylesheet" nonce="${nonce}" href="${asset('elf-editor.css')}">
</head>
<body>
  <elf-editor role="main"></elf-editor>
  <script type="module" nonce="${nonce}" src="${asset('elf-editor.js')}"></script>
</body>
</html>`;
}
