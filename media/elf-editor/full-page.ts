import { html, nothing, type TemplateResult } from 'lit';
import { displayText } from '../../language-server/protocol/display-text.ts';
import { commandLine } from './command-line.ts';
import { host } from './host.ts';
import { text } from './texts.ts';

export function loadingPage(): TemplateResult {
  return html`
    <div class="full-page" role="status">
      <vscode-progress-ring aria-hidden="true"></vscode-progress-ring>
      <p>${text('loading')}</p>
    </div>
  `;
}

export interface PageError {
  readonly message: string;
  readonly remedy: string | undefined;
}

/** One sentence that says what is wrong, and what can be done about it. */
export function errorPage(error: PageError, retry: () => void): TemplateResult {
  return html`
    <div class="full-page">
      <span class="codicon codicon-file-binary" aria-hidden="true"></span>
      <h1>${text('failed')}</h1>
      <p role="alert">${displayText(error.message)}</p>
      ${error.remedy === undefined ? nothing : html`<p>${text('remedy')}</p>${commandLine(error.remedy)}`}
      <div class="buttons">
        <vscode-button @click=${retry}>${text('retry')}</vscode-button>
        <vscode-button secondary @click=${() => void host.openOtherwise()}>${text('openOtherwise')}</vscode-button>
      </div>
    </div>
  `;
}
