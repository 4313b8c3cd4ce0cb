import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { resolveTree } from '../../language-server/dependencies/tree/tree.ts';
import { UserError } from '../../language-server/protocol/errors.ts';
import type { ScannedFile } from '../../language-server/protocol/scan.ts';
import { findCopies } from '../../language-server/scan/copies.ts';
import { mergeReports, type ScanReport, type ShardReport, scanToReport } from '../../language-server/scan/report.ts';
import { scanFiles } from '../../language-server/scan/scan-files.ts';
import { buildAll } from '../support/loader-build.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Folders of broken libraries: a scan is never ended by them, and has of each what its tree has. */
const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_124);
const runs = Number(process.env['FUZZ_RUNS'] ?? 40);
const environment = { cwd: '/' };
const filesInFolder = 12;

let samples: readonly Buffer[] = [];
beforeAll(async () => {
  const folder = temporaryFolder();
  await buildAll(folder, [
    { file: 'liba.so', soname: 'liba.so', needs: ['libb.so', 'libc.so.6'], runpath: '$ORIGIN:/x' },
    { file: 'libb.so', soname: 'libb.so', flags: ['--build-id'], needs: ['liba.so'], rpath: '$ORIGIN' },
    { file: 'app', program: true, needs: ['liba.so'], runpath: '$ORIGIN' },
  ]);
  samples = ['liba.so', 'libb.so', 'app'].map(name => readFileSync(join(folder, name)));
});

/** Bytes to write over a sample, a length to cut it to, and which sample. */
const mutation = fc.record({
  sample: fc.nat(2),
  bytes: fc.array(fc.tuple(fc.nat(16_000), fc.nat(255)), { maxLength: 12 }),
  header: fc.array(fc.tuple(fc.integer({ min: 4, max: 1200 }), fc.nat(255)), { maxLength: 4 }),
  cut: fc.option(fc.nat(16_000), { freq: 5 }),
});

function mutated({ sample, bytes, header, cut }: Mutation): Buffer {
  const copy = Buffer.from(samples[sample] ?? '');
  for (const [at, value] of [...bytes, ...header]) if (at < copy.length) copy[at] = value;
  return cut === null ? copy : copy.subarray(0, cut);
}

interface Mutation {
  readonly sample: number;
  readonly bytes: readonly (readonly [number, number])[];
  readonly header: readonly (readonly [number, number])[];
  readonly cut: number | null;
}

test('a folder of broken libraries', async () => {
  const property = fc.asyncProperty(
    fc.array(mutation, { minLength: filesInFolder, maxLength: filesInFolder }),
    async mutations => {
      const folder = temporaryFolder();
      mkdirSync(join(folder, 'sub'));
      for (const [index, one] of mutations.entries()) {
        const name = ['liba.so', 'libb.so', 'app'][index] ?? `sub/lib${index}.so`;
        writeFileSync(join(folder, name), mutated(one));
      }
      const files: ScannedFile[] = [];
      const { elf, libraries, needed } = await scanFiles([folder], { environment }, file => files.push(file));
      expect(elf).toBe(files.length);
      await findCopies(libraries, needed, undefined);
      for (const { path, problems, state } of files) {
        if (state === 'damaged') await expect(resolveTree(path, { environment })).rejects.toThrow(UserError);
        else {
          const tree = await resolveTree(path, { environment });
          expect(problems).toEqual(tree.problems.filter(({ code }) => code !== `dependencies/${state}`));
        }
      }
    },
  );
  await fc.assert(property, { seed, numRuns: runs });
});

test('any partition of a folder of broken libraries merges to the whole', async () => {
  const property = fc.asyncProperty(
    fc.array(mutation, { maxLength: 20 }),
    fc.integer({ min: 1, max: 6 }),
    async (all, count) => {
      const folder = temporaryFolder();
      for (const [index, one] of all.entries()) writeFileSync(join(folder, `lib${index}.so`), mutated(one));
      const parts: ShardReport[] = [];
      for (let index = 1; index <= count; index += 1) {
        const part = await scanToReport([folder], { environment, shard: { index, count } });
        parts.push(JSON.parse(JSON.stringify(part)) as ShardReport);
      }
      const whole: ScanReport = await scanToReport([folder], { environment });
      expect(JSON.stringify(mergeReports(parts))).toBe(JSON.stringify(whole));
    },
  );
  await fc.assert(property, { seed, numRuns: runs });
});
