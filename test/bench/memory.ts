import { elfOverview, elfRows } from '../../language-server/protocol/elf.ts';
import type { LanguageClient } from '../support/language-client.ts';
import { largestLibrary, largestSymbolTable, sharedLibraries, uriOf } from './machine.ts';
import { fact, heading, memoryOf } from './measure.ts';

/** Resident memory of the server after the largest library, a filter over the largest table, and all libraries. */
export async function benchMemory(client: LanguageClient): Promise<void> {
  heading('Memory of the server');
  const tell = (when: string): void => {
    const { now, peak } = memoryOf(client);
    fact(`${now.toFixed(0)} MiB resident ${when} (peak ${peak.toFixed(0)})`);
  };
  const { path } = await largestLibrary();
  await client.request(elfOverview, { uri: uriOf(path) });
  tell('after the overview of the largest library');
  const { path: symbolPath, table } = await largestSymbolTable();
  await client.request(elfRows, { uri: uriOf(symbolPath), table, start: 0, count: 200, filter: 'memory' });
  tell('after a filter over the largest symbol table');
  for (const library of await sharedLibraries()) await client.request(elfOverview, { uri: uriOf(library.path) });
  tell('after the overview of every library');
}
