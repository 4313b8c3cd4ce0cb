import { html, nothing, type TemplateResult } from 'lit';
import { displayText } from '../../../language-server/protocol/display-text.ts';
import type { ElfRow, TableSummary } from '../../../language-server/protocol/elf.ts';
import { host } from '../host.ts';
import { text } from '../texts.ts';
import type { CopyFormat } from './copied-rows.ts';
import type { RowActionId } from './row-action-id.ts';

interface RowAction {
  readonly id: RowActionId;
  readonly icon: string;
  readonly title: (hasSeveral: boolean) => string;
  /** How it puts the selected rows on the clipboard. */
  readonly copies?: CopyFormat;
  /** Whether tables of this kind have it at all. */
  readonly fits: (table: TableSummary) => boolean;
  readonly isEnabled: (table: TableSummary, row: ElfRow) => boolean;
}

/** Tables whose rows have bytes in the file, as `binaryDetective/elf/rowRange` finds them. */
const tablesWithBytes = new Set([
  'sections',
  'segments',
  'dynamic',
  'dynamic-symbols',
  'symbols',
  'notes',
  'relocations',
  'versions',
  'initializers',
  'strings',
]);

const isSymbols = ({ symbolColumn }: TableSummary): boolean => symbolColumn !== undefined;
const hasName = (table: TableSummary, row: ElfRow): boolean => nameOf(table, row) !== '';
const always = (): boolean => true;

/** Executable, and with bytes in the file. */
function holdsCode({ columns }: TableSummary, { cells }: ElfRow): boolean {
  const cell = (id: string): string => cells[columns.findIndex(column => column.id === id)] ?? '';
  return cell('flags').includes('X') && cell('type') !== 'NOBITS';
}

const actions: readonly RowAction[] = [
  {
    id: 'disassemble',
    icon: 'file-code',
    title: () => text('actionDisassemble'),
    fits: table => isSymbols(table) || table.id === 'sections',
    isEnabled: (table, row) => (table.id === 'sections' ? holdsCode(table, row) : symbolOf(table, row) !== ''),
  },
  {
    id: 'source',
    icon: 'go-to-file',
    title: () => text('actionSource'),
    fits: isSymbols,
    isEnabled: (table, row) => symbolOf(table, row) !== '',
  },
  {
    id: 'open',
    icon: 'go-to-file',
    title: () => text('actionOpen'),
    fits: ({ id }) => id === 'members' || id === 'symbol-index',
    isEnabled: (_table, row) => row.opens !== undefined,
  },
  {
    id: 'hex',
    icon: 'file-binary',
    title: () => text('actionHex'),
    fits: ({ id }) => tablesWithBytes.has(id),
    isEnabled: always,
  },
  {
    id: 'copyName',
    icon: 'symbol-string',
    title: hasSeveral => text(hasSeveral ? 'actionCopyNames' : 'actionCopyName'),
    copies: 'names',
    fits: hasNameColumn,
    isEnabled: hasName,
  },
  {
    id: 'copyRow',
    icon: 'copy',
    title: hasSeveral => text(hasSeveral ? 'actionCopyRows' : 'actionCopyRow'),
    copies: 'rows',
    fits: always,
    isEnabled: always,
  },
  {
    id: 'copyJson',
    icon: 'json',
    title: () => text('actionCopyJson'),
    copies: 'json',
    fits: always,
    isEnabled: always,
  },
];

export interface RowActionsParts {
  readonly table: TableSummary;
  /** Undefined: none is selected, or it is not here yet. */
  readonly row: ElfRow | undefined;
  readonly selectedCount: number;
  readonly isHexShown: boolean;
  readonly run: (id: RowActionId) => void;
  /** All rows that match, as text on the clipboard. */
  readonly copyAll: () => void;
  /** Gives up the copying that is going on; undefined: none is. */
  readonly cancel: (() => void) | undefined;
  /** What is being done, or was done last, for a moment. */
  readonly message: string;
}

/** A line below the table: which rows are selected, and what can be done with them. */
export function rowActionsBar(parts: RowActionsParts): TemplateResult {
  const { table, row, selectedCount, isHexShown, run, copyAll, cancel, message } = parts;
  const hasSeveral = selectedCount > 1;
  const name = row === undefined ? text('noRowSelected') : displayText(nameOf(table, row) || (row.cells[0] ?? ''));
  const shown = hasSeveral ? text('rowsSelected', selectedCount) : name;
  const isDisabled = ({ copies, isEnabled }: RowAction): boolean =>
    copies !== undefined && selectedCount > 0 ? false : row === undefined || !isEnabled(table, row);
  return html`
    <div class="row-actions" role="toolbar" aria-label=${text('rowActions')} @keydown=${moveInToolbar}>
      <span class="selected-name" title=${shown}>${shown}</span>
      <span class="unseen" role="status">${hasSeveral ? shown : ''}</span>
      <span class="done" role="status">${message}</span>
      ${cancel === undefined ? nothing : html`<button type="button" class="action" @click=${cancel}>${text('cancel')}</button>`}
      ${actions
        .filter(({ fits }) => fits(table))
        .map(action => {
          const { id, icon } = action;
          const title = action.title(hasSeveral);
          return html`
            <button
              type="button"
              class="action"
              title=${title}
              aria-pressed=${id === 'hex' ? String(isHexShown) : nothing}
              ?disabled=${isDisabled(action)}
              @click=${() => run(id)}
            >
              <span class="codicon codicon-${icon}" aria-hidden="true"></span><span class="word">${title}</span>
            </button>
          `;
        })}
      <button type="button" class="action" title=${text('actionCopyAll')} aria-label=${text('actionCopyAll')} @click=${copyAll}>
        <span class="codicon codicon-list-flat" aria-hidden="true"></span>
      </button>
    </div>
  `;
}

/** How the action puts the selected rows on the clipboard; undefined: it does something else, with one row. */
export function copyFormatOf(id: RowActionId): CopyFormat | undefined {
  return actions.find(action => action.id === id)?.copies;
}

/** Whether rows of the table have the action at all. */
export function fitsTable(id: RowActionId, table: TableSummary): boolean {
  return actions.some(action => action.id === id && action.fits(table));
}

/** Whether the row has the action. */
export function canDo(id: RowActionId, table: TableSummary, row: ElfRow): boolean {
  return actions.some(action => action.id === id && action.fits(table) && action.isEnabled(table, row));
}

/** What needs no help of the table. */
export async function runRowAction(id: RowActionId, table: TableSummary, row: ElfRow): Promise<void> {
  switch (id) {
    case 'disassemble': {
      const isSection = table.id === 'sections';
      await host.disassemble(isSection ? { section: nameOf(table, row) } : { symbol: symbolOf(table, row) });
      return;
    }
    case 'source':
      await host.showSource({ symbol: symbolOf(table, row), ...addressOf(table, row) });
      return;
    case 'open':
      if (row.opens !== undefined) await host.openRow(row.opens);
      return;
    case 'hex':
    case 'copyName':
    case 'copyRow':
    case 'copyJson':
      return;
  }
}

function hasNameColumn({ columns }: TableSummary): boolean {
  return columns.some(({ kind }) => kind === 'name');
}

function nameOf({ columns }: TableSummary, row: ElfRow): string {
  const at = columns.findIndex(({ kind }) => kind === 'name');
  return row.cells[at] ?? '';
}

function symbolOf({ symbolColumn }: TableSummary, row: ElfRow): string {
  return symbolColumn === undefined ? '' : (row.cells[symbolColumn] ?? '');
}

/** Tells symbols of one name apart. */
function addressOf({ columns }: TableSummary, row: ElfRow): { readonly address?: string } {
  const cell = row.cells[columns.findIndex(({ kind }) => kind === 'address')] ?? '';
  return /^(?:0x)?[0-9a-f]+$/iu.test(cell) ? { address: `0x${cell.replace(/^0x/iu, '')}` } : {};
}

/** One way through a toolbar for all: arrows beside the tab key. */
function moveInToolbar(event: KeyboardEvent): void {
  const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
  const bar = event.currentTarget;
  if (step === 0 || !(bar instanceof HTMLElement)) return;
  const buttons = [...bar.querySelectorAll<HTMLButtonElement>('button:not(:disabled)')];
  const focused = document.activeElement;
  const from = focused instanceof HTMLButtonElement ? buttons.indexOf(focused) : -1;
  buttons[(from + step + buttons.length) % buttons.length]?.focus();
  event.preventDefault();
}
