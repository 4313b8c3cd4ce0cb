import { html, type TemplateResult } from 'lit';
import { displayText } from '../../../language-server/protocol/display-text.ts';
import { text } from '../texts.ts';

/** What is to be known of the rows. */
export function remarkNotice(remark: string): TemplateResult {
  return html`<p class="notice" role="status"><span class="codicon codicon-info" aria-hidden="true"></span>${displayText(remark)}</p>`;
}

/** Why there are no rows, or why something could not be done with them. */
export function failureNotice(message: string, retry: () => void): TemplateResult {
  return html`
    <p class="notice" role="alert">
      <span class="codicon codicon-error" aria-hidden="true"></span>${text('tableFailed')}: ${displayText(message)}
      <vscode-button secondary @click=${retry}>${text('retry')}</vscode-button>
    </p>
  `;
}
