import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { displayText } from '../../../language-server/protocol/display-text.ts';
import { edgeName, edgeText, problemsText } from '../edge-words.ts';
import { menuContext, type PageModel } from '../page-model.ts';
import { text } from '../texts.ts';
import { movedRow, type RowAction } from './tree-keys.ts';
import type { TreeRow } from './tree-rows.ts';

const rowHeight = 22;
/** Rows above and below what is seen, so that scrolling finds them there. */
const overscan = 12;
/** Deeper levels are not moved further to the right: a chain of a thousand would leave the page. */
const deepestIndent = 24;

/** Says what a person does to a row; the page knows what that means. */
export class RowEvent extends Event {
  readonly row: TreeRow;
  readonly action: RowAction;

  constructor(row: TreeRow, action: RowAction) {
    super('row', { bubbles: true });
    this.row = row;
    this.action = action;
  }
}

/** The tree as a treegrid (WAI-ARIA): one tab stop, the rows that are seen only, whatever there is. */
export class DependencyTreeGrid extends LitElement {
  static override readonly properties = {
    model: { attribute: false },
    rows: { attribute: false },
    selected: { attribute: false },
    top: { state: true },
    height: { state: true },
  };
  declare model: PageModel;
  declare rows: readonly TreeRow[];
  /** Key of the selected row; empty: none. */
  declare selected: string;
  declare top: number;
  declare height: number;
  private readonly sizes = new ResizeObserver(() => this.measure());

  constructor() {
    super();
    this.rows = [];
    this.selected = '';
    this.top = 0;
    this.height = 400;
  }

  override createRenderRoot(): HTMLElement {
    return this;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.sizes.disconnect();
  }

  override firstUpdated(): void {
    const grid = this.grid();
    if (grid !== null) this.sizes.observe(grid);
  }

  override updated(changed: PropertyValues<this>): void {
    if (changed.has('selected')) this.scrollToSelected();
  }

  override render(): TemplateResult {
    const { rows, model } = this;
    const active = this.activeIndex();
    const first = Math.max(Math.floor(this.top / rowHeight) - overscan, 0);
    const seen = rows.slice(first, Math.ceil((this.top + this.height) / rowHeight) + overscan);
    const last = rows[active];
    // The active row is there for screen readers wherever the page is scrolled to.
    const isActiveSeen = active >= first && active < first + seen.length;
    const shown = seen.map((row, at) => ({ row, at: first + at }));
    if (!isActiveSeen && last !== undefined) shown.push({ row: last, at: active });
    return html`
      <div
        class="grid tree-grid"
        role="treegrid"
        tabindex="0"
        aria-label=${text('treeLabel', model.root.label)}
        aria-description=${text('treeHint')}
        aria-rowcount=${rows.length + 1}
        aria-colcount="3"
        aria-activedescendant=${rows.length === 0 ? nothing : rowId(active)}
        @scroll=${this.measure}
        @keydown=${this.onKey}
      >
        <div class="row head" role="row" aria-rowindex="1">
          <span class="cell" role="columnheader">${text('columnName')}</span>
          <span class="cell" role="columnheader">${text('columnReason')}</span>
          <span class="cell" role="columnheader">${text('columnPath')}</span>
        </div>
        <div class="rows" role="rowgroup" .style=${`height: ${rows.length * rowHeight}px`}>
          ${repeat(
            shown,
            ({ row }) => row.key,
            ({ row, at }) => this.renderRow(row, at, at === active),
          )}
        </div>
        ${rows.length <= 1 ? html`<p class="empty">${this.emptyText()}</p>` : nothing}
      </div>
    `;
  }

  /** Puts the keys on the tree. */
  override focus(): void {
    this.grid()?.focus();
  }

  private renderRow(row: TreeRow, at: number, isActive: boolean): TemplateResult {
    const { edge, node, level, expanded } = row;
    const indent = Math.min(level - 1, deepestIndent);
    const reason = edge === null ? problemsText(node.problems) : this.reasonText(row);
    return html`
      <div
        class="row ${isActive ? 'active' : ''} ${edge?.isMissing && edge.isProblem ? 'missing' : ''} ${isProblem(row) ? 'problem' : ''} ${edge?.isSoft ? 'soft' : ''}"
        id=${rowId(at)}
        role="row"
        aria-rowindex=${at + 2}
        aria-level=${level}
        aria-posinset=${row.position}
        aria-setsize=${row.siblings}
        aria-expanded=${expanded ?? nothing}
        aria-selected=${isActive}
        data-vscode-context=${menuContext(node)}
        .style=${`transform: translateY(${at * rowHeight}px)`}
        @click=${() => this.say(row, 'select')}
        @dblclick=${() => this.say(row, 'open')}
      >
        <span class="cell name" role="gridcell" .style=${`padding-left: min(${8 + indent * 12}px, 45%)`}>
          ${this.renderTwistie(row)}
          <span class="codicon codicon-${iconOf(row)}" aria-hidden="true"></span>
          ${level > deepestIndent ? html`<span class="quiet depth">${level - 1}</span>` : nothing}
          <span class="label">${edge === null ? node.label : edgeName(edge)}</span>
        </span>
        <span class="cell reason" role="gridcell" title=${reason}>${reason}</span>
        <span class="cell path" role="gridcell" title=${displayText(node.path ?? '')}>${displayText(node.path ?? '')}</span>
      </div>
    `;
  }

  private renderTwistie(row: TreeRow): TemplateResult {
    const toggle = (event: Event): void => {
      event.stopPropagation();
      this.say(row, row.expanded === true ? 'collapse' : 'expand');
    };
    if (row.expanded === null) return html`<span class="twistie"></span>`;
    return html`<span class="twistie codicon codicon-chevron-${row.expanded ? 'down' : 'right'}" aria-hidden="true" @click=${toggle}></span>`;
  }

  /** "2 problems · already loaded for app" */
  private reasonText({ edge, node }: TreeRow): string {
    if (edge === null) return '';
    const problems = edge.isMissing ? '' : problemsText(node.problems);
    return [problems, edgeText(this.model, edge)].filter(words => words !== '').join(' · ');
  }

  private emptyText(): string {
    return (this.model.edgesFrom.get(this.model.root.key)?.length ?? 0) === 0
      ? text('needsNothing')
      : text('nothingMatches');
  }

  private grid(): HTMLElement | null {
    return this.querySelector<HTMLElement>('.tree-grid');
  }

  private readonly measure = (): void => {
    const grid = this.grid();
    if (grid === null) return;
    this.top = grid.scrollTop;
    this.height = grid.clientHeight;
  };

  private activeIndex(): number {
    return Math.max(
      this.rows.findIndex(({ key }) => key === this.selected),
      0,
    );
  }

  private scrollToSelected(): void {
    const grid = this.grid();
    const at = this.rows.findIndex(({ key }) => key === this.selected);
    if (grid === null || at < 0) return;
    const top = at * rowHeight;
    const room = grid.clientHeight - 2 * rowHeight;
    if (top < grid.scrollTop) grid.scrollTop = top;
    else if (top > grid.scrollTop + room) grid.scrollTop = top - room;
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = this.activeIndex();
    const row = this.rows[at];
    if (row === undefined) return;
    const page = Math.max(Math.floor(this.height / rowHeight) - 2, 1);
    const done = movedRow(event.key, this.rows, at, page);
    if (done === null) return;
    event.preventDefault();
    event.stopPropagation();
    const target = this.rows[done.to];
    if (target !== undefined) this.say(target, done.action);
  };

  private say(row: TreeRow, action: RowAction): void {
    this.dispatchEvent(new RowEvent(row, action));
  }
}

function rowId(at: number): string {
  return `tree-row-${at}`;
}

function isProblem({ edge, node }: TreeRow): boolean {
  return edge === null ? node.problems > 0 : edge.isProblem;
}

/** What is wrong has a shape of its own: colours are not seen by everybody. */
function iconOf(row: TreeRow): string {
  if (row.edge?.isMissing) return row.edge.isProblem ? 'error' : 'circle-slash';
  if (isProblem(row)) return 'warning';
  if (row.edge === null) return 'file-binary';
  if (row.node.state === 'later') return 'history';
  return row.edge.loads ? 'library' : 'references';
}
