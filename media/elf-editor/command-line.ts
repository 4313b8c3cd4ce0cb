import { html, type TemplateResult } from 'lit';
import { displayText } from '../../language-server/protocol/display-text.ts';
import { host } from './host.ts';
import { text } from './texts.ts';

const copiedForMs = 1500;

/** A shell command that shows the same as the page does, with a button that copies it. */
export function commandLine(command: string): TemplateResult {
  return html`
    <div class="command">
      <code title=${displayText(command)}>${displayText(command)}</code>
      <button
        type="button"
        class="icon-button codicon codicon-copy"
        title=${text('copyCommand')}
        aria-label="${text('copyCommand')}: ${displayText(command)}"
        @click=${(event: Event) => void copy(event, command)}
      ></button>
    </div>
  `;
}

async function copy(event: Event, command: string): Promise<void> {
  const button = event.currentTarget;
  await host.copy(command);
  if (!(button instanceof HTMLElement)) return;
  button.classList.replace('codicon-copy', 'codicon-check');
  button.title = text('copied');
  setTimeout(() => {
    button.classList.replace('codicon-check', 'codicon-copy');
    button.title = text('copyCommand');
  }, copiedForMs);
}
