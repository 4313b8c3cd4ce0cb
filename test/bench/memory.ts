import { elfOverview, elfRows } from '../../language-server/protocol/elf.ts';
import { type LanguageClient, startLanguageServer } from '../support/language-client.ts';
import { largestLibrary, largestSymbolTable, sharedLibraries, uriOf } from './machine.ts';
import { fact, heading, memoryOf, serverBundle } from './measure.ts';

/**
 * Resident memory of a server of its own after the largest library, a filter over the largest table, and all libraries; and of
 * the one that has answered all measurements before.
 */
export async function benchMemory(client: LanguageClient): Promise<void> {
  heading('Memory of the server');
  const fresh = await startLanguageServer({ bundlePath: serverBundle });
  try {
    await measure(fresh);
  } finally {
    await fresh.close();
  }
  tell(client, 'in the server that answered all that was measured before');
}

async function measure(server: LanguageClient): Promise<void> {
  const { path } = await largestLibrary();
  await server.request(elfOverview, { uri: uriOf(path) });
  tell(server, 'after the overview of the largest library');
  const { path: symbolPath, table } = await largestSymbolTable();
  await server.request(elfRows, { uri: uriOf(symbolPath), table, start: 0, count: 200, filter: 'memory' });
  tell(server, 'after a filter over the largest symbol table');
  for (const library of await sharedLibraries()) await server.request(elfOverview, { uri: uriOf(library.path) });
  tell(server, 'after the overview of every library');
}

function tell(server: LanguageClient, when: string): void {
  const { now, peak } = memoryOf(server);
  fact(`${now.toFixed(0)} MiB resident ${when} (peak ${peak.toFixed(0)})`);
}
