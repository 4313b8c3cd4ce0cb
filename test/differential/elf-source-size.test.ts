import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { expect, test } from 'vitest';
import { hintAtDebugFile } from '../../language-server/elf/debug-file/find-debug-file.ts';
import { hasDebugInformation } from '../../language-server/elf/debug-file/has-debug-information.ts';
import { withElfFile } from '../../language-server/elf/open-elf.ts';
import { readSize } from '../../language-server/elf/size/size-tree.ts';
import type { SizePart } from '../../language-server/protocol/size.ts';
import { elfFilesBelow } from '../support/elf-corpus.ts';
import { bytesBySymbolizer, type SourceBytes, sectionAt, sourcesBelow } from '../support/elf-source-bytes.ts';

/** What llvm-symbolizer is asked of each file: one address a byte. `SOURCE_SIZE_ALL=1`: of all of them. */
const isAll = process.env['SOURCE_SIZE_ALL'] === '1';
const maximumCodeBytes = isAll ? 8 << 20 : 120_000;
const maximumFiles = isAll ? 1000 : 8;

interface Described {
  readonly path: string;
  /** The file with its debug information. */
  readonly debug: string;
  readonly codeBytes: number;
}

/** The files of the machine that have debug information, or a separate file of it (Debian's libc6-dbg). */
async function describedFiles(): Promise<readonly Described[]> {
  const found: Described[] = [];
  const seen = new Set<string>();
  for (const { path } of elfFilesBelow(['/usr/lib', '/lib', '/usr/bin', '/opt'])) {
    const file = await withElfFile(path, async opened => {
      const text = opened.image.sectionNamed('.text');
      const hint = hasDebugInformation(opened.image) ? { path, isHere: true } : await hintAtDebugFile(opened);
      const isLinked = opened.image.loads.length > 0;
      return text === undefined || hint?.isHere !== true || !isLinked
        ? null
        : { path, debug: hint.path, codeBytes: Number(text.sizeBytes) };
    }).catch(() => null);
    if (file === null || seen.has(file.debug) || readFileSync(file.path).length === 0) continue;
    seen.add(file.debug);
    found.push(file);
  }
  return found.sort((left, right) => left.codeBytes - right.codeBytes);
}

const files = await describedFiles();

test('the parts add up, by source file and by unit', async () => {
  expect(files.length).toBeGreaterThan(5);
  const wrong: string[] = [];
  for (const { path } of isAll ? files : files.slice(-10)) {
    for (const by of ['source', 'unit'] as const) {
      const { root, sources } = await readSize(path, { by });
      if (sources?.kind !== 'known') wrong.push(`${path} ${by}: no debug information`);
      wrong.push(...wrongSums(root).map(text => `${path} ${by}: ${text}`));
    }
  }
  expect(wrong).toEqual([]);
});

function wrongSums(part: SizePart): readonly string[] {
  if (part.children.length === 0) return [];
  const sum = (of: 'fileBytes' | 'memoryBytes'): number => part.children.reduce((total, child) => total + child[of], 0);
  const isRight = sum('fileBytes') === part.fileBytes && sum('memoryBytes') === part.memoryBytes;
  return [...(isRight ? [] : [part.name]), ...part.children.flatMap(wrongSums)];
}

test('code by source file is what llvm-symbolizer says of each byte', async () => {
  const chosen = files
    .filter(({ codeBytes }) => codeBytes > 1000 && codeBytes <= maximumCodeBytes)
    .slice(-maximumFiles);
  expect(chosen.length).toBeGreaterThan(3);
  const wrong: string[] = [];
  for (const { path, debug } of chosen) {
    const text = sectionAt(path, '.text');
    const { root } = await readSize(path, { by: 'source', section: text.number, limit: 10_000 });
    const ours = sourcesBelow(root);
    const theirs = withoutDoubledFolders(bytesBySymbolizer(debug, text));
    for (const name of new Set([...ours.keys(), ...theirs.keys()])) {
      if (ours.get(name) === theirs.get(name)) continue;
      // It looks into the line table only where the ranges of the unit lead, which leave out padding within a sequence.
      const base = posix.basename(name);
      const own = [...ours].reduce((sum, [known, bytes]) => sum + (posix.basename(known) === base ? bytes : 0), 0);
      if (own === bytesByReadelf(debug, base)) continue;
      wrong.push(`${path} ${name}: ${ours.get(name)}, llvm ${theirs.get(name)}`);
    }
  }
  expect(wrong).toEqual([]);
});

/** What the rows of a decoded line table give to files of a name: each up to the next row of its sequence. */
function bytesByReadelf(debug: string, base: string): number {
  const text = execFileSync('readelf', ['-W', '--debug-dump=decodedline,no-follow-links', debug], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let sum = 0;
  let before: { readonly name: string; readonly address: number } | null = null;
  for (const [, name = '', line = '', hex = ''] of text.matchAll(/^(\S+) +(\d+|-) +0x([0-9a-f]+)(?: .*)?$/gmu)) {
    const address = Number.parseInt(hex, 16);
    if (before !== null && posix.basename(before.name) === base) sum += address - before.address;
    before = line === '-' ? null : { name, address };
  }
  return sum;
}

/**
 * A relative folder of the compilation stands in the unit and as the first folder of its line table: llvm-symbolizer puts both
 * together ("./nis" and "nis_call.c" become "./nis/./nis/nis_call.c", where no such file ever was).
 */
function withoutDoubledFolders(bytes: SourceBytes): SourceBytes {
  const sums = new Map<string, number>();
  for (const [path, count] of bytes) {
    const single = path.replace(/^((?:[^/]+\/)+)\1/u, '$1');
    sums.set(single, (sums.get(single) ?? 0) + count);
  }
  return sums;
}
