import * as vscode from 'vscode';
import type { DisassembledPart } from '../../language-server/protocol/disassembly.ts';
import { displayText } from '../../language-server/protocol/display-text.ts';
import { type ByteText, elfOverview, elfRows, type TableSummary } from '../../language-server/protocol/elf.ts';
import { UserError } from '../../language-server/protocol/errors.ts';
import { failureText } from '../failure.ts';
import { fileName } from '../inspected-file.ts';
import { withLateProgress } from '../late-progress.ts';
import type { Services } from '../services.ts';

/** Without a part: an error, which cannot be chosen. */
interface PartItem extends vscode.QuickPickItem {
  readonly part: PickedPart | undefined;
}

export type PickedPart = Pick<DisassembledPart, 'symbol' | 'section'>;

/** More would not be read; a longer filter finds the rest. */
const shownSymbols = 200;
const shownSections = 100;
const typingPauseMs = 120;
/** Functions; where none matches also what assembly left without a type. What is imported has its code elsewhere. */
const kinds = ['type:FUNC -section:UND', '-section:UND'];

/**
 * Lets a person choose a symbol of the file, or a section with code; the server filters, so that the whole table is never sent.
 * @throws UserError `notSupported` for a file without either.
 */
export async function pickPart({ server }: Services, file: vscode.Uri): Promise<PickedPart | undefined> {
  const uri = file.toString();
  const overview = await withLateProgress(vscode.l10n.t('Reading {0}', fileName(file)), token =>
    server.request(elfOverview, { uri }, token),
  );
  const tables = overview.tables.filter(
    ({ symbolColumn, columns }) => symbolColumn !== undefined && columns.some(({ id }) => id === 'binding'),
  );
  // The larger one: `.symtab` has what `.dynsym` has, and the functions that are not exported.
  const table = tables.reduce<TableSummary | undefined>(
    (best, candidate) => (best === undefined || candidate.rowCount > best.rowCount ? candidate : best),
    undefined,
  );
  const sections = await sectionItems(server, uri, overview.tables);
  if (table === undefined && sections.length === 0) {
    throw new UserError('notSupported', vscode.l10n.t('{0} has no code to choose from.', fileName(file)));
  }

  const pick = vscode.window.createQuickPick<PartItem>();
  pick.title = vscode.l10n.t('Disassemble a symbol or section of {0}', fileName(file));
  pick.placeholder = vscode.l10n.t(
    'Part of its name; {0} symbols, and sections, which begin with a dot',
    (table?.rowCount ?? 0).toLocaleString(),
  );
  pick.matchOnDescription = true;
  const symbolItems = async (filter: string, token: vscode.CancellationToken): Promise<readonly PartItem[]> => {
    if (table === undefined) return [];
    for (const kind of kinds) {
      const params = { uri, table: table.id, start: 0, count: shownSymbols, filter: `${kind} ${filter}` };
      const { rows } = await server.request(elfRows, params, token);
      if (rows.length > 0) return rows.flatMap(row => symbolItem(table, row.cells));
    }
    return [];
  };
  let search = new vscode.CancellationTokenSource();
  const show = async (filter: string): Promise<void> => {
    search.cancel();
    search = new vscode.CancellationTokenSource();
    const { token } = search;
    pick.busy = true;
    try {
      const symbols = await symbolItems(filter, token);
      if (token.isCancellationRequested) return;
      const named = sections.filter(({ label }) => label.includes(filter.trim()));
      pick.items = filter.startsWith('.') ? [...named, ...symbols] : [...symbols, ...named];
    } catch (error) {
      if (!token.isCancellationRequested) {
        pick.items = [{ label: failureText(error), part: undefined, alwaysShow: true }];
      }
    } finally {
      if (search.token === token) pick.busy = false;
    }
  };

  return await new Promise<PickedPart | undefined>(resolve => {
    let timer: NodeJS.Timeout | undefined;
    pick.onDidChangeValue(value => {
      clearTimeout(timer);
      timer = setTimeout(() => void show(value), typingPauseMs);
    });
    pick.onDidAccept(() => {
      const part = pick.selectedItems[0]?.part;
      // Nothing is there yet, or an error is.
      if (part === undefined) return;
      resolve(part);
      pick.hide();
    });
    pick.onDidHide(() => {
      clearTimeout(timer);
      search.cancel();
      pick.dispose();
      resolve(undefined);
    });
    pick.show();
    void show('');
  });
}

/** The sections that hold code. */
async function sectionItems(
  server: Services['server'],
  uri: string,
  tables: readonly TableSummary[],
): Promise<readonly PartItem[]> {
  const table = tables.find(({ id }) => id === 'sections');
  if (table === undefined) return [];
  const params = { uri, table: table.id, start: 0, count: shownSections, filter: 'flags~X -type:NOBITS' };
  const { rows } = await server.request(elfRows, params);
  const cell = (cells: readonly ByteText[], id: string): ByteText =>
    cells[table.columns.findIndex(column => column.id === id)] ?? '';
  return rows.map(({ cells }): PartItem => {
    const section = cell(cells, 'name');
    const description = vscode.l10n.t('section, {0} bytes', cell(cells, 'size'));
    return { label: displayText(section), description, part: { section }, alwaysShow: true };
  });
}

function symbolItem(table: TableSummary, cells: readonly ByteText[]): readonly PartItem[] {
  const symbol = cells[table.symbolColumn ?? 0] ?? '';
  if (symbol === '') return [];
  const others = cells.filter((cell, index) => index !== table.symbolColumn && cell !== '');
  return [
    { label: displayText(symbol), description: displayText(others.join('  ')), part: { symbol }, alwaysShow: true },
  ];
}
