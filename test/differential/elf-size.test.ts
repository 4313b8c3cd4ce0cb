import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { readOverview } from '../../language-server/elf/overview.ts';
import { readSize } from '../../language-server/elf/size/size-tree.ts';
import type { SizePart } from '../../language-server/protocol/size.ts';
import { chooseVaried, elfFilesBelow } from '../support/elf-corpus.ts';

const corpus = elfFilesBelow(['/usr', '/lib', '/bin', '/sbin', '/opt']);

test('the parts of every file add up to its size, at each level', async () => {
  let checked = 0;
  const wrong: string[] = [];
  for (const { path, sizeBytes } of corpus) {
    const report = await readSize(path).catch(() => null);
    if (report === null) continue;
    checked += 1;
    if (report.root.fileBytes !== sizeBytes) wrong.push(`${path}: ${report.root.fileBytes} of ${sizeBytes}`);
    wrong.push(...wrongSums(report.root).map(text => `${path}: ${text}`));
  }
  expect(wrong).toEqual([]);
  expect(checked).toBeGreaterThan(300);
});

function wrongSums(part: SizePart): readonly string[] {
  if (part.children.length === 0) return [];
  const file = part.children.reduce((sum, { fileBytes }) => sum + fileBytes, 0);
  const memory = part.children.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
  const own = file === part.fileBytes && memory === part.memoryBytes ? [] : [`${part.name} ${file} ${memory}`];
  return [...own, ...part.children.flatMap(wrongSums)];
}

const chosen = chooseVaried(corpus, 120).map(({ path }) => path);

test('sections are as large as size -A says, memory as the segments say', async () => {
  const wrong: string[] = [];
  let compared = 0;
  for (const path of chosen) {
    const { identity } = await readOverview(path);
    if (identity.kind !== 'executable' && identity.kind !== 'shared-library') continue;
    const { root } = await readSize(path, { limit: 10_000 });
    for (const [name, bytes] of sizeOutput(path)) {
      const part = root.children.filter(child => child.name === name);
      const ours = part.reduce((sum, { fileBytes, memoryBytes }) => sum + Math.max(fileBytes, memoryBytes), 0);
      compared += 1;
      // Zeros of threads have an address, but no room there.
      if (ours !== bytes && !(name === '.tbss' && ours === 0)) wrong.push(`${path} ${name}: ${ours}, size ${bytes}`);
    }
    const segments = loadBytes(path);
    if (root.memoryBytes !== segments) wrong.push(`${path}: ${root.memoryBytes} in memory, readelf ${segments}`);
  }
  expect(wrong).toEqual([]);
  expect(compared).toBeGreaterThan(300);
});

/** Of several sections of one name the sum. */
function sizeOutput(path: string): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  for (const line of execFileSync('size', ['-A', path], { encoding: 'utf8' }).split('\n')) {
    const [, name, bytes] = /^(\S+)\s+(\d+)\s+\d+$/u.exec(line) ?? [];
    if (name !== undefined && bytes !== '0') sizes.set(name, (sizes.get(name) ?? 0) + Number(bytes));
  }
  return sizes;
}

function loadBytes(path: string): number {
  const text = execFileSync('readelf', ['-lW', path], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const loads = [...text.matchAll(/^ {2}LOAD +\S+ +0x(\w+) +\S+ +\S+ +0x(\w+)/gmu)];
  // No linker lets them overlap; what lies between belongs to none.
  return loads.reduce((sum, [, , bytes]) => sum + Number.parseInt(bytes ?? '0', 16), 0);
}

test('symbols are as large as nm -S says, where none overlaps with another', async () => {
  const wrong: string[] = [];
  let compared = 0;
  for (const path of chosen) {
    const { root, symbolTable, symbolFile } = await readSize(path, { limit: 10_000 });
    if (symbolTable === null || root.children.length === 0) continue;
    const theirs = lonelySymbols(symbolFile ?? path, symbolTable);
    const symbols = root.children.flatMap(({ children }) => children).filter(({ kind }) => kind === 'symbol');
    const names = new Map<string, number>();
    for (const { name } of symbols) names.set(name, (names.get(name) ?? 0) + 1);
    for (const { name, fileBytes, memoryBytes } of symbols) {
      const bytes = theirs.get(name);
      if (bytes === undefined || names.get(name) !== 1) continue;
      compared += 1;
      const ours = Math.max(fileBytes, memoryBytes);
      if (ours !== bytes) wrong.push(`${path} ${name}: ${ours}, nm ${bytes}`);
    }
  }
  expect(wrong).toEqual([]);
  expect(compared).toBeGreaterThan(1000);
});

/** Sizes of symbols that share no byte with another, by name; names that occur once. */
function lonelySymbols(path: string, table: '.symtab' | '.dynsym'): ReadonlyMap<string, number> {
  const options = ['-S', '-n', '--defined-only', '--without-symbol-versions', ...(table === '.dynsym' ? ['-D'] : [])];
  const text = execFileSync('nm', [...options, path], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const symbols = text.split('\n').flatMap(line => {
    const match = /^([0-9a-f]+) ([0-9a-f]+) (\S) (\S+)$/u.exec(line);
    // Absolute ones are in no section, those of threads are addressed from elsewhere.
    if (match === null || 'aA'.includes(match[3] ?? '')) return [];
    return [{ start: BigInt(`0x${match[1]}`), size: BigInt(`0x${match[2]}`), name: match[4] ?? '' }];
  });
  const sizes = new Map<string, number>();
  const seen = new Set<string>();
  let end = 0n;
  for (const [index, { start, size, name }] of symbols.entries()) {
    const next = symbols[index + 1];
    const isAlone = start >= end && (next === undefined || next.start >= start + size);
    if (start + size > end) end = start + size;
    if (seen.has(name)) sizes.delete(name);
    else if (isAlone) sizes.set(name, Number(size));
    seen.add(name);
  }
  return sizes;
}
