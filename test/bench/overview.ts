import { realpathSync } from 'node:fs';
import { elfOverview } from '../../language-server/protocol/elf.ts';
import type { LanguageClient } from '../support/language-client.ts';
import { largestLibrary, uriOf } from './machine.ts';
import { bytesReadBy, fact, heading, mib, paired, report, run, timeAsync } from './measure.ts';

/** Opening the largest library of the machine: bytes read by the server (the kernel's count) and time. */
export async function benchOverview(client: LanguageClient): Promise<void> {
  const { path, sizeBytes } = await largestLibrary();
  heading(`Overview of the largest library here: ${path}, ${mib(sizeBytes)}`);
  // What every first request pays (the loader's own files) is paid before.
  await client.request(elfOverview, { uri: uriOf(realpathSync('/bin/true')) });
  const before = bytesReadBy(client);
  const first = await timeAsync(() => client.request(elfOverview, { uri: uriOf(path) }));
  const readKib = (bytesReadBy(client) - before) / 1024;
  fact(`read ${readKib.toFixed(0)} KiB of all files, ${first.toFixed(1)} ms the first time`);
  const times = await paired(
    15,
    () => client.request(elfOverview, { uri: uriOf(path) }),
    () => run('readelf', ['-hldSnV', '-W', path]),
  );
  report('overview, warm server', times.ours);
  report('readelf -hldSnV', times.theirs, times.ours);
}
