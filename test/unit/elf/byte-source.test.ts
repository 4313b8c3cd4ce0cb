import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readIdentity } from '../../../language-server/elf/identity.ts';
import { withElfFile } from '../../../language-server/elf/open-elf.ts';
import { type ByteSource, createByteSource } from '../../../language-server/elf/reader/byte-source.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder();
/** Different in every place, and with a NUL here and there. */
const bytes = Buffer.from(Uint32Array.from({ length: 30_000 }, (_, index) => index * 2_654_435_761).buffer);

function withSource(sizeBytes: number, use: (source: ByteSource) => void): void {
  const path = join(folder, `${sizeBytes}.bin`);
  writeFileSync(path, bytes.subarray(0, sizeBytes));
  const fd = openSync(path, 'r');
  try {
    use(createByteSource(fd, sizeBytes, { maximumPages: 8 }));
  } finally {
    closeSync(fd);
  }
}

const ranges = fc.array(fc.tuple(fc.nat(125_000), fc.oneof(fc.nat(64), fc.nat(9_000), fc.nat(70_000))), {
  maxLength: 40,
});

test.each([0, 1, 4095, 4096, 16_384, 16_385, 100_001])('whatever was read before, of %d bytes', sizeBytes => {
  fc.assert(
    fc.property(ranges, some =>
      withSource(sizeBytes, source => {
        const contents = bytes.subarray(0, sizeBytes);
        for (const [offset, length] of some) {
          const expected = contents.subarray(offset, offset + length);
          expect(source.read(offset, length).equals(expected)).toBe(true);
          const end = expected.indexOf(0);
          expect(source.string(offset, length).equals(end < 0 ? expected : expected.subarray(0, end))).toBe(true);
        }
        expect(source.hasShrunk()).toBe(false);
      }),
    ),
    { numRuns: 60 },
  );
});

test('what lies together is read together', () => {
  withSource(100_001, source => {
    const counts = [
      [4000, 200],
      [0, 8192],
      [50_000, 12_000],
      [53_000, 4000],
    ].map(([offset = 0, length = 0]) => {
      source.read(offset, length);
      return source.bytesRead();
    });
    expect(counts).toEqual([8192, 8192, 8192 + 16_384, 8192 + 16_384]);
  });
});

test('a small file is read once, and the identity of a large one in a few pages', async () => {
  const reads = async (path: string): Promise<number> =>
    await withElfFile(path, file => {
      readIdentity(file);
      return file.image.source.bytesRead();
    });
  const small = join(folder, 'small.o');
  const large = join(folder, 'large.so');
  writeFileSync(join(folder, 'x.c'), 'char filler[1 << 20] = {1}; int f(void) { return filler[5]; }\n');
  execFileSync('cc', ['-shared', '-s', '-fPIC', '-nostdlib', '-o', large, join(folder, 'x.c')]);
  writeFileSync(join(folder, 'y.c'), 'int f(void) { return 5; }\n');
  execFileSync('cc', ['-c', '-o', small, join(folder, 'y.c')]);
  expect(await reads(small)).toBe(readFileSync(small).length);
  expect(await reads(large)).toBeLessThanOrEqual(5 * 4096);
});
