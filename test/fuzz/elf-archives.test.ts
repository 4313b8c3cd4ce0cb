import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inspectedPath } from '../../language-server/elf/archive/member-path.ts';
import { readOverview } from '../../language-server/elf/overview.ts';
import { readRows } from '../../language-server/elf/tables.ts';
import { UserError } from '../../language-server/protocol/errors.ts';
import { coreFile, coreNoteBytes, threadNote } from '../support/elf-parts-cores.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Broken archives and core files through all that reads them, members too: no exception but UserError, no loop. */
const seed = Number(process.env['FUZZ_SEED'] ?? 20_260_702);
const runs = Number(process.env['FUZZ_RUNS'] ?? 150);
const deadlineMs = 10_000;

const folder = temporaryFolder();
const samples = [
  { name: 'archive', bytes: archiveBytes() },
  { name: 'core', bytes: coreBytes() },
];

describe.for(samples)('$name', ({ name, bytes }) => {
  test('is whole to begin with', async () => {
    expect(await readAll(name, bytes)).toBeGreaterThan(0);
  });

  test('with bytes changed', async () => {
    const change = fc.record({
      at: fc.nat({ max: bytes.length - 1 }),
      value: fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0x20, 0x2f, 0x30, 0x39, 0xff)),
    });
    const changes = fc.array(change, { minLength: 1, maxLength: 12 });
    await check(fc.asyncProperty(changes, async some => void (await readAll(name, changed(bytes, some)))));
  });

  test('cut off anywhere', async () => {
    const lengths = fc.nat({ max: bytes.length });
    await check(fc.asyncProperty(lengths, async length => void (await readAll(name, bytes.subarray(0, length)))));
  });
});

async function check<T>(property: fc.IAsyncPropertyWithHooks<T>): Promise<void> {
  await fc.assert(property, { seed, numRuns: runs });
}

function changed(bytes: Buffer, changes: readonly { readonly at: number; readonly value: number }[]): Buffer {
  const copy = Buffer.from(bytes);
  for (const { at, value } of changes) copy[at] = value;
  return copy;
}

/** How many rows were read, of the file and of its members. */
async function readAll(name: string, bytes: Uint8Array): Promise<number> {
  const path = join(folder, `${name}.broken`);
  writeFileSync(path, bytes);
  const started = performance.now();
  const count = await readTables(path, true);
  expect(performance.now() - started).toBeLessThan(deadlineMs);
  return count;
}

async function readTables(path: string, withMembers: boolean): Promise<number> {
  let count = 0;
  try {
    const { tables } = await readOverview(path);
    for (const { id, columns } of tables) {
      const sort = { column: columns[0]?.id ?? '', descending: true };
      const { rows, total } = await readRows(path, { table: id, start: 0, count: 200, filter: '-zz', sort });
      expect(rows.length).toBeLessThanOrEqual(total);
      count += rows.length;
      for (const { opens } of withMembers ? rows : []) {
        if (opens !== undefined) count += await readTables(inspectedPath(opens), false);
      }
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
  }
  return count;
}

function archiveBytes(): Buffer {
  const sources = ['int one(int a) { return a; }', 'int x; int two(void) { return x; }'];
  for (const [at, source] of sources.entries()) {
    writeFileSync(join(folder, `a_member_with_a_long_name_${at}.c`), source);
    execFileSync('cc', ['-c', `a_member_with_a_long_name_${at}.c`], { cwd: folder });
  }
  execFileSync('sh', ['-c', 'ar rcs lib.a a_member_with_a_long_name_*.o'], { cwd: folder });
  return readFileSync(join(folder, 'lib.a'));
}

function coreBytes(): Buffer {
  const shape = { machine: 62, class: 64, order: 'little' } as const;
  const file = Buffer.alloc(16 + 24 + 10);
  file.writeBigUInt64LE(1n, 0);
  file.writeBigUInt64LE(4096n, 8);
  file.write('/bin/some\0', 40);
  const vector = Buffer.alloc(32);
  vector.writeBigUInt64LE(9n, 0);
  return coreFile(shape, [
    coreNoteBytes(shape, 1, threadNote(shape, 7, 11, 27)),
    coreNoteBytes(shape, 0x46494c45, file),
    coreNoteBytes(shape, 6, vector),
  ]);
}
