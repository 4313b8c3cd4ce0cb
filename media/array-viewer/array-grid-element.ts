import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { displayText } from '../../language-server/protocol/display-text.ts';
import { ScaledScroll } from '../rows/scaled-scroll.ts';
import { type CellTiles, createCellTiles, type LoadTile } from './cell-tiles.ts';
import { movedPlace, type Place, rectangle } from './grid-keys.ts';
import { host } from './host.ts';
import { text } from './texts.ts';

/** In px. */
const rowHeight = 22;
/** Left and right of a text, with some room, in px. */
const cellPadding = 20;
const probeCharacters = 10;
/** In characters of the editor's font. */
const leastColumnWidth = 8;
const widestColumn = 40;
/** A clipboard takes more, and nobody reads it. */
const mostCopied = 20_000;

/** A table of elements, of which those are there that can be seen. One tab stop; roles of a grid. */
export class ArrayGrid extends LitElement {
  static override readonly properties = {
    rows: { attribute: false },
    columns: { attribute: false },
    load: { attribute: false },
    label: { attribute: false },
    place: { attribute: false },
    first: { state: true },
    anchor: { state: true },
    height: { state: true },
    width: { state: true },
    loaded: { state: true },
    notice: { state: true },
  };
  declare rows: number;
  declare columns: number;
  declare load: LoadTile;
  declare label: string;
  /** The element that the keys are on. */
  declare place: Place;
  /** The row and the column at the upper left. */
  declare first: Place;
  /** Where a selection that is extended began. */
  declare anchor: Place;
  declare height: number;
  declare width: number;
  /** Counts the tiles that came, so that they are drawn. */
  declare loaded: number;
  declare notice: string;
  private tiles: CellTiles | undefined;
  private readonly vertical = new ScaledScroll();
  private readonly horizontal = new ScaledScroll();
  private readonly observer = new ResizeObserver(() => this.measure());
  private characters = leastColumnWidth;
  private characterWidth = 8;

  constructor() {
    super();
    this.rows = 0;
    this.columns = 0;
    this.load = () => Promise.resolve([]);
    this.label = '';
    this.place = { row: 0, column: 0 };
    this.first = { row: 0, column: 0 };
    this.anchor = { row: 0, column: 0 };
    this.height = 0;
    this.width = 0;
    this.loaded = 0;
    this.notice = '';
  }

  override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.observer.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.observer.disconnect();
    this.tiles?.close();
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('load')) this.startOver();
    this.growColumns();
    // Whole rows and columns are seen, from one that begins at the edge: so the last one can be reached.
    this.vertical.resize(this.rows * rowHeight, this.visibleRows * rowHeight);
    this.horizontal.resize(this.columns * this.columnWidth, this.visibleColumns * this.columnWidth);
    this.first = {
      row: Math.floor(this.vertical.top / rowHeight),
      column: Math.floor(this.horizontal.top / this.columnWidth),
    };
    this.tiles?.show(this.first.row, this.visibleRows, this.first.column, this.visibleColumns);
  }

  protected override updated(changed: PropertyValues): void {
    const scroller = this.querySelector<HTMLElement>('.array-scroller');
    if (scroller === null) return;
    if (changed.has('load')) this.reveal(this.place);
    scroller.scrollTop = this.vertical.elementScrollTop;
    scroller.scrollLeft = this.horizontal.elementScrollTop;
  }

  override render(): TemplateResult | typeof nothing {
    if (this.rows === 0 || this.columns === 0) return html`<p class="quiet array-empty">${text('empty')}</p>`;
    const [height, width] = [
      this.vertical.elementHeight + this.height - this.visibleRows * rowHeight,
      this.horizontal.elementHeight + this.width - this.visibleColumns * this.columnWidth,
    ];
    return html`
      <div
        class="array-scroller grid"
        role="grid"
        tabindex="0"
        aria-label=${this.label}
        aria-description=${text('gridHint')}
        aria-rowcount=${this.rows + 1}
        aria-colcount=${this.columns + 1}
        aria-multiselectable="true"
        aria-activedescendant=${this.cellId(this.place)}
        @scroll=${this.onScroll}
        @wheel=${this.onWheel}
        @keydown=${this.onKey}
        @mousedown=${this.onMouse}
      >
        <div class="array-space" role="presentation" .style=${`height: ${height}px; width: ${width}px`}></div>
        <span class="array-probe" aria-hidden="true">${'0'.repeat(probeCharacters)}</span>
        <div class="array-window" role="presentation" .style=${`--column: ${this.columnWidth}px; --head: ${this.headWidth}px`}>
          ${this.headRow()}
          ${Array.from({ length: Math.min(this.visibleRows, this.rows - this.first.row) }, (_, index) => this.row(this.first.row + index))}
        </div>
      </div>
      <p class="unseen" role="status">${this.notice}</p>
    `;
  }

  private headRow(): TemplateResult {
    return html`<div class="array-row array-head" role="row" aria-rowindex="1">
      <span class="array-cell array-row-head" role="columnheader" aria-colindex="1"><span class="unseen">${text('rowIndex')}</span></span>
      ${this.shownColumns().map(
        column => html`<span class="array-cell" role="columnheader" aria-colindex=${column + 2}>${column}</span>`,
      )}
    </div>`;
  }

  private row(row: number): TemplateResult {
    return html`<div class="array-row" role="row" aria-rowindex=${row + 2}>
      <span class="array-cell array-row-head" role="rowheader" aria-colindex="1">${row}</span>
      ${this.shownColumns().map(column => this.cell(row, column))}
    </div>`;
  }

  private cell(row: number, column: number): TemplateResult {
    const value = this.tiles?.at(row, column);
    const { firstRow, lastRow, firstColumn, lastColumn } = rectangle(this.anchor, this.place);
    const isSelected = row >= firstRow && row <= lastRow && column >= firstColumn && column <= lastColumn;
    const isActive = row === this.place.row && column === this.place.column;
    const shown = value === null ? '—' : displayText(value ?? '');
    return html`<span
      class="array-cell ${isSelected ? 'selected' : ''} ${isActive ? 'active' : ''}"
      role="gridcell"
      id=${this.cellId({ row, column })}
      aria-colindex=${column + 2}
      aria-selected=${isSelected}
      aria-label=${value === null ? text('missing') : nothing}
      title=${value === null ? text('missing') : shown}
      data-row=${row}
      data-column=${column}
      >${shown}</span
    >`;
  }

  private startOver(): void {
    this.tiles?.close();
    this.characters = leastColumnWidth;
    this.anchor = this.place;
    this.tiles = createCellTiles(
      this.load,
      () => {
        this.loaded += 1;
      },
      message => this.dispatchEvent(new CustomEvent<string>('load-failed', { detail: message, bubbles: true })),
    );
  }

  /** As wide as the longest element that has been seen: a column that shrinks would jump under the eye. */
  private growColumns(): void {
    for (const column of this.shownColumns())
      for (let row = this.first.row; row < this.first.row + this.visibleRows; row += 1)
        this.characters = Math.min(
          widestColumn,
          Math.max(this.characters, (this.tiles?.at(row, column) ?? '').length, String(column).length),
        );
  }

  private shownColumns(): readonly number[] {
    const count = Math.min(this.visibleColumns, this.columns - this.first.column);
    return Array.from({ length: Math.max(0, count) }, (_, index) => this.first.column + index);
  }

  private get columnWidth(): number {
    return Math.ceil(this.characters * this.characterWidth) + cellPadding;
  }

  private get headWidth(): number {
    return Math.ceil(String(Math.max(0, this.rows - 1)).length * this.characterWidth) + cellPadding;
  }

  private get bodyHeight(): number {
    return Math.max(0, this.height - rowHeight);
  }

  private get bodyWidth(): number {
    return Math.max(0, this.width - this.headWidth);
  }

  private get visibleRows(): number {
    return Math.max(1, Math.floor(this.bodyHeight / rowHeight));
  }

  private get visibleColumns(): number {
    return Math.max(1, Math.floor(this.bodyWidth / this.columnWidth));
  }

  private measure(): void {
    const scroller = this.querySelector<HTMLElement>('.array-scroller') ?? this;
    this.height = scroller.clientHeight;
    this.width = scroller.clientWidth;
    const probe = this.querySelector('.array-probe')?.getBoundingClientRect().width ?? 0;
    if (probe > 0) this.characterWidth = probe / probeCharacters;
  }

  private cellId({ row, column }: Place): string {
    return `cell-${row}-${column}`;
  }

  private onScroll(): void {
    const scroller = this.querySelector<HTMLElement>('.array-scroller');
    if (scroller === null) return;
    const down = this.vertical.elementScrolled(scroller.scrollTop);
    const across = this.horizontal.elementScrolled(scroller.scrollLeft);
    if (down || across) this.requestUpdate();
  }

  /** Where a pixel of the scroll bar is many rows, the wheel moves by rows all the same. */
  private onWheel(event: WheelEvent): void {
    if (!this.vertical.scaled || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    this.vertical.moveTo(this.vertical.top + event.deltaY);
    this.requestUpdate();
  }

  private onKey(event: KeyboardEvent): void {
    if (event.key.toLowerCase() === 'c' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void this.copySelection();
      return;
    }
    const size = { rows: this.rows, columns: this.columns, visibleRows: this.visibleRows };
    const moved = movedPlace(event, this.place, size);
    if (moved === undefined) return;
    event.preventDefault();
    this.moveTo(moved, event.shiftKey);
  }

  private onMouse(event: MouseEvent): void {
    const cell = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-row]') : null;
    if (cell === null || event.button !== 0) return;
    this.moveTo({ row: Number(cell.dataset['row']), column: Number(cell.dataset['column']) }, event.shiftKey);
  }

  private moveTo(place: Place, extends_: boolean): void {
    this.place = place;
    if (!extends_) this.anchor = place;
    this.reveal(place);
    this.dispatchEvent(new CustomEvent<Place>('place-changed', { detail: place, bubbles: true }));
  }

  private reveal({ row, column }: Place): void {
    const [top, left] = [row * rowHeight, column * this.columnWidth];
    const [lastTop, lastLeft] = [(this.visibleRows - 1) * rowHeight, (this.visibleColumns - 1) * this.columnWidth];
    if (top < this.vertical.top) this.vertical.moveTo(top);
    else if (top > this.vertical.top + lastTop) this.vertical.moveTo(top - lastTop);
    if (left < this.horizontal.top) this.horizontal.moveTo(left);
    else if (left > this.horizontal.top + lastLeft) this.horizontal.moveTo(left - lastLeft);
    this.requestUpdate();
  }

  /** As lines with tabs between the elements. */
  private async copySelection(): Promise<void> {
    const { firstRow, lastRow, firstColumn, lastColumn } = rectangle(this.anchor, this.place);
    const columns = Math.min(lastColumn - firstColumn + 1, mostCopied);
    const rows = Math.min(lastRow - firstRow + 1, Math.max(1, Math.floor(mostCopied / columns)));
    try {
      const cells = await this.load({ firstRow, rows, firstColumn, columns }, new AbortController().signal);
      await host.copy(cells.map(row => row.map(cell => cell ?? '').join('\t')).join('\n'));
      this.notice = text('copiedCells', rows * columns);
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      this.dispatchEvent(new CustomEvent<string>('load-failed', { detail, bubbles: true }));
    }
  }
}
