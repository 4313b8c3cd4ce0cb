import * as vscode from 'vscode';
import { displayText } from '../../language-server/protocol/display-text.ts';
import { type ByteText, elfOverview, elfRows, type TableSummary } from '../../language-server/protocol/elf.ts';
import { UserError } from '../../language-server/protocol/errors.ts';
import { failureText } from '../failure.ts';
import { fileName } from '../inspected-file.ts';
import { withLateProgress } from '../late-progress.ts';
import type { Services } from '../services.ts';

interface SymbolItem extends vscode.QuickPickItem {
  readonly symbol: ByteText;
}

/** More would not be read; a longer filter finds the rest. */
const shownSymbols = 200;
const typingPauseMs = 120;
/** Functions; where none matches also what assembly left without a type. What is imported has its code elsewhere. */
const kinds = ['type:FUNC -section:UND', '-section:UND'];

/**
 * Lets a person choose a symbol of the file; the server filters, so that the whole table is never sent.
 * @throws UserError `notSupported` for a file without a table of symbols.
 */
export async function pickSymbol({ server }: Services, file: vscode.Uri): Promise<ByteText | undefined> {
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
  if (table === undefined) {
    throw new UserError('notSupported', vscode.l10n.t('{0} has no symbols to choose from.', fileName(file)));
  }

  const pick = vscode.window.createQuickPick<SymbolItem>();
  pick.title = vscode.l10n.t('Disassemble a symbol of {0}', fileName(file));
  pick.placeholder = vscode.l10n.t('Part of its name; {0} symbols', table.rowCount.toLocaleString());
  pick.matchOnDescription = true;
  let search = new vscode.CancellationTokenSource();
  const show = async (filter: string): Promise<void> => {
    search.cancel();
    search = new vscode.CancellationTokenSource();
    const { token } = search;
    pick.busy = true;
    try {
      for (const kind of kinds) {
        const params = { uri, table: table.id, start: 0, count: shownSymbols, filter: `${kind} ${filter}` };
        const { rows } = await server.request(elfRows, params, token);
        if (token.isCancellationRequested) return;
        pick.items = rows.flatMap(row => symbolItem(table, row.cells));
        if (rows.length > 0) break;
      }
    } catch (error) {
      if (!token.isCancellationRequested) pick.items = [{ label: failureText(error), symbol: '', alwaysShow: true }];
    } finally {
      if (search.token === token) pick.busy = false;
    }
  };

  return await new Promise<ByteText | undefined>(resolve => {
    let timer: NodeJS.Timeout | undefined;
    pick.onDidChangeValue(value => {
      clearTimeout(timer);
      timer = setTimeout(() => void show(value), typingPauseMs);
    });
    pick.onDidAccept(() => {
      const symbol = pick.selectedItems[0]?.symbol;
      // Nothing is there yet, or an error is.
      if (!symbol) return;
      resolve(symbol);
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

function symbolItem(table: TableSummary, cells: readonly ByteText[]): readonly SymbolItem[] {
  const symbol = cells[table.symbolColumn ?? 0] ?? '';
  if (symbol === '') return [];
  const others = cells.filter((cell, index) => index !== table.symbolColumn && cell !== '');
  return [{ label: displayText(symbol), description: displayText(others.join('  ')), symbol, alwaysShow: true }];
}
