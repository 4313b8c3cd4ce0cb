import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { ElfRow, TableSummary } from '../../../language-server/protocol/elf.ts';
import { RowViewport } from '../../rows/row-viewport.ts';
import { commandLine } from '../command-line.ts';
import type { HexPart, TableState } from '../page-state.ts';
import { text } from '../texts.ts';
import { gridWidths } from './column-widths.ts';
import type { CopyFormat } from './copied-rows.ts';
import { Copying } from './copying.ts';
import { filterErrorNotice, markInvalid } from './filter-error.ts';
import { FilterField } from './filter-field.ts';
import { onGridKey } from './grid-keys.ts';
import { gridRow, headerCell, headerElementId, rowElementId, type ShownColumn, shownColumns } from './grid-view.ts';
import { KeptState } from './kept-state.ts';
import { LoadedRows } from './loaded-rows.ts';
import { resizeColumn } from './resize-column.ts';
import type { RowActionId } from './row-action-id.ts';
import { canDo, copyFormatOf, fitsTable, rowActionsBar, runRowAction } from './row-actions.ts';
import { pressedRow } from './row-press.ts';
import { isSelected, type Range, type Selection, selectedCount, within } from './selection.ts';
import { sectionsWithContents, stringsOptions } from './strings-options.ts';
import { columnChoice, filterHelp } from './table-menus.ts';
import { failureNotice, remarkNotice } from './table-notices.ts';
import { rowsQuery } from './table-query.ts';
import { TextSelection } from './text-selection.ts';
import { demangleChip, viewChips } from './view-chips.ts';

/**
 * One table of the file: a filter, and a grid in which only the rows in view exist. The grid is one tab stop; the active row
 * is told to screen readers by `aria-activedescendant`, so that recycling rows never loses the focus.
 */
export class ElfTable extends LitElement {
  static override readonly properties = {
    table: { attribute: false },
    version: { attribute: false },
    state: { attribute: false },
    header: { state: true },
    sections: { state: true },
    failure: { state: true },
  };
  declare table: TableSummary;
  declare version: string;
  /** As it was kept; read when the table comes up, and told of by `state-changed` from then on. */
  declare state: TableState;
  /** Place of the header that the keys are on, among those shown; undefined: they are on a row. */
  declare header: number | undefined;
  /** Names of the sections that the table of strings can be limited to. */
  declare sections: readonly string[];
  /** Of what the person did last. */
  declare failure: string | undefined;

  private readonly kept = new KeptState(detail => this.dispatchEvent(new CustomEvent('state-changed', { detail })));
  private readonly rows = new LoadedRows({
    onChange: isOther => this.onRows(isOther),
    onOtherVersion: () => this.dispatchEvent(new CustomEvent('version-changed')),
  });
  private readonly viewport = new RowViewport(this, {
    grid: () => this.grid,
    rowCount: () => this.rowCount,
    topRow: () => this.current.topRow,
    onScrolled: topRow => this.kept.change({ topRow }),
  });
  private readonly filterField = new FilterField({
    set: filter => {
      if (filter !== this.current.filter) this.ask({ filter });
    },
    leave: () => this.grid.focus(),
  });
  private readonly copying = new Copying(this);
  private readonly textSelection = new TextSelection(this, () => this.grid);

  constructor() {
    super();
    this.sections = [];
  }

  override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.kept.connect();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.filterField.dispose();
    this.kept.disconnect();
    this.rows.close();
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('table') && changed.get('table')?.id !== this.table.id) {
      this.kept.restore(this.state);
      this.rows.reset(this.table);
    }
    // Another version of the file: the same place in its new rows.
    if (changed.has('table') || changed.has('version')) {
      this.openRows();
      if (this.table.id === 'strings') void this.loadSections();
    }
  }

  override updated(): void {
    const { columns, minimum } = gridWidths(this.table, this.current.widths, this.rows.sample, this.current.hidden);
    this.grid.style.setProperty('--columns', columns);
    this.grid.style.setProperty('--minimum-width', minimum);
    markInvalid(this.querySelector<HTMLElement>('.filter'), this.rows.filterError);
    const { items } = this.viewport;
    this.rows.want(items[0]?.index ?? 0, items.at(-1)?.index ?? 0, this.rowCount);
  }

  override render(): TemplateResult {
    const { table, rows, current } = this;
    const failure = this.failure ?? rows.failure;
    return html`
      <h1 class="unseen">${table.title}</h1>
      <div class="table-bar">
        ${viewChips(table, current.view, view => this.ask({ view }))}
        ${table.id === 'strings' ? stringsOptions(current.strings, this.sections, strings => this.ask({ strings })) : nothing}
        ${this.filterField.render(current.filter, rows.filterError)}
        ${filterHelp(table)} ${columnChoice(table.columns, current.hidden, hidden => this.redraw({ hidden }))}
        ${demangleChip(table, current.demangle, demangle => this.rename(demangle))}
        <span class="count" role="status">${this.countText}</span>
        ${commandLine(rows.command ?? table.command)}
      </div>
      ${rows.filterError === undefined ? nothing : filterErrorNotice(current.filter, rows.filterError)}
      ${rows.remarks.map(remarkNotice)}
      ${failure === undefined ? nothing : failureNotice(failure, () => this.openRows())}
      ${this.renderGrid()}
      ${rowActionsBar({
        table,
        row: this.activeElfRow,
        selectedCount: selectedCount(this.selection),
        isHexShown: current.hex,
        run: id => void this.run(id),
        copyAll: () => void this.copy([[0, Number.POSITIVE_INFINITY]], 'table'),
        cancel: this.copying.isRunning && this.copying.message !== '' ? () => this.copying.cancel() : undefined,
        message: this.copying.message,
      })}
      ${this.renderHex()}
    `;
  }

  private renderGrid(): TemplateResult {
    const { table, viewport } = this;
    const columns = shownColumns(table, this.current.hidden);
    return html`
      <div
        class="grid"
        role="grid"
        tabindex="0"
        aria-label=${table.title}
        aria-description=${text('gridHint')}
        aria-multiselectable="true"
        aria-rowcount=${this.rowCount + 1}
        aria-colcount=${columns.length}
        aria-activedescendant=${this.activeElementId ?? nothing}
        @keydown=${this.onGridKey}
        @copy=${this.onCopy}
        @scroll=${() => viewport.onScroll()}
      >
        <div class="row head" role="row" aria-rowindex="1">
          ${columns.map((shown, index) => this.renderHeader(shown, index))}
        </div>
        <div class="rows" role="rowgroup" .style=${`height: ${viewport.elementHeight}px`}>
          ${repeat(
            viewport.items,
            item => item.index,
            item => this.renderRow(columns, item.index),
          )}
        </div>
        ${this.rowCount === 0 ? html`<p class="empty">${this.emptyText}</p>` : nothing}
      </div>
    `;
  }

  private renderHeader({ column }: ShownColumn, index: number): TemplateResult {
    return headerCell(column, index, {
      sort: this.current.sort,
      isActive: this.header === index,
      sortBy: () => this.sortBy(column.id),
      resize: event => resizeColumn(event, width => this.setWidth(column.id, width)),
      resetWidth: () => this.setWidth(column.id, undefined),
    });
  }

  private renderRow(columns: readonly ShownColumn[], position: number): TemplateResult {
    return gridRow(columns, {
      position,
      row: this.rows.row(position),
      isActive: position === this.current.activeRow,
      isSelected: isSelected(this.selection, position),
      offset: this.viewport.offsetOf(position),
      press: event => this.onRowPress(event, position),
      enter: () => void this.enter(),
    });
  }

  private renderHex(): TemplateResult | typeof nothing {
    const row = this.activeElfRow;
    if (!this.current.hex || row === undefined || !canDo('hex', this.table, row)) return nothing;
    const onPart = ({ detail }: CustomEvent<HexPart>): void => this.kept.change({ hexPart: detail });
    return html`
      <elf-hex
        .table=${this.table}
        .row=${row}
        .version=${this.version}
        .keptPart=${this.current.hexPart}
        @part-changed=${onPart}
      ></elf-hex>
    `;
  }

  private get current(): TableState {
    return this.kept.current;
  }

  private get grid(): HTMLElement {
    const grid = this.querySelector<HTMLElement>('.grid');
    if (grid === null) throw new Error('The table has been rendered without its grid.');
    return grid;
  }

  /** Until the first page is here, what the overview said. */
  private get rowCount(): number {
    return this.rows.matching ?? (this.isFiltered ? 0 : this.table.rowCount);
  }

  private get isFiltered(): boolean {
    return this.current.filter !== '' || this.current.view !== '';
  }

  private get activeElfRow(): ElfRow | undefined {
    return this.rows.row(this.current.activeRow);
  }

  private get selection(): Selection {
    const { activeRow, selected, anchorRow } = this.current;
    return { ranges: selected, active: activeRow, anchor: anchorRow };
  }

  private get countText(): string {
    const { matching, total, failure, filterError } = this.rows;
    if (matching === undefined && (this.isFiltered || this.table.isScanned)) {
      return failure === undefined ? text('searching') : '';
    }
    if (filterError !== undefined) return '';
    return this.isFiltered ? text('countMatching', this.rowCount, total) : text('countAll', total);
  }

  private get emptyText(): string {
    if (this.rows.filterError !== undefined || this.rows.matching === undefined) return '';
    return this.current.filter === '' ? text('noRows') : text('noMatches', this.current.filter);
  }

  private get activeElementId(): string | undefined {
    if (this.header !== undefined) return headerElementId(this.header);
    const { activeRow } = this.current;
    return this.viewport.isRendered(activeRow) ? rowElementId(activeRow) : undefined;
  }

  private openRows(): void {
    this.failure = undefined;
    this.rows.open(this.table, this.version, this.current);
  }

  private async loadSections(): Promise<void> {
    this.sections = await sectionsWithContents(this.version).catch(() => this.sections);
  }

  private onRows(isOther: boolean): void {
    if (isOther) {
      this.viewport.resize();
      if (this.current.activeRow >= this.rowCount) this.keepSelection(within(this.selection, this.rowCount));
    }
    this.requestUpdate();
  }

  private select(selection: Selection): void {
    this.header = undefined;
    this.keepSelection(selection);
    this.viewport.reveal(selection.active);
    this.requestUpdate();
  }

  private keepSelection({ ranges, active, anchor }: Selection): void {
    this.kept.change({ selected: ranges, activeRow: active, anchorRow: anchor });
  }

  private onRowPress(event: MouseEvent, position: number): void {
    this.select(pressedRow(event, this.selection, position));
    // The second press of a double click opens, and would select a word beside; Shift would select the text between.
    if (event.detail <= 1 && !event.shiftKey) return;
    event.preventDefault();
    this.grid.focus();
  }

  private readonly onGridKey = (event: KeyboardEvent): void => {
    const columns = shownColumns(this.table, this.current.hidden);
    const isHandled = onGridKey(event, {
      selection: this.selection,
      header: this.header,
      headerCount: columns.length,
      rowCount: this.rowCount,
      visibleRows: this.viewport.visibleRows,
      select: selection => this.select(selection),
      toHeader: header => {
        this.header = header;
        this.querySelector(`#${headerElementId(header)}`)?.scrollIntoView({ inline: 'nearest' });
      },
      sort: header => this.sortBy(columns[header]?.column.id ?? ''),
      enter: () => void this.enter(),
      run: id => void this.run(id),
      scrollSideways: direction => this.viewport.scrollSideways(direction),
      toFilter: () => this.querySelector<HTMLElement>('.filter')?.focus(),
    });
    if (isHandled) event.preventDefault();
  };

  /** Ascending, then descending, then the order of the file. */
  private sortBy(id: string): void {
    const { sort } = this.current;
    const next = sort?.column !== id ? { column: id, descending: false } : { column: id, descending: true };
    this.reorder({ sort: sort?.column === id && sort.descending ? null : next });
  }

  /** What a double click and Enter do. */
  private async enter(): Promise<void> {
    const row = this.activeElfRow;
    if (row !== undefined) await this.run(canDo('disassemble', this.table, row) ? 'disassemble' : 'open');
  }

  private async run(id: RowActionId): Promise<void> {
    const format = copyFormatOf(id);
    if (format !== undefined) {
      await this.copy(this.current.selected, format);
      return;
    }
    if (id === 'hex') {
      // Also while the row is still coming: its bytes come behind it.
      if (this.current.activeRow >= 0 && fitsTable(id, this.table)) this.redraw({ hex: !this.current.hex });
      return;
    }
    const row = this.activeElfRow;
    if (row !== undefined && canDo(id, this.table, row)) await runRowAction(id, this.table, row);
  }

  private async copy(ranges: readonly Range[], format: CopyFormat): Promise<void> {
    try {
      await this.copying.copy(this.table, rowsQuery(this.table, this.current), ranges, format);
    } catch (error) {
      this.failure = error instanceof Error ? error.message : String(error);
    }
  }

  /** The selected rows, unless the person has selected some text of the page. */
  private readonly onCopy = (event: ClipboardEvent): void => {
    if (this.current.selected.length === 0 || this.textSelection.hasText) return;
    event.preventDefault();
    void this.run('copyRow');
  };

  /** Other rows: from their beginning. */
  private ask(change: Partial<TableState>): void {
    this.rows.matching = undefined;
    this.reorder(change);
  }

  /** In another order no position means the row that it meant. */
  private reorder(change: Partial<TableState>): void {
    this.kept.change({ ...change, selected: [], activeRow: -1, anchorRow: -1, topRow: 0 });
    this.openRows();
    this.viewport.toTop();
    this.requestUpdate();
  }

  /** The same rows in the same order, under other names. */
  private rename(demangle: boolean): void {
    this.kept.change({ demangle });
    this.openRows();
    this.requestUpdate();
  }

  private redraw(change: Partial<TableState>): void {
    this.kept.change(change);
    this.requestUpdate();
  }

  private setWidth(id: string, width: number | undefined): void {
    const { [id]: _before, ...others } = this.current.widths;
    this.redraw({ widths: width === undefined ? others : { ...others, [id]: width } });
  }
}
