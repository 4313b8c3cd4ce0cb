import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withElfFile } from '../../language-server/elf/open-elf.ts';
import { stringsTable } from '../../language-server/elf/tables/strings-table.ts';
import { encodeBytes } from '../../language-server/native/byte-text.ts';
import type { StringsRequest } from '../../language-server/protocol/elf.ts';
import { buildElf } from '../support/elf-builder.ts';
import { chooseVaried, elfFilesBelow } from '../support/elf-corpus.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** The strings of files against `strings` of binutils. */
const folder = temporaryFolder();

async function ours(path: string, request: StringsRequest = {}): Promise<readonly string[]> {
  return await withElfFile(path, async file => {
    const rows = await stringsTable.scan?.(file, request, undefined);
    return (rows?.page(0, rows.count) ?? []).map(
      ([offset = '', , , text = '']) => `${offset.slice(2)} ${encodeBytes(text).toString('latin1')}`,
    );
  });
}

/** "   1f3 text" → "1f3 text" */
function theirs(path: string, ...options: readonly string[]): readonly string[] {
  const output = execFileSync('strings', ['-a', '-t', 'x', ...options, path], {
    encoding: 'latin1',
    maxBuffer: 1 << 30,
  });
  return output
    .split('\n')
    .slice(0, -1)
    .map(line => line.trimStart());
}

/**
 * Characters as RFC 3629, section 4, writes them down. `strings -U` of binutils is no judge of them: it takes sequences that are
 * longer than needed, and tells wrong offsets.
 */
const utf8 =
  '[\\t\\x20-\\x7e]|[\\xc2-\\xdf][\\x80-\\xbf]|\\xe0[\\xa0-\\xbf][\\x80-\\xbf]|[\\xe1-\\xec\\xee\\xef][\\x80-\\xbf]{2}|' +
  '\\xed[\\x80-\\x9f][\\x80-\\xbf]|\\xf0[\\x90-\\xbf][\\x80-\\xbf]{2}|[\\xf1-\\xf3][\\x80-\\xbf]{3}|\\xf4[\\x80-\\x8f][\\x80-\\xbf]{2}';

function byGrammar(path: string, minimumLength: number): readonly string[] {
  const bytes = readFileSync(path).toString('latin1');
  const runs = bytes.matchAll(new RegExp(`(?:${utf8}){${minimumLength},}`, 'gu'));
  return Array.from(runs, run => `${run.index.toString(16)} ${run[0]}`);
}

/**
 * Places where two lists are not the same; what is longer than anybody reads is cut off, with an ellipsis behind (Go keeps whole
 * programs of JavaScript as one text).
 */
function differences(mine: readonly string[], expected: readonly string[]): readonly string[] {
  const isSame = (text: string, other: string): boolean =>
    text === other ||
    (other.length > longest &&
      text.length >= longest &&
      text.endsWith(ellipsis) &&
      other.startsWith(text.slice(0, -ellipsis.length)));
  const wrong = expected.flatMap((text, place) =>
    isSame(mine[place] ?? '', text) ? [] : [`${place}: ${text.slice(0, 200)}`],
  );
  return mine.length === expected.length ? wrong : [`${mine.length} of ${expected.length}`, ...wrong];
}

/** Characters of a text that is shown. */
const longest = 64 << 10;
/** As the bytes of its UTF-8, which the output of a text in latin1 has. */
const ellipsis = Buffer.from('…').toString('latin1');

const all = elfFilesBelow(['/usr/bin', '/usr/lib']).filter(({ sizeBytes }) => sizeBytes < 16 << 20);
const chosen = chooseVaried(all, Number(process.env['READELF_FILES'] ?? 120));

test(
  `${chosen.length} of the ${all.length} files of this machine`,
  async () => {
    expect(chosen.length).toBeGreaterThan(50);
    for (const { path } of chosen) expect(differences(await ours(path), theirs(path)), path).toEqual([]);
  },
  120_000 + 500 * chosen.length,
);

test.each([
  [{ minimumLength: 1 }, ['-n', '1']],
  [{ minimumLength: 12 }, ['-n', '12']],
] as const)('with %j as strings has it with %j', async (request, options) => {
  for (const { path } of chosen.slice(0, 12)) {
    expect(await ours(path, request), path).toEqual(theirs(path, ...options));
  }
});

test('UTF-8, as its grammar has it', async () => {
  for (const { path } of chosen.slice(0, 12)) {
    expect(await ours(path, { encoding: 'utf-8' }), path).toEqual(byGrammar(path, 4));
  }
});

test('any bytes, and texts that go on from one piece of the scan into the next', async () => {
  const header = buildElf({});
  const pieces = fc.array(
    fc.oneof(
      fc.uint8Array({ maxLength: 12 }),
      fc.string({ maxLength: 12, unit: 'binary' }).map(text => new TextEncoder().encode(text)),
      fc.string({ maxLength: 40 }).map(text => new TextEncoder().encode(text)),
    ),
    { maxLength: 60 },
  );
  const path = join(folder, 'any-bytes');
  const property = fc.asyncProperty(pieces, fc.nat({ max: 200 }), async (parts, back) => {
    // The scan reads a MiB at a time: the bytes lie around the end of the first.
    const filler = Buffer.alloc((1 << 20) - header.length - back, 1);
    writeFileSync(path, Buffer.concat([header, filler, ...parts]));
    expect(await ours(path)).toEqual(theirs(path));
    expect(await ours(path, { encoding: 'utf-8', minimumLength: 2 })).toEqual(byGrammar(path, 2));
  });
  await fc.assert(property, { seed: 7, numRuns: 60 });
}, 120_000);

test('of one section, which ends a text', async () => {
  const path = join(folder, 'sections');
  const sections = [
    { name: '.one', type: 1, bytes: Buffer.from('within one|') },
    { name: '.two', type: 1, bytes: Buffer.from('next\0to it\0') },
  ];
  writeFileSync(path, buildElf({ sections }));
  const texts = async (section: string) => (await ours(path, { section })).map(line => line.replace(/^\S+ /u, ''));
  expect(await texts('.one')).toEqual(['within one|']);
  expect(await texts('.two')).toEqual(['next', 'to it']);
  await expect(ours(path, { section: '.three' })).rejects.toMatchObject({ kind: 'invalidParams' });
});
