import type { ElfFile } from '../../language-server/elf/elf-file.ts';
import { readIdentity } from '../../language-server/elf/identity.ts';
import { withElfFile } from '../../language-server/elf/open-elf.ts';
import { elfOverview } from '../../language-server/protocol/elf.ts';
import type { LanguageClient } from '../support/language-client.ts';
import { sharedLibraries, uriOf } from './machine.ts';
import { count, fact, heading, paired, report, run, timeAsync } from './measure.ts';

/**
 * What every library of the machine is and needs: our reader, in this process, against one process of readelf that is given
 * all of them. (`-s` of xargs: else it would start several.)
 */
export async function benchScan(client: LanguageClient): Promise<void> {
  const libraries = await sharedLibraries();
  heading(`Identity and dynamic section of all ${count(libraries.length)} libraries here`);
  const list = libraries.map(({ path }) => path).join('\0');
  const readelf = (...options: string[]): void => run('xargs', ['-0', '-s', '2000000', 'readelf', ...options], list);
  const readAll = async (read: (file: ElfFile) => unknown): Promise<void> => {
    for (const { path } of libraries) await withElfFile(path, read);
  };
  await readAll(readIdentity);
  const identity = await paired(
    5,
    () => readAll(readIdentity),
    () => readelf('-hdn'),
  );
  report('identity, our reader', identity.ours);
  report('readelf -hdn, one process', identity.theirs, identity.ours);
  const dynamic = await paired(
    5,
    () => readAll(file => file.dynamic()?.names(1)),
    () => readelf('-d'),
  );
  report('dynamic section, our reader', dynamic.ours);
  report('readelf -d, one process', dynamic.theirs, dynamic.ours);
  const overviews = await timeAsync(async () => {
    for (const { path } of libraries) await client.request(elfOverview, { uri: uriOf(path) });
  });
  fact(`overview of each through the server: ${(overviews / libraries.length).toFixed(2)} ms a library`);
}
