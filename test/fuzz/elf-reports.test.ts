import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareFiles } from '../../language-server/elf/compare/compare-files.ts';
import { readHardeningReport } from '../../language-server/elf/hardening/hardening-report.ts';
import { readSize } from '../../language-server/elf/size/size-tree.ts';
import { readVersionsReport } from '../../language-server/elf/versions/versions-report.ts';
import { UserError } from '../../language-server/protocol/errors.ts';
import type { SizePart } from '../../language-server/protocol/size.ts';
import { buildElf, fieldWriter, symbolBytes } from '../support/elf-builder.ts';
import { toolchainIn } from '../support/elf-toolchain.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Broken copies of real files through hardening, versions, size and comparison: no exception but UserError, no hang. */
const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_124);
const runs = Number(process.env['FUZZ_RUNS'] ?? 150);
/** A case takes milliseconds; this is for the busiest machine, and still tells a loop from work. */
const deadlineMs = 10_000;

const { compile, path } = toolchainIn(temporaryFolder());
const library =
  '#include <stdio.h>\n__thread int t = 1; int v[9] = {1}; int f(int a) { t += a; return printf("%d", v[a]); }\n';
const samples = [
  compile('library.so', library, '-shared', '-fPIC', '-Wl,-rpath,$ORIGIN/x:y', '-Wl,-soname,libq.so.1'),
  compile('program', `${library}int main(void) { return f(1); }\n`, '-D_FORTIFY_SOURCE=2', '-O2'),
  compile('object.o', library, '-c', '-ffunction-sections'),
  compile('stripped.so', library, '-shared', '-fPIC', '-s', '-Wl,-z,now'),
].map(file => ({ name: file.slice(file.lastIndexOf('/') + 1), file, bytes: readFileSync(file) }));

console.log(`fuzz seed ${seed}, ${runs} runs a sample and kind, ${samples.length} samples`);

/** What the readers throw other than UserError, and sums that do not add up. */
async function problemsOf(whole: string, bytes: Buffer): Promise<readonly string[]> {
  const broken = path('broken');
  writeFileSync(broken, bytes);
  const problems: string[] = [];
  const start = Date.now();
  const attempt = async (what: string, read: () => Promise<unknown>): Promise<void> => {
    try {
      await read();
    } catch (error) {
      if (!(error instanceof UserError))
        problems.push(`${what}: ${error instanceof Error ? error.stack : String(error)}`);
    }
  };
  await attempt('hardening', () => readHardeningReport(broken));
  await attempt('versions', () => readVersionsReport(broken));
  await attempt('comparison', () => compareFiles(whole, broken));
  await attempt('size', async () => {
    const { root } = await readSize(broken);
    if (root.fileBytes !== bytes.length) problems.push(`the size is ${root.fileBytes} of ${bytes.length}`);
    problems.push(...wrongSums(root));
  });
  if (Date.now() - start > deadlineMs) problems.push(`it took ${Date.now() - start} ms`);
  return problems;
}

function wrongSums(part: SizePart): readonly string[] {
  if (part.children.length === 0) return [];
  const sum = part.children.reduce((total, { fileBytes }) => total + fileBytes, 0);
  return [
    ...(sum === part.fileBytes ? [] : [`${part.name}: ${sum} of ${part.fileBytes}`]),
    ...part.children.flatMap(wrongSums),
  ];
}

const hostile = [0n, 1n, 0x7fn, 0xffffn, 0x7fff_ffffn, 0xffff_ffffn, 0x7fff_ffff_ffff_ffffn, 0xffff_ffff_ffff_ffffn];

describe.for(samples)('$name', ({ file, bytes }) => {
  test('is whole to begin with', async () => {
    expect(await problemsOf(file, bytes)).toEqual([]);
  });

  test('cut off at every 64 bytes', async () => {
    for (let length = 0; length < bytes.length; length += 64) {
      expect(await problemsOf(file, bytes.subarray(0, length))).toEqual([]);
    }
  });

  test('with fields replaced', async () => {
    const change = fc.record({
      at: fc.oneof(fc.nat({ max: 1023 }), fc.integer({ min: -4096, max: -1 }), fc.nat({ max: bytes.length - 1 })),
      size: fc.constantFrom(1, 2, 4, 8),
      value: fc.oneof(fc.constantFrom(...hostile), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async changes => {
        const copy = Buffer.from(bytes);
        for (const { at, size, value } of changes) {
          const place = Math.min(at < 0 ? copy.length + at : at, copy.length - size);
          const field = Buffer.alloc(8);
          field.writeBigUInt64LE(value);
          field.copy(copy, Math.max(0, place), 0, size);
        }
        expect(await problemsOf(file, copy)).toEqual([]);
      }),
      { seed, numRuns: runs },
    );
  });
});

test('names that lie on each other by the hundred thousand', async () => {
  const write = fieldWriter();
  const symbols = Buffer.concat(
    Array.from({ length: 200_000 }, (_, at) =>
      symbolBytes(write, { name: 1 + (at % 60_000), info: 0x12, section: at % 2, value: at, size: 10 }),
    ),
  );
  const sections = [
    { name: '.dynstr', type: 3, bytes: Buffer.alloc(65_000, 0x61) },
    { name: '.dynsym', type: 11, bytes: symbols, link: 1, entryBytes: 24 },
    { name: '.symtab', type: 2, bytes: symbols, link: 1, entryBytes: 24 },
  ];
  for (const type of [1, 3]) {
    const bytes = buildElf({ type, sections });
    expect(await problemsOf('/bin/sh', bytes)).toEqual([]);
  }
  const { findings } = await compareFiles(path('broken'), '/bin/sh');
  expect(findings.map(({ code }) => code)).toContain('elf/overlapping-names');
});
