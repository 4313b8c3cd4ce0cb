import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readSize } from '../../language-server/elf/size/size-tree.ts';
import type { SizeGrouping, SizePart } from '../../language-server/protocol/size.ts';
import { toolchainIn } from '../support/elf-toolchain.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Broken debug information: no exception, no hang, no memory beyond bounds, and sums that still add up. */
const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_124);
const runs = Number(process.env['FUZZ_RUNS'] ?? 150);
/** A case takes milliseconds; this is for the busiest machine, and still tells a loop from work. */
const deadlineMs = 10_000;
/** A small file cannot be worth more, whatever it says of itself. */
const maximumGrowthBytes = 256 << 20;

const { compile, path, run } = toolchainIn(temporaryFolder());
const library = `static inline __attribute__((always_inline)) int twice(int a) { return a * 2; }
int table[9] = {1};
struct s { int a; const char *b; } all[4];
int f(int a) { static int calls; calls += 1; return twice(a) + table[a & 7] + calls; }
__attribute__((cold, section(".text.far"))) int g(int a) { return twice(f(a)); }
`;
const shared = ['-shared', '-fPIC', '-O1'];
const samples = [
  compile('two.so', library, ...shared, '-gdwarf-2', '-gstrict-dwarf'),
  compile('four.so', library, ...shared, '-gdwarf-4'),
  compile('five.so', library, ...shared, '-gdwarf-5'),
  compile('long.so', library, ...shared, '-gdwarf-5', '-gdwarf64'),
  compile('split.so', library, ...shared, '-gdwarf-5', '-gsplit-dwarf'),
  compile('packed.so', library, ...shared, '-gdwarf-5', '-gz'),
  compile('object.o', library, '-c', '-gdwarf-5', '-ffunction-sections'),
].map(file => ({ name: file.slice(file.lastIndexOf('/') + 1), file, bytes: readFileSync(file) }));

console.log(`fuzz seed ${seed}, ${runs} runs a sample, ${samples.length} samples`);

interface Range {
  readonly name: string;
  readonly offset: number;
  readonly sizeBytes: number;
}

/** Where the debug sections are in the file. */
function debugRanges(file: string): readonly Range[] {
  return [...run('readelf', '-SW', file).matchAll(/\] \.(debug_\w+) +\w+ +[0-9a-f]+ ([0-9a-f]+) ([0-9a-f]+) /gu)]
    .map(([, name = '', offset = '', size = '']) => ({
      name,
      offset: Number.parseInt(offset, 16),
      sizeBytes: Number.parseInt(size, 16),
    }))
    .filter(({ sizeBytes }) => sizeBytes > 0);
}

function wrongSums(part: SizePart): readonly string[] {
  if (part.children.length === 0) return [];
  const file = part.children.reduce((total, { fileBytes }) => total + fileBytes, 0);
  const memory = part.children.reduce((total, { memoryBytes }) => total + memoryBytes, 0);
  const isRight = file === part.fileBytes && memory === part.memoryBytes;
  return [...(isRight ? [] : [`${part.name}: ${file}, ${memory}`]), ...part.children.flatMap(wrongSums)];
}

const groupings: readonly SizeGrouping[] = ['source', 'unit'];

async function problemsOf(bytes: Buffer): Promise<readonly string[]> {
  const broken = path('broken');
  writeFileSync(broken, bytes);
  const problems: string[] = [];
  for (const by of groupings) {
    const start = Date.now();
    const before = process.memoryUsage();
    const { root } = await readSize(broken, { by });
    const after = process.memoryUsage();
    const grown = after.arrayBuffers + after.heapUsed - before.arrayBuffers - before.heapUsed;
    if (grown > maximumGrowthBytes) problems.push(`${by}: ${grown} bytes of memory`);
    if (Date.now() - start > deadlineMs) problems.push(`${by}: ${Date.now() - start} ms`);
    if (root.fileBytes !== bytes.length) problems.push(`${by}: ${root.fileBytes} of ${bytes.length}`);
    problems.push(...wrongSums(root));
  }
  return problems;
}

const hostileBytes = [0, 1, 2, 0x7f, 0x80, 0xfe, 0xff];

describe.for(samples)('$name', ({ file, bytes }) => {
  const ranges = debugRanges(file);

  test('is whole to begin with', async () => {
    expect(ranges.length).toBeGreaterThan(3);
    expect(await problemsOf(bytes)).toEqual([]);
  });

  test('with bytes of its debug sections replaced', async () => {
    const change = fc.record({
      range: fc.constantFrom(...ranges),
      // Headers are at the beginning, and there a byte changes the most.
      at: fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 0.05, noNaN: true })),
      bytes: fc.array(fc.oneof(fc.constantFrom(...hostileBytes), fc.integer({ min: 0, max: 255 })), {
        minLength: 1,
        maxLength: 12,
      }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async changes => {
        const broken = Buffer.from(bytes);
        for (const { range, at, bytes: fresh } of changes) {
          const start = range.offset + Math.min(Math.floor(at * range.sizeBytes), range.sizeBytes - 1);
          for (const [index, value] of fresh.entries())
            if (start + index < broken.length) broken[start + index] = value;
        }
        expect(await problemsOf(broken)).toEqual([]);
      }),
      { seed, numRuns: runs },
    );
  });

  test('with each of its debug sections filled with one byte', async () => {
    for (const { offset, sizeBytes } of ranges) {
      for (const value of hostileBytes) {
        expect(await problemsOf(Buffer.from(bytes).fill(value, offset, offset + sizeBytes))).toEqual([]);
      }
    }
  });
});
