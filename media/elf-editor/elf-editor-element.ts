import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { displayText } from '../../language-server/protocol/display-text.ts';
import type { ElfOverview, TableSummary } from '../../language-server/protocol/elf.ts';
import { errorPage, loadingPage } from './full-page.ts';
import { host, storedState, storeState } from './host.ts';
import { overviewTab } from './overview-tab.ts';
import { freshPageState, freshTableState, type PageState, type TableState } from './page-state.ts';
import { setTexts, text } from './texts.ts';

type Content =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'loading' }
  | { readonly kind: 'error'; readonly message: string; readonly remedy: string | undefined }
  | { readonly kind: 'overview'; readonly overview: ElfOverview; readonly notice: string | undefined };

/** Before this, showing that something is loading would only flicker. */
const loadingAfterMs = 300;

/** The whole page: asks for the overview, shows it in tabs, and keeps what the person did to it. */
export class ElfEditor extends LitElement {
  static override readonly properties = { content: { state: true }, pageState: { state: true } };
  declare content: Content;
  declare pageState: PageState;
  private asked = new AbortController();

  constructor() {
    super();
    this.content = { kind: 'waiting' };
    this.pageState = storedState() ?? freshPageState;
  }

  /** In the document itself: one style sheet, and the theme's variables, for all. */
  override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    host.onChanged(() => void this.load());
    void this.load();
  }

  override render(): TemplateResult | typeof nothing {
    const { content } = this;
    switch (content.kind) {
      case 'waiting':
        return nothing;
      case 'loading':
        return loadingPage();
      case 'error':
        return errorPage(content, () => void this.load());
      case 'overview':
        return this.renderTabs(content.overview, content.notice);
    }
  }

  private async load(): Promise<void> {
    this.asked.abort();
    this.asked = new AbortController();
    const { signal } = this.asked;
    if (this.content.kind !== 'overview') this.content = { kind: 'waiting' };
    const timer = setTimeout(() => {
      if (this.content.kind === 'waiting') this.content = { kind: 'loading' };
    }, loadingAfterMs);
    try {
      const answer = await host.ready(signal);
      if (signal.aborted) return;
      setTexts(answer.texts);
      if (answer.kind === 'overview') this.show(answer.overview);
      else this.fail(answer.message, answer.remedy);
    } catch (error) {
      if (!signal.aborted) this.fail(error instanceof Error ? error.message : String(error));
    } finally {
      clearTimeout(timer);
    }
  }

  private show(overview: ElfOverview): void {
    this.content = { kind: 'overview', overview, notice: undefined };
  }

  /** A file that a build is writing stays on the screen as it was, with a word about it. */
  private fail(message: string, remedy?: string): void {
    this.content =
      this.content.kind === 'overview'
        ? { ...this.content, notice: text('staleNotice', message) }
        : { kind: 'error', message, remedy };
  }

  private renderTabs(overview: ElfOverview, notice: string | undefined): TemplateResult {
    const ids = ['overview', ...overview.tables.map(table => table.id)];
    const selected = Math.max(ids.indexOf(this.pageState.tab), 0);
    return html`
      ${notice === undefined ? nothing : html`<p class="notice" role="alert"><span class="codicon codicon-warning" aria-hidden="true"></span>${notice}</p>`}
      <vscode-tabs
        panel
        selected-index=${selected}
        aria-label=${displayText(overview.path)}
        @vsc-tabs-select=${(event: CustomEvent<{ selectedIndex: number }>) => this.selectTab(ids, event)}
      >
        <vscode-tab-header slot="header" panel>${text('overview')}${findingsBadge(overview)}</vscode-tab-header>
        <vscode-tab-panel panel>${selected === 0 ? overviewTab(overview) : nothing}</vscode-tab-panel>
        ${repeat(
          overview.tables,
          table => table.id,
          (table, index) => html`
            <vscode-tab-header slot="header" panel>
              ${table.title}<vscode-badge slot="content-after" variant="counter">${table.rowCount.toLocaleString()}</vscode-badge>
            </vscode-tab-header>
            <vscode-tab-panel panel>
              ${selected === index + 1 ? this.renderTable(table, overview.version) : nothing}
            </vscode-tab-panel>
          `,
        )}
      </vscode-tabs>
    `;
  }

  private renderTable(table: TableSummary, version: string): TemplateResult {
    return html`
      <elf-table
        .table=${table}
        .version=${version}
        .state=${this.pageState.tables[table.id] ?? freshTableState}
        @state-changed=${(event: CustomEvent<TableState>) => this.keepTable(table.id, event.detail)}
        @version-changed=${() => void this.load()}
      ></elf-table>
    `;
  }

  private selectTab(ids: readonly string[], event: CustomEvent<{ selectedIndex: number }>): void {
    this.keep({ ...this.pageState, tab: ids[event.detail.selectedIndex] ?? 'overview' });
  }

  private keepTable(id: string, state: TableState): void {
    this.keep({ ...this.pageState, tables: { ...this.pageState.tables, [id]: state } });
  }

  private keep(state: PageState): void {
    this.pageState = state;
    storeState(state);
  }
}

function findingsBadge(overview: ElfOverview): TemplateResult | typeof nothing {
  const serious = overview.findings.filter(({ severity }) => severity === 'error' || severity === 'warning');
  if (serious.length === 0) return nothing;
  return html`<vscode-badge slot="content-after" variant="counter">${serious.length.toLocaleString()}</vscode-badge>`;
}
