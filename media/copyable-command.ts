import { html, type TemplateResult } from 'lit';
import { displayText } from '../language-server/protocol/display-text.ts';

const copiedForMs = 1500;

export interface CommandWords {
  /** What the button does. */
  readonly copyCommand: string;
  readonly copied: string;
}

/** A shell command that shows the same as the page does, with a button that copies it. */
export function copyableCommand(
  command: string,
  words: CommandWords,
  copy: (text: string) => Promise<unknown>,
): TemplateResult {
  const press = async (event: Event): Promise<void> => {
    const button = event.currentTarget;
    await copy(command);
    if (!(button instanceof HTMLElement)) return;
    button.classList.replace('codicon-copy', 'codicon-check');
    button.title = words.copied;
    setTimeout(() => {
      button.classList.replace('codicon-check', 'codicon-copy');
      button.title = words.copyCommand;
    }, copiedForMs);
  };
  return html`
    <div class="command">
      <code title=${displayText(command)}>${displayText(command)}</code>
      <button
        type="button"
        class="icon-button codicon codicon-copy"
        title=${words.copyCommand}
        aria-label="${words.copyCommand}: ${displayText(command)}"
        @click=${(event: Event) => void press(event)}
      ></button>
    </div>
  `;
}
