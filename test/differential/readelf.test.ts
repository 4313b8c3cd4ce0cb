import { describe, expect, test } from 'vitest';
import { differencesFromReadelf } from '../support/elf-compare.ts';
import { type CorpusFile, chooseVaried, elfFilesBelow } from '../support/elf-corpus.ts';

/**
 * The reader against `readelf`, an independent program, on files of this machine: every row of every table.
 */
const root = new URL('../..', import.meta.url).pathname.replace(/\/$/u, '');
const folders = (process.env['READELF_FOLDERS'] ?? `/usr:${root}/node_modules:/opt`).split(':');
/** `READELF_FILES=100000` compares all that there are. */
const wanted = Number(process.env['READELF_FILES'] ?? 400);
/** Bytes of the file: readelf takes seconds for the text of larger ones. */
const largest = 60 << 20;

const all = elfFilesBelow(folders).filter(({ sizeBytes }) => sizeBytes <= largest);
const chosen = chooseVaried(all, wanted);

test('there are enough files, of enough varieties', () => {
  console.log(
    `${chosen.length} of ${all.length} ELF files, ${new Set(chosen.map(({ variety }) => variety)).size} varieties`,
  );
  expect(chosen.length).toBeGreaterThanOrEqual(300);
});

describe.for(groups(chosen, 50))('files %#', files => {
  test.for(files)('$path', async ({ path }) => {
    const differences = await differencesFromReadelf(path);
    expect(differences).toEqual([]);
  });
});

function groups(files: readonly CorpusFile[], size: number): readonly (readonly CorpusFile[])[] {
  return Array.from({ length: Math.ceil(files.length / size) }, (_, index) =>
    files.slice(index * size, (index + 1) * size),
  );
}
