import { html, type TemplateResult } from 'lit';
import type { FilterError } from '../../../language-server/protocol/elf.ts';
import { text } from '../texts.ts';

const typingPauseMs = 150;

export interface FilterFieldOptions {
  readonly set: (filter: string) => void;
  /** The person is done with typing. */
  readonly leave: () => void;
}

/** Where the filter is typed: it holds once the person pauses, or goes elsewhere. */
export class FilterField {
  private typing: ReturnType<typeof setTimeout> | undefined;
  /** Typed, and not in force yet. */
  private typed: string | undefined;
  private readonly options: FilterFieldOptions;

  constructor(options: FilterFieldOptions) {
    this.options = options;
  }

  render(filter: string, error: FilterError | undefined): TemplateResult {
    return html`
      <vscode-textfield
        class="filter"
        type="search"
        placeholder=${text('filterRows')}
        .label=${text('filterRows')}
        .value=${filter}
        .invalid=${error !== undefined}
        @input=${this.onInput}
        @focusout=${this.take}
        @keydown=${(event: KeyboardEvent) => this.onKey(event, filter)}
      >
        <span slot="content-before" class="codicon codicon-filter" aria-hidden="true"></span>
      </vscode-textfield>
    `;
  }

  dispose(): void {
    clearTimeout(this.typing);
  }

  private readonly onInput = (event: Event): void => {
    const { value } = event.target as HTMLInputElement;
    clearTimeout(this.typing);
    this.typed = value;
    this.typing = setTimeout(this.take, typingPauseMs);
  };

  private readonly take = (): void => {
    if (this.typed !== undefined) this.set(this.typed);
  };

  private onKey(event: KeyboardEvent, filter: string): void {
    if (event.key === 'Escape' && filter !== '') this.set('');
    else if (event.key === 'ArrowDown' || event.key === 'Enter') this.options.leave();
    else return;
    event.preventDefault();
  }

  private set(value: string): void {
    clearTimeout(this.typing);
    this.typed = undefined;
    this.options.set(value.trim());
  }
}
