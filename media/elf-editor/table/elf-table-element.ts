import { elementScroll, observeElementRect, Virtualizer } from '@tanstack/virtual-core';
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { displayText } from '../../../language-server/protocol/display-text.ts';
import type { ElfRow, FilterError, TableColumn, TableSummary } from '../../../language-server/protocol/elf.ts';
import type { RowsResult } from '../../../language-server/protocol/elf-editor.ts';
import type { Finding } from '../../../language-server/protocol/finding.ts';
import { commandLine } from '../command-line.ts';
import { host } from '../host.ts';
import { freshTableState, type TableState } from '../page-state.ts';
import { text } from '../texts.ts';
import { gridWidths } from './column-widths.ts';
import { collectRows, tabSeparated } from './copied-rows.ts';
import { filterErrorNotice, markInvalid } from './filter-error.ts';
import { movedHeader, movedRow } from './keys.ts';
import { canDo, type RowActionId, rowActionsBar, runRowAction } from './row-actions.ts';
import { pageRows, RowPages } from './row-pages.ts';
import { ScaledScroll } from './scaled-scroll.ts';
import { columnChoice, filterHelp } from './table-menus.ts';
import { rowsQuery, typedError } from './table-query.ts';
import { viewChips } from './view-chips.ts';

const typingPauseMs = 150;
const storePauseMs = 250;
const overscanRows = 12;
const narrowestColumn = 40;
const messageMs = 2500;

/**
 * One table of the file: a filter, and a grid in which only the rows in view exist. The grid is one tab stop; the active row
 * is told to screen readers by `aria-activedescendant`, so that recycling rows never loses the focus.
 */
export class ElfTable extends LitElement {
  static override readonly properties = {
    table: { attribute: false },
    version: { attribute: false },
    state: { attribute: false },
    matching: { state: true },
    failure: { state: true },
    filterError: { state: true },
    header: { state: true },
    message: { state: true },
  };
  declare table: TableSummary;
  declare version: string;
  /** As it was kept; read when the table comes up, and told of by `state-changed` from then on. */
  declare state: TableState;
  /** Rows that match the filter; undefined until the first page is here. */
  declare matching: number | undefined;
  declare failure: string | undefined;
  /** Its place is in what the person has typed. */
  declare filterError: FilterError | undefined;
  /** Place of the header that the keys are on, among those shown; undefined: they are on a row. */
  declare header: number | undefined;
  /** What was just done. */
  declare message: string;

  private current: TableState = freshTableState;
  private total = 0;
  private remarks: readonly string[] = [];
  private copying = new AbortController();
  private pages: RowPages | undefined;
  private readonly rowScroll = new ScaledScroll();
  private virtualizer: Virtualizer<HTMLElement, HTMLElement> | undefined;
  private unmountVirtualizer: (() => void) | undefined;
  private tellOffset: ((offset: number, isScrolling: boolean) => void) | undefined;
  private rowHeight = 22;
  private sample: readonly ElfRow[] = [];
  private typing: ReturnType<typeof setTimeout> | undefined;
  private storing: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.message = '';
  }

  override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    // Another editor may take this place as soon as the focus leaves, and then no timer runs any more.
    window.addEventListener('blur', this.storeNow);
    document.addEventListener('visibilitychange', this.storeNow);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('blur', this.storeNow);
    document.removeEventListener('visibilitychange', this.storeNow);
    clearTimeout(this.typing);
    this.storeNow();
    this.pages?.dispose();
    this.copying.abort();
    this.unmountVirtualizer?.();
    this.unmountVirtualizer = undefined;
    this.virtualizer = undefined;
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('table') && changed.get('table')?.id !== this.table.id) {
      this.current = this.state;
      this.sample = [];
      this.total = this.table.rowCount;
    }
    // Another version of the file: the same place in its new rows.
    if (changed.has('table') || changed.has('version')) this.openPages();
    // Before the rows are rendered: how many there are may be new.
    this.virtualizer?.setOptions(this.virtualizerOptions());
  }

  override firstUpdated(): void {
    const grid = this.grid;
    const fontSize = Number.parseFloat(getComputedStyle(document.body).fontSize) || 13;
    this.rowHeight = Math.round((fontSize * 22) / 13);
    this.virtualizer = new Virtualizer<HTMLElement, HTMLElement>(this.virtualizerOptions());
    this.unmountVirtualizer = this.virtualizer._didMount();
    this.virtualizer._willUpdate();
    grid.addEventListener('wheel', event => this.onWheel(event), { passive: false });
  }

  override updated(): void {
    const { virtualizer } = this;
    if (virtualizer === undefined) return;
    virtualizer._willUpdate();
    const { columns, minimum } = gridWidths(this.table, this.current.widths, this.sample, this.current.hidden);
    this.grid.style.setProperty('--columns', columns);
    this.grid.style.setProperty('--minimum-width', minimum);
    this.grid.style.setProperty('--row-height', `${this.rowHeight}px`);
    const items = virtualizer.getVirtualItems();
    markInvalid(this.filterField, this.filterError);
    this.pages?.want(items[0]?.index ?? 0, items.at(-1)?.index ?? 0, this.rowCount);
  }

  override render(): TemplateResult {
    const { table } = this;
    return html`
      <h1 class="unseen">${table.title}</h1>
      <div class="table-bar">
        ${viewChips(table, this.current.view, view => this.ask({ view }))}
        <vscode-textfield
          class="filter"
          type="search"
          placeholder=${text('filterRows')}
          .label=${text('filterRows')}
          .value=${this.current.filter}
          .invalid=${this.filterError !== undefined}
          @input=${this.onFilterInput}
          @keydown=${this.onFilterKey}
        >
          <span slot="content-before" class="codicon codicon-filter" aria-hidden="true"></span>
        </vscode-textfield>
        ${filterHelp(table)} ${columnChoice(table.columns, this.current.hidden, hidden => this.redraw({ hidden }))}
        ${table.symbolColumn === undefined ? nothing : this.renderDemangle()}
        <span class="count" role="status">${this.countText}</span>
        ${commandLine(table.command)}
      </div>
      ${this.filterError === undefined ? nothing : filterErrorNotice(this.current.filter, this.filterError)}
      ${this.remarks.map(remark => html`<p class="notice" role="status"><span class="codicon codicon-info" aria-hidden="true"></span>${displayText(remark)}</p>`)}
      ${this.failure === undefined ? nothing : this.renderFailure(this.failure)}
      <div
        class="grid"
        role="grid"
        tabindex="0"
        aria-label=${table.title}
        aria-description=${text('gridHint')}
        aria-rowcount=${this.rowCount + 1}
        aria-colcount=${this.shownColumns.length}
        aria-activedescendant=${this.activeElementId ?? nothing}
        @keydown=${this.onGridKey}
        @copy=${this.onCopy}
        @scroll=${this.onScroll}
      >
        <div class="row head" role="row" aria-rowindex="1">
          ${this.shownColumns.map(({ column }, index) => this.renderHeader(column, index))}
        </div>
        <div class="rows" role="rowgroup" .style=${`height: ${this.rowScroll.elementHeight}px`}>
          ${repeat(
            this.virtualizer?.getVirtualItems() ?? [],
            item => item.index,
            item => this.renderRow(item.index),
          )}
        </div>
        ${this.rowCount === 0 ? html`<p class="empty">${this.emptyText}</p>` : nothing}
      </div>
      ${rowActionsBar({
        table,
        row: this.activeElfRow,
        isHexShown: this.current.hex,
        run: id => void this.run(id),
        copyAll: () => void this.copyAll(),
        message: this.message,
      })}
      ${this.renderHex()}
    `;
  }

  private renderHex(): TemplateResult | typeof nothing {
    const row = this.activeElfRow;
    if (!this.current.hex || row === undefined || !canDo('hex', this.table, row)) return nothing;
    return html`<elf-hex .table=${this.table} .row=${row} .version=${this.version}></elf-hex>`;
  }

  private renderDemangle(): TemplateResult {
    const { demangle } = this.current;
    return html`
      <button
        type="button"
        class="chip"
        aria-pressed=${demangle}
        title=${text('demangleHint')}
        @click=${() => this.reorder({ demangle: !demangle })}
      >${text('demangle')}</button>
    `;
  }

  private renderHeader(column: TableColumn, index: number): TemplateResult {
    const { sort } = this.current;
    const direction = sort?.column !== column.id ? 'none' : sort.descending ? 'descending' : 'ascending';
    const arrow = direction === 'ascending' ? 'arrow-small-up' : 'arrow-small-down';
    // White space counts in a cell.
    return html`
      <div
        class="cell ${column.kind} ${this.header === index ? 'active' : ''}"
        role="columnheader"
        id=${headerElementId(index)}
        aria-colindex=${index + 1}
        aria-sort=${direction}
        aria-description=${text('sortHint')}
        title=${column.title}
        @click=${() => this.sortBy(column)}
      >${column.title}${direction === 'none' ? nothing : html`<span class="codicon codicon-${arrow}" aria-hidden="true"></span>`}<span
          class="resizer"
          aria-hidden="true"
          title=${text('resizeColumn', column.title)}
          @pointerdown=${(event: PointerEvent) => this.onResizeStart(event, column)}
          @click=${(event: Event) => event.stopPropagation()}
          @dblclick=${() => this.setWidth(column, undefined)}
        ></span></div>
    `;
  }

  private renderRow(position: number): TemplateResult {
    const row = this.pages?.row(position);
    const active = position === this.current.activeRow;
    const offset = this.rowScroll.elementOffset(position * this.rowHeight);
    return html`
      <div
        class="row ${active ? 'active' : ''} ${position % 2 === 1 ? 'odd' : ''}"
        role="row"
        id=${rowElementId(position)}
        aria-rowindex=${position + 2}
        aria-selected=${active}
        aria-busy=${row === undefined ? 'true' : nothing}
        .style=${`transform: translateY(${offset}px)`}
        @mousedown=${(event: MouseEvent) => this.onRowPress(event, position)}
        @dblclick=${() => void this.enter()}
      >
        ${this.shownColumns.map(({ column, place }, index) => {
          const cell = displayText(row?.cells[place] ?? '');
          const shown = column.kind === 'name' && row?.demangled !== undefined ? displayText(row.demangled) : cell;
          const title = shown === cell ? cell : `${shown}\n${cell}`;
          return html`<div class="cell ${column.kind}" role="gridcell" aria-colindex=${index + 1} title=${title}>${shown}</div>`;
        })}
      </div>
    `;
  }

  private renderFailure(message: string): TemplateResult {
    return html`
      <p class="notice" role="alert">
        <span class="codicon codicon-error" aria-hidden="true"></span>${text('tableFailed')}: ${displayText(message)}
        <vscode-button secondary @click=${() => this.openPages()}>${text('retry')}</vscode-button>
      </p>
    `;
  }

  private get grid(): HTMLElement {
    const grid = this.querySelector<HTMLElement>('.grid');
    if (grid === null) throw new Error('The table has been rendered without its grid.');
    return grid;
  }

  /** Until the first page is here, what the overview said or what was kept. */
  private get rowCount(): number {
    return this.matching ?? (this.isFiltered ? 0 : this.table.rowCount);
  }

  private get isFiltered(): boolean {
    return this.current.filter !== '' || this.current.view !== '';
  }

  private get shownColumns(): readonly { readonly column: TableColumn; readonly place: number }[] {
    return this.table.columns
      .map((column, place) => ({ column, place }))
      .filter(({ column }) => !this.current.hidden.includes(column.id));
  }

  private get activeElfRow(): ElfRow | undefined {
    return this.pages?.row(this.current.activeRow);
  }

  private get countText(): string {
    if (this.matching === undefined && (this.isFiltered || this.table.isScanned)) {
      return this.failure === undefined ? text('searching') : '';
    }
    if (this.filterError !== undefined) return '';
    return this.isFiltered ? text('countMatching', this.rowCount, this.total) : text('countAll', this.total);
  }

  private get emptyText(): string {
    if (this.filterError !== undefined || this.matching === undefined) return '';
    return this.current.filter === '' ? text('noRows') : text('noMatches', this.current.filter);
  }

  private get activeElementId(): string | undefined {
    if (this.header !== undefined) return headerElementId(this.header);
    const { activeRow } = this.current;
    const shown = this.virtualizer?.getVirtualItems().some(item => item.index === activeRow) ?? false;
    return shown ? rowElementId(activeRow) : undefined;
  }

  private virtualizerOptions(): ConstructorParameters<typeof Virtualizer<HTMLElement, HTMLElement>>[0] {
    return {
      count: this.rowCount,
      estimateSize: () => this.rowHeight,
      overscan: overscanRows,
      getScrollElement: () => this.grid,
      // The header covers the top of the view.
      observeElementRect: (instance, tell) =>
        observeElementRect(instance, rect => {
          const height = Math.max(rect.height - this.headerHeight, 0);
          this.rowScroll.resize(this.rowCount * this.rowHeight, height);
          this.restorePosition();
          tell({ width: rect.width, height });
        }),
      // Scroll positions go through the scaling, both ways.
      observeElementOffset: (_instance, tell) => {
        this.tellOffset = tell;
        tell(this.rowScroll.top, false);
        return () => {
          this.tellOffset = undefined;
        };
      },
      scrollToFn: (offset, options, instance) => {
        this.rowScroll.moveTo(offset);
        elementScroll(this.rowScroll.elementScrollTop, options, instance);
      },
      onChange: () => this.requestUpdate(),
    };
  }

  private get headerHeight(): number {
    return this.querySelector<HTMLElement>('.row.head')?.offsetHeight ?? this.rowHeight;
  }

  private get visibleRows(): number {
    return Math.floor((this.grid.clientHeight - this.headerHeight) / this.rowHeight);
  }

  private openPages(): void {
    this.pages?.dispose();
    this.failure = undefined;
    this.pages = new RowPages({
      query: rowsQuery(this.table, this.current),
      fetchRows: host.rows,
      onPage: page => this.onPage(page),
      onError: error => {
        this.failure = error instanceof Error ? error.message : String(error);
      },
    });
    const first = this.current.topRow;
    this.pages.want(first, first + pageRows, Math.max(this.table.rowCount, 1));
  }

  private onPage(page: RowsResult): void {
    if (page.version !== this.version) {
      // The file was replaced between the overview and this page: the overview is asked for anew.
      this.dispatchEvent(new CustomEvent('version-changed'));
      return;
    }
    const grown = this.matching !== page.matching;
    this.matching = page.matching;
    this.total = page.total;
    this.filterError = page.filterError && typedError(this.table, this.current, page.filterError);
    // What the overview does not have among its findings.
    const isNew = ({ code }: Finding): boolean => this.table.isScanned === true || code === 'elf/names-mangled';
    this.remarks = page.findings.filter(isNew).map(({ message }) => message);
    if (this.sample.length === 0) this.sample = page.rows;
    if (grown) {
      this.rowScroll.resize(page.matching * this.rowHeight, Math.max(this.grid.clientHeight - this.headerHeight, 0));
      if (this.current.activeRow >= page.matching) this.keep({ activeRow: page.matching - 1 });
      // The element must have its new height before it can be scrolled there.
      void this.updateComplete.then(() => this.restorePosition());
    }
    this.requestUpdate();
  }

  /** Scrolls to the kept row, once there are rows to scroll. */
  private restorePosition(): void {
    const top = this.current.topRow * this.rowHeight;
    if (Math.abs(this.rowScroll.top - top) >= this.rowHeight) this.moveTo(top);
  }

  private moveTo(top: number): void {
    this.rowScroll.moveTo(top);
    this.grid.scrollTop = this.rowScroll.elementScrollTop;
    this.afterScroll();
  }

  private afterScroll(): void {
    this.keep({ topRow: Math.round(this.rowScroll.top / this.rowHeight) });
    this.tellOffset?.(this.rowScroll.top, false);
    this.requestUpdate();
  }

  private onScroll(): void {
    if (this.rowScroll.elementScrolled(this.grid.scrollTop)) this.afterScroll();
  }

  /** In a scaled table the browser's own step would be many rows. */
  private onWheel(event: WheelEvent): void {
    if (!this.rowScroll.scaled || event.ctrlKey || event.deltaY === 0) return;
    event.preventDefault();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? this.rowHeight : 1;
    this.moveTo(this.rowScroll.top + event.deltaY * unit);
  }

  private activate(position: number): void {
    this.header = undefined;
    this.keep({ activeRow: position });
    const start = position * this.rowHeight;
    const view = this.grid.clientHeight - this.headerHeight;
    if (start < this.rowScroll.top) this.moveTo(start);
    else if (start + this.rowHeight > this.rowScroll.top + view) this.moveTo(start + this.rowHeight - view);
    this.requestUpdate();
  }

  private onRowPress(event: MouseEvent, position: number): void {
    this.activate(position);
    // The second press of a double click opens, and would select a word beside.
    if (event.detail > 1) event.preventDefault();
  }

  private onGridKey(event: KeyboardEvent): void {
    const target = movedRow(event, this.current.activeRow, this.rowCount, this.visibleRows);
    if (this.header !== undefined && this.onHeaderKey(event.key, this.header)) event.preventDefault();
    else if (event.key === 'ArrowUp' && this.current.activeRow <= 0) this.header = 0;
    else if (target !== undefined) this.activate(target);
    else if (event.key === 'Enter') void (event.shiftKey ? this.run('source') : this.enter());
    else if (event.key === ' ') void this.run('hex');
    else if (event.key === 'ArrowRight') this.grid.scrollLeft += 3 * this.rowHeight;
    else if (event.key === 'ArrowLeft') this.grid.scrollLeft -= 3 * this.rowHeight;
    else if (event.key === 'f' && (event.ctrlKey || event.metaKey)) this.filterField?.focus();
    else return;
    event.preventDefault();
  }

  /** Whether the key is one for headers. */
  private onHeaderKey(key: string, header: number): boolean {
    const shown = this.shownColumns;
    const column = shown[header]?.column;
    if ((key === 'Enter' || key === ' ') && column !== undefined) {
      this.sortBy(column);
      return true;
    }
    const target = movedHeader(key, header, shown.length);
    if (target === undefined) return false;
    if (target === 'rows') this.activate(Math.max(this.current.activeRow, 0));
    else this.header = target;
    this.querySelector(`#${headerElementId(this.header ?? header)}`)?.scrollIntoView({ inline: 'nearest' });
    return true;
  }

  /** Ascending, then descending, then the order of the file. */
  private sortBy({ id }: TableColumn): void {
    const { sort } = this.current;
    if (sort?.column !== id) this.reorder({ sort: { column: id, descending: false } });
    else this.reorder({ sort: sort.descending ? null : { column: id, descending: true } });
  }

  /** What a double click and Enter do. */
  private async enter(): Promise<void> {
    await this.run(this.table.symbolColumn === undefined ? 'open' : 'disassemble');
  }

  private async run(id: RowActionId): Promise<void> {
    const row = this.activeElfRow;
    if (row === undefined || !canDo(id, this.table, row)) return;
    if (id === 'hex') {
      this.redraw({ hex: !this.current.hex });
      return;
    }
    await runRowAction(id, this.table, row);
    if (id.startsWith('copy')) this.say(text('copied'));
  }

  private async copyAll(): Promise<void> {
    this.copying.abort();
    this.copying = new AbortController();
    const { signal } = this.copying;
    try {
      const query = rowsQuery(this.table, this.current);
      const { text: copied, rowCount, matching } = await collectRows(this.table.columns, query, host.rows, signal);
      await host.copy(copied);
      this.say(rowCount < matching ? text('copiedFirstRows', rowCount, matching) : text('copiedRows', rowCount));
    } catch (error) {
      if (!signal.aborted) this.failure = error instanceof Error ? error.message : String(error);
    }
  }

  private say(message: string): void {
    this.message = message;
    setTimeout(() => {
      if (this.message === message) this.message = '';
    }, messageMs);
  }

  /** The row as text, unless the person has selected some text of the page. */
  private onCopy(event: ClipboardEvent): void {
    const row = this.activeElfRow;
    if (row === undefined || !(getSelection()?.isCollapsed ?? true)) return;
    event.clipboardData?.setData('text/plain', tabSeparated(row.cells));
    event.preventDefault();
  }

  private get filterField(): HTMLElement | null {
    return this.querySelector<HTMLElement>('.filter');
  }

  private onFilterInput(event: Event): void {
    const { value } = event.target as HTMLInputElement;
    clearTimeout(this.typing);
    this.typing = setTimeout(() => this.setFilter(value), typingPauseMs);
  }

  private onFilterKey(event: KeyboardEvent): void {
    if (event.key === 'Escape' && this.current.filter !== '') this.setFilter('');
    else if (event.key === 'ArrowDown' || event.key === 'Enter') this.grid.focus();
    else return;
    event.preventDefault();
  }

  private setFilter(value: string): void {
    clearTimeout(this.typing);
    const filter = value.trim();
    if (filter !== this.current.filter) this.ask({ filter });
  }

  /** Other rows: from their beginning. */
  private ask(change: Partial<TableState>): void {
    this.matching = undefined;
    this.reorder({ ...change, activeRow: -1 });
  }

  /** The same rows in another way. */
  private reorder(change: Partial<TableState>): void {
    this.keep({ ...change, topRow: 0 });
    this.openPages();
    this.moveTo(0);
  }

  private redraw(change: Partial<TableState>): void {
    this.keep(change);
    this.requestUpdate();
  }

  private onResizeStart(event: PointerEvent, column: TableColumn): void {
    const handle = event.currentTarget as HTMLElement;
    const startX = event.clientX;
    const startWidth = handle.parentElement?.offsetWidth ?? 0;
    const move = (moved: PointerEvent): void =>
      this.setWidth(column, Math.max(startWidth + moved.clientX - startX, narrowestColumn));
    handle.setPointerCapture(event.pointerId);
    handle.addEventListener('pointermove', move);
    handle.addEventListener('lostpointercapture', () => handle.removeEventListener('pointermove', move), {
      once: true,
    });
    event.preventDefault();
  }

  private setWidth(column: TableColumn, width: number | undefined): void {
    const { [column.id]: _before, ...others } = this.current.widths;
    this.redraw({ widths: width === undefined ? others : { ...others, [column.id]: width } });
  }

  private keep(change: Partial<TableState>): void {
    this.current = { ...this.current, ...change };
    clearTimeout(this.storing);
    this.storing = setTimeout(() => this.storeNow(), storePauseMs);
  }

  private readonly storeNow = (): void => {
    clearTimeout(this.storing);
    this.dispatchEvent(new CustomEvent('state-changed', { detail: this.current }));
  };
}

function rowElementId(position: number): string {
  return `row-${position}`;
}

function headerElementId(index: number): string {
  return `header-${index}`;
}
