import { html, nothing, type TemplateResult } from 'lit';
import { displayText } from '../../../language-server/protocol/display-text.ts';
import type { ElfRow, RowSort, TableColumn, TableSummary } from '../../../language-server/protocol/elf.ts';
import { text } from '../texts.ts';

/** A column that is shown, and its place in the rows. */
export interface ShownColumn {
  readonly column: TableColumn;
  readonly place: number;
}

export function shownColumns({ columns }: TableSummary, hidden: readonly string[]): readonly ShownColumn[] {
  return columns.map((column, place) => ({ column, place })).filter(({ column }) => !hidden.includes(column.id));
}

export function rowElementId(position: number): string {
  return `row-${position}`;
}

export function headerElementId(index: number): string {
  return `header-${index}`;
}

export interface HeaderParts {
  readonly sort: RowSort | null;
  /** The keys are on it. */
  readonly isActive: boolean;
  readonly sortBy: () => void;
  readonly resize: (event: PointerEvent) => void;
  readonly resetWidth: () => void;
}

export function headerCell(column: TableColumn, index: number, parts: HeaderParts): TemplateResult {
  const { sort, isActive } = parts;
  const direction = sort?.column !== column.id ? 'none' : sort.descending ? 'descending' : 'ascending';
  const arrow = direction === 'ascending' ? 'arrow-small-up' : 'arrow-small-down';
  // White space counts in a cell.
  return html`
    <div
      class="cell ${column.kind} ${isActive ? 'active' : ''}"
      role="columnheader"
      id=${headerElementId(index)}
      aria-colindex=${index + 1}
      aria-sort=${direction}
      aria-description=${text('sortHint')}
      title=${column.title}
      @click=${parts.sortBy}
    >${column.title}${direction === 'none' ? nothing : html`<span class="codicon codicon-${arrow}" aria-hidden="true"></span>`}<span
        class="resizer"
        aria-hidden="true"
        title=${text('resizeColumn', column.title)}
        @pointerdown=${parts.resize}
        @click=${(event: Event) => event.stopPropagation()}
        @dblclick=${parts.resetWidth}
      ></span></div>
  `;
}

export interface RowParts {
  readonly position: number;
  /** Undefined while it is not here. */
  readonly row: ElfRow | undefined;
  readonly isActive: boolean;
  readonly isSelected: boolean;
  /** In px, within the element of the rows. */
  readonly offset: number;
  readonly press: (event: MouseEvent) => void;
  readonly enter: () => void;
}

export function gridRow(columns: readonly ShownColumn[], parts: RowParts): TemplateResult {
  const { position, row, isActive, isSelected, offset } = parts;
  const look = `${isActive ? 'active' : ''} ${isSelected ? 'selected' : ''} ${position % 2 === 1 ? 'odd' : ''}`;
  return html`
    <div
      class="row ${look}"
      role="row"
      id=${rowElementId(position)}
      aria-rowindex=${position + 2}
      aria-selected=${isSelected}
      aria-busy=${row === undefined ? 'true' : nothing}
      .style=${`transform: translateY(${offset}px)`}
      @mousedown=${parts.press}
      @dblclick=${parts.enter}
    >
      ${columns.map(({ column, place }, index) => {
        const cell = displayText(row?.cells[place] ?? '');
        const shown = column.kind === 'name' && row?.demangled !== undefined ? displayText(row.demangled) : cell;
        const title = shown === cell ? cell : `${shown}\n${cell}`;
        return html`<div class="cell ${column.kind}" role="gridcell" aria-colindex=${index + 1} title=${title}>${shown}</div>`;
      })}
    </div>
  `;
}
