import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { allRows } from '../support/elf-compare.ts';
import { chooseVaried, elfFilesBelow } from '../support/elf-corpus.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** The histograms of hash tables against `readelf -I`. */
const folder = temporaryFolder();

type Line = readonly string[];

async function ours(path: string): Promise<readonly Line[]> {
  return (await allRows(path, 'hash')).map(([table = '', length = '', buckets = '', share = '', coverage = '']) => [
    table,
    length,
    buckets,
    share,
    coverage,
  ]);
}

function theirs(path: string): readonly Line[] {
  const output = execFileSync('readelf', ['-IW', path], { encoding: 'latin1', stdio: ['ignore', 'pipe', 'ignore'] });
  let table = '';
  return output.split('\n').flatMap((line): Line[] => {
    if (line.startsWith('Histogram')) table = line.includes('.gnu.hash') ? '.gnu.hash' : '.hash';
    const match = /^\s+(\d+)\s+(\d+)\s+\(\s*([\d.]+%)\)(?:\s+([\d.]+%))?$/u.exec(line);
    return match === null ? [] : [[table, match[1] ?? '', match[2] ?? '', match[3] ?? '', match[4] ?? '']];
  });
}

/** Of a table without symbols readelf says nothing; here its buckets are counted as empty ones. */
function withoutEmptyTables(lines: readonly Line[]): readonly Line[] {
  const filled = new Set(lines.filter(([, length]) => length !== '0').map(([table]) => table));
  return lines.filter(([table]) => filled.has(table));
}

/** Halves are rounded one way here and the other there. */
function check(all: readonly Line[], printed: readonly Line[], path: string): void {
  const mine = withoutEmptyTables(all);
  const values = (lines: readonly Line[]) => lines.map(line => line.slice(0, 3));
  expect(values(mine).sort(), path).toEqual(values(printed).sort());
  const sorted = (lines: readonly Line[]) => [...lines].sort((a, b) => a.join(' ').localeCompare(b.join(' ')));
  for (const [at, line] of sorted(printed).entries()) {
    for (const place of [3, 4]) {
      const [left, right] = [sorted(mine)[at]?.[place] ?? '', line[place] ?? ''];
      expect(
        Math.abs(Number.parseFloat(left || '0') - Number.parseFloat(right || '0')),
        `${path} ${line}`,
      ).toBeLessThan(0.11);
    }
  }
}

const all = elfFilesBelow(['/usr/bin', '/usr/lib']).filter(({ sizeBytes }) => sizeBytes < 32 << 20);
const chosen = chooseVaried(all, Number(process.env['READELF_FILES'] ?? 150));

test(
  `${chosen.length} of the ${all.length} files of this machine`,
  async () => {
    let compared = 0;
    for (const { path } of chosen) {
      const printed = theirs(path);
      check(await ours(path), printed, path);
      if (printed.length > 0) compared += 1;
    }
    expect(compared).toBeGreaterThan(30);
    // With `READELF_FILES=100000` there are thousands.
  },
  120_000 + 500 * chosen.length,
);

test.each(['sysv', 'gnu', 'both'])('hash style %s', async style => {
  const source = join(folder, 'many.c');
  writeFileSync(
    source,
    Array.from({ length: 300 }, (_, at) => `int function_${at}(void) { return ${at}; }`).join('\n'),
  );
  const path = join(folder, `${style}.so`);
  execFileSync('cc', ['-shared', '-fPIC', `-Wl,--hash-style=${style}`, '-o', path, source]);
  const printed = theirs(path);
  expect(printed.length).toBeGreaterThan(2);
  check(await ours(path), printed, path);
});
