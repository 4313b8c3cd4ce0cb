import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { keyed } from 'lit/directives/keyed.js';
import { displayText } from '../../language-server/protocol/display-text.ts';
import type { ElfOverview, TableSummary } from '../../language-server/protocol/elf.ts';
import { numberText } from '../page-texts.ts';
import { tabbed } from '../tabs.ts';
import { errorPage, loadingPage } from './full-page.ts';
import { host, storedState, storeState } from './host.ts';
import { overviewTab } from './overview-tab.ts';
import { freshPageState, type PageState, type TableState, tableStateOf } from './page-state.ts';
import { renderReport, reportTabsOf } from './report/report-tabs.ts';
import type { SizeState } from './size/size-state.ts';
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
    const reports = reportTabsOf(overview);
    const tabs = [
      { id: 'overview', title: text('overview'), count: seriousFindings(overview) },
      ...reports.map(({ id, title }) => ({ id, title: text(title), count: undefined })),
      ...overview.tables.map(({ id, title, rowCount, isScanned }) => ({
        id,
        title,
        count: isScanned ? undefined : numberText(rowCount),
      })),
    ];
    const table = overview.tables.find(({ id }) => id === this.pageState.tab);
    const report = reports.find(({ id }) => id === this.pageState.tab);
    const content =
      table !== undefined
        ? this.renderTable(table, overview.version)
        : report !== undefined
          ? html`<div @size-changed=${(event: CustomEvent<SizeState>) => this.keep({ ...this.pageState, size: event.detail })}>${renderReport(report, overview.version)}</div>`
          : html`<div @tab-selected=${(event: CustomEvent<string>) => void this.selectTab(event.detail)}>${overviewTab(overview)}</div>`;
    const select = (tab: string): void => this.keep({ ...this.pageState, tab });
    return html`
      ${notice === undefined ? nothing : html`<p class="notice" role="alert"><span class="codicon codicon-warning" aria-hidden="true"></span>${notice}</p>`}
      ${tabbed(tabs, table?.id ?? report?.id ?? 'overview', displayText(overview.path), select, content)}
    `;
  }

  private renderTable(table: TableSummary, version: string): TemplateResult {
    // A new element for each table: what one has loaded and scrolled is not the other's.
    const element = html`
      <elf-table
        .table=${table}
        .version=${version}
        .state=${tableStateOf(this.pageState, table.id)}
        @state-changed=${(event: CustomEvent<TableState>) => this.keepTable(table.id, event.detail)}
        @version-changed=${() => void this.load()}
      ></elf-table>
    `;
    return html`${keyed(table.id, element)}`;
  }

  /** By a link of the page: the tab gets the focus too, since the link goes away. */
  private async selectTab(tab: string): Promise<void> {
    this.keep({ ...this.pageState, tab });
    await this.updateComplete;
    this.querySelector<HTMLElement>('[role="tab"][aria-selected="true"]')?.focus();
  }

  private keepTable(id: string, state: TableState): void {
    this.keep({ ...this.pageState, tables: { ...this.pageState.tables, [id]: state } });
  }

  private keep(state: PageState): void {
    this.pageState = state;
    storeState(state);
  }
}

function seriousFindings({ findings }: ElfOverview): string | undefined {
  const serious = findings.filter(({ severity }) => severity === 'error' || severity === 'warning');
  return serious.length === 0 ? undefined : numberText(serious.length);
}
