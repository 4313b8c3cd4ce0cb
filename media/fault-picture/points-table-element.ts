import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { movedRow } from '../rows/keys.ts';
import { RowViewport } from '../rows/row-viewport.ts';
import { RowEvent } from './plot/plot-element.ts';
import { lowerBound } from './points.ts';
import { text } from './texts.ts';

/** The cells of one run. */
export interface PointCells {
  readonly n: string;
  readonly verdict: string;
  readonly isBug: boolean;
  readonly place: string;
  readonly message: string;
}

/** The same runs as the picture's, as a grid (WAI-ARIA): one tab stop, the rows that are seen only. */
export class FaultPointsTable extends LitElement {
  static override readonly properties = {
    rows: { attribute: false },
    active: { attribute: false },
    label: { attribute: false },
    cells: { attribute: false },
  };
  /** Places in the sweep's columns, in order. */
  declare rows: Uint32Array;
  /** One of them; -1: none. */
  declare active: number;
  declare label: string;
  declare cells: (row: number) => PointCells;
  topRow = 0;
  private readonly viewport = new RowViewport(this, {
    grid: () => this.grid,
    rowCount: () => this.rows.length,
    topRow: () => this.topRow,
    onScrolled: topRow => {
      this.topRow = topRow;
      this.dispatchEvent(new CustomEvent<number>('toprow', { detail: topRow }));
    },
  });

  constructor() {
    super();
    this.rows = new Uint32Array();
    this.active = -1;
    this.label = '';
  }

  override createRenderRoot(): HTMLElement {
    return this;
  }

  override updated(changed: PropertyValues<this>): void {
    if (changed.has('rows')) this.viewport.resize();
    const position = this.position;
    if ((changed.has('active') || changed.has('rows')) && position >= 0) this.viewport.reveal(position);
  }

  override render(): TemplateResult {
    const { rows, position } = this;
    const shown = this.viewport.items.map(({ index }) => index).filter(index => index < rows.length);
    // The active row is there for screen readers wherever the page is scrolled to.
    if (position >= 0 && !shown.includes(position)) shown.push(position);
    return html`
      <div
        class="grid points-grid"
        role="grid"
        tabindex="0"
        aria-label=${this.label}
        aria-rowcount=${rows.length + 1}
        aria-colcount="4"
        aria-activedescendant=${position < 0 ? nothing : `point-${position}`}
        @scroll=${() => this.viewport.onScroll()}
        @keydown=${this.onKey}
      >
        <div class="row head" role="row" aria-rowindex="1">
          ${(['columnNumber', 'columnVerdict', 'columnPlace', 'columnMessage'] as const).map(name => html`<span class="cell" role="columnheader">${text(name)}</span>`)}
        </div>
        <div class="rows" role="rowgroup" .style=${`height: ${this.viewport.elementHeight}px`}>
          ${repeat(
            shown,
            at => at,
            at => this.renderRow(at),
          )}
        </div>
        ${rows.length === 0 ? html`<p class="empty">${text('nothingMatches')}</p>` : nothing}
      </div>
    `;
  }

  override focus(): void {
    this.grid.focus();
  }

  private renderRow(at: number): TemplateResult {
    const row = this.rows[at] ?? 0;
    const { n, verdict, isBug, place, message } = this.cells(row);
    const isActive = row === this.active;
    return html`
      <div
        class="row ${isActive ? 'active' : ''} ${isBug ? 'bug' : ''}"
        id="point-${at}"
        role="row"
        aria-rowindex=${at + 2}
        aria-selected=${isActive}
        .style=${`transform: translateY(${this.viewport.offsetOf(at)}px)`}
        @click=${() => this.dispatchEvent(new RowEvent(row, 'select'))}
        @dblclick=${() => this.dispatchEvent(new RowEvent(row, 'open'))}
      >
        <span class="cell number" role="gridcell">${n}</span>
        <span class="cell" role="gridcell">${isBug ? html`<span class="codicon codicon-error" aria-hidden="true"></span> ` : nothing}${verdict}</span>
        <span class="cell" role="gridcell" title=${place}>${place}</span>
        <span class="cell" role="gridcell" title=${message}>${message}</span>
      </div>
    `;
  }

  private get grid(): HTMLElement {
    const grid = this.querySelector<HTMLElement>('.points-grid');
    if (grid === null) throw new Error('The table is not drawn yet.');
    return grid;
  }

  private get position(): number {
    const at = this.active < 0 ? -1 : lowerBound(this.rows, this.active);
    return this.rows[at] === this.active ? at : -1;
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    const { rows, position } = this;
    if (event.key === 'Enter' && position >= 0) {
      this.dispatchEvent(new RowEvent(this.active, 'open'));
      return;
    }
    const moved = movedRow(event, position, rows.length, this.viewport.visibleRows);
    const row = moved === undefined ? undefined : rows[moved];
    if (row === undefined) return;
    event.preventDefault();
    this.dispatchEvent(new RowEvent(row, 'select'));
  };
}
