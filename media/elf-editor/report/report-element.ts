import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { displayText } from '../../../language-server/protocol/display-text.ts';
import { text } from '../texts.ts';

/** One answer of the language server about the whole file, and how it is shown. */
export interface Report<Answer> {
  readonly load: (signal: AbortSignal) => Promise<Answer>;
  readonly show: (answer: Answer) => TemplateResult;
}

/** Before this, showing that something is loading would only flicker. */
const loadingAfterMs = 300;

type Content =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'loading' }
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'answer'; readonly answer: unknown };

/** Asks for a report when it comes up and whenever the file is another; what is shown stays until the new answer is here. */
export class ElfReport extends LitElement {
  static override readonly properties = {
    report: { attribute: false },
    version: { attribute: false },
    content: { state: true },
  };
  declare report: Report<unknown>;
  declare version: string;
  declare content: Content;
  private asked = new AbortController();

  constructor() {
    super();
    this.content = { kind: 'waiting' };
  }

  override createRenderRoot(): HTMLElement {
    return this;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.asked.abort();
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('version')) void this.load();
  }

  override render(): TemplateResult | typeof nothing {
    const { content } = this;
    switch (content.kind) {
      case 'waiting':
        return nothing;
      case 'loading':
        return html`<p class="report-loading" role="status"><vscode-progress-ring aria-hidden="true"></vscode-progress-ring>${text('loading')}</p>`;
      case 'error':
        return html`
          <p class="notice" role="alert">
            <span class="codicon codicon-error" aria-hidden="true"></span>${displayText(content.message)}
            <vscode-button secondary @click=${() => void this.load()}>${text('retry')}</vscode-button>
          </p>
        `;
      case 'answer':
        return this.report.show(content.answer);
    }
  }

  private async load(): Promise<void> {
    this.asked.abort();
    this.asked = new AbortController();
    const { signal } = this.asked;
    const timer = setTimeout(() => {
      if (this.content.kind === 'waiting') this.content = { kind: 'loading' };
    }, loadingAfterMs);
    try {
      const answer = await this.report.load(signal);
      if (!signal.aborted) this.content = { kind: 'answer', answer };
    } catch (error) {
      if (!signal.aborted)
        this.content = { kind: 'error', message: error instanceof Error ? error.message : String(error) };
    } finally {
      clearTimeout(timer);
    }
  }
}
