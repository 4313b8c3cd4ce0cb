import { html, type TemplateResult } from 'lit';
import { displayText } from '../../../language-server/protocol/display-text.ts';
import type { ElfRow, TableSummary } from '../../../language-server/protocol/elf.ts';
import { host } from '../host.ts';
import { text } from '../texts.ts';
import { rowObject, tabSeparated } from './copied-rows.ts';

/** What can be done with the selected row. */
export type RowActionId = 'disassemble' | 'source' | 'open' | 'hex' | 'copyName' | 'copyRow' | 'copyJson';

interface RowAction {
  readonly id: RowActionId;
  readonly icon: string;
  readonly title: () => string;
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

const actions: readonly RowAction[] = [
  {
    id: 'disassemble',
    icon: 'file-code',
    title: () => text('actionDisassemble'),
    fits: isSymbols,
    isEnabled: (table, row) => symbolOf(table, row) !== '',
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
    title: () => text('actionCopyName'),
    fits: hasNameColumn,
    isEnabled: hasName,
  },
  { id: 'copyRow', icon: 'copy', title: () => text('actionCopyRow'), fits: always, isEnabled: always },
  { id: 'copyJson', icon: 'json', title: () => text('actionCopyJson'), fits: always, isEnabled: always },
];

export interface RowActionsParts {
  readonly table: TableSummary;
  /** Undefined: none is selected, or it is not here yet. */
  readonly row: ElfRow | undefined;
  readonly isHexShown: boolean;
  readonly run: (id: RowActionId) => void;
  /** All rows that match, as text on the clipboard. */
  readonly copyAll: () => void;
  /** What was done last, for a moment. */
  readonly message: string;
}

/** A line below the table: which row is selected, and what can be done with it. */
export function rowActionsBar({ table, row, isHexShown, run, copyAll, message }: RowActionsParts): TemplateResult {
  const name = row === undefined ? text('noRowSelected') : displayText(nameOf(table, row) || (row.cells[0] ?? ''));
  return html`
    <div class="row-actions" role="toolbar" aria-label=${text('rowActions')} @keydown=${moveInToolbar}>
      <span class="selected-name" title=${name}>${name}</span>
      <span class="done" role="status">${message}</span>
      ${actions
        .filter(({ fits }) => fits(table))
        .map(
          ({ id, icon, title, isEnabled }) => html`
            <button
              type="button"
              class="action"
              title=${title()}
              aria-pressed=${id === 'hex' ? String(isHexShown) : null}
              ?disabled=${row === undefined || !isEnabled(table, row)}
              @click=${() => run(id)}
            >
              <span class="codicon codicon-${icon}" aria-hidden="true"></span><span class="word">${title()}</span>
            </button>
          `,
        )}
      <button type="button" class="action" title=${text('actionCopyAll')} aria-label=${text('actionCopyAll')} @click=${copyAll}>
        <span class="codicon codicon-list-flat" aria-hidden="true"></span>
      </button>
    </div>
  `;
}

/** Whether the row has the action. */
export function canDo(id: RowActionId, table: TableSummary, row: ElfRow): boolean {
  return actions.some(action => action.id === id && action.fits(table) && action.isEnabled(table, row));
}

/** What needs no help of the table. */
export async function runRowAction(id: Exclude<RowActionId, 'hex'>, table: TableSummary, row: ElfRow): Promise<void> {
  switch (id) {
    case 'disassemble':
      await host.disassemble({ symbol: symbolOf(table, row) });
      return;
    case 'source':
      await host.showSource({ symbol: symbolOf(table, row), ...addressOf(table, row) });
      return;
    case 'open':
      if (row.opens !== undefined) await host.openRow(row.opens);
      return;
    case 'copyName':
      await host.copy(displayText(nameOf(table, row)));
      return;
    case 'copyRow':
      await host.copy(tabSeparated(row.cells));
      return;
    case 'copyJson':
      await host.copy(JSON.stringify(rowObject(table.columns, row), undefined, 2));
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
