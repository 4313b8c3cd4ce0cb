import { createLoaderFiles } from '../../language-server/dependencies/files/loader-files.ts';
import { readLoaderFile } from '../../language-server/dependencies/objects/read-loader-file.ts';
import type { ElfFile } from '../../language-server/elf/elf-file.ts';
import { readIdentity } from '../../language-server/elf/identity.ts';
import { withElfFile } from '../../language-server/elf/open-elf.ts';
import { dynamicTag } from '../../language-server/elf/reader/dynamic-section.ts';
import { type ByteText, elfOverview } from '../../language-server/protocol/elf.ts';
import type { LanguageClient } from '../support/language-client.ts';
import { sharedLibraries, uriOf } from './machine.ts';
import { count, fact, heading, paired, report, run, timeAsync } from './measure.ts';

const rounds = 9;

/**
 * What every library of the machine is and needs: in this process, against one process of readelf that is given all of them.
 * (`-s` of xargs: else it would start several.) readelf prints all entries of the dynamic section; we read all and decode the names.
 */
export async function benchScan(client: LanguageClient): Promise<void> {
  const libraries = await sharedLibraries();
  heading(`What all ${count(libraries.length)} libraries here are and need, ${rounds} rounds`);
  const list = libraries.map(({ path }) => path).join('\0');
  const readelf = (options: string): void => run('xargs', ['-0', '-s', '2000000', 'readelf', options], list);
  const loaderView = (): Promise<void> => {
    const files = createLoaderFiles('/', null, null);
    for (const { path } of libraries) {
      const status = files.status(path);
      if (status.kind === 'file') readLoaderFile(status);
    }
    return Promise.resolve();
  };
  const dynamicSections = async (): Promise<void> => {
    for (const { path } of libraries) await withElfFile(path, namesInDynamicSection);
  };
  const identities = async (): Promise<void> => {
    for (const { path } of libraries) await withElfFile(path, readIdentity);
  };
  for (const { name, options, read } of [
    { name: 'needs and versions, as a tree', options: '-d', read: loaderView },
    { name: 'header and dynamic section', options: '-d', read: dynamicSections },
    { name: 'identity in one sentence', options: '-hdn', read: identities },
  ]) {
    await read();
    const times = await paired(rounds, read, () => readelf(options));
    report(name, times.ours);
    report(`readelf ${options}, one process`, times.theirs, times.ours);
  }
  const overviews = await timeAsync(async () => {
    for (const { path } of libraries) await client.request(elfOverview, { uri: uriOf(path) });
  });
  fact(`overview of each through the server: ${(overviews / libraries.length).toFixed(2)} ms a library`);
}

const namingTags = [dynamicTag.needed, dynamicTag.soname, dynamicTag.rpath, dynamicTag.runpath];

function namesInDynamicSection(file: ElfFile): readonly ByteText[] {
  const dynamic = file.dynamic();
  return dynamic === null ? [] : namingTags.flatMap(tag => dynamic.names(tag));
}
