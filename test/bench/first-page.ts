import { elfRows } from '../../language-server/protocol/elf.ts';
import type { LanguageClient } from '../support/language-client.ts';
import { largestSymbolTable, uriOf } from './machine.ts';
import { count, heading, mib, paired, report, run } from './measure.ts';

/** The first page of the largest symbol table of the machine, as the editor asks for it, against printing that table. */
export async function benchFirstPage(client: LanguageClient): Promise<void> {
  const { path, sizeBytes, symbols, table } = await largestSymbolTable();
  heading(`First page of the largest symbol table here: ${path}, ${mib(sizeBytes)}, ${count(symbols)} symbols`);
  const page = { uri: uriOf(path), table, start: 0, count: 200, filter: '' };
  const printed = table === 'symbols' ? '-Ws' : '-W --dyn-syms';
  const readelf = (): void => run('readelf', [...printed.split(' '), path]);
  await client.request(elfRows, page);
  const times = await paired(7, () => client.request(elfRows, page), readelf);
  report('first page, warm server', times.ours);
  report(`readelf ${printed}`, times.theirs, times.ours);
  const demangled = await paired(7, () => client.request(elfRows, { ...page, demangle: true }), readelf);
  report('the same, demangled', demangled.ours);
}
