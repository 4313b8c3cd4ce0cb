import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { withArray } from '../../language-server/numeric/arrays/open-array.ts';
import type { Numbers } from '../../language-server/numeric/arrays/read-view.ts';
import { numbersOf } from '../../language-server/numeric/arrays/read-view.ts';
import { floatText } from '../../language-server/numeric/floats/decimal.ts';
import { ExactSum } from '../../language-server/numeric/sums/exact-sum.ts';
import { bufferNumbers, pairwiseSum } from '../../language-server/numeric/sums/sum-numbers.ts';
import { sumReport } from '../../language-server/numeric/sums/sum-report.ts';
import { varianceReport } from '../../language-server/numeric/variance/variance-report.ts';
import type { SumAccumulator } from '../../language-server/protocol/numeric.ts';
import { numpy } from '../support/numpy.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder();
const { signal } = new AbortController();

/** One array of each kind that is long enough for all lengths, and NumPy's sum of each of its beginnings. */
const kinds = ['random', 'sorted', 'alternating', 'wide', 'ones'] as const;
const make = `
rng = np.random.default_rng(11)
def array(kind, dtype, n):
    a = {'random': lambda: rng.standard_normal(n), 'sorted': lambda: np.sort(rng.random(n)), 'alternating': lambda: (-1.0) ** np.arange(n) * rng.random(n),
         'wide': lambda: rng.standard_normal(n) * 10.0 ** rng.integers(-3, 4, n), 'ones': lambda: np.full(n, 0.1)}[kind]()
    return a.astype(dtype)
`;

/** Bytes as hexadecimal: no text stands between the two answers. */
function toBits(values: readonly number[]): string {
  return Buffer.from(Float64Array.from(values).buffer).toString('hex');
}

function beginning(all: Float64Array | Float32Array, count: number): Numbers {
  return {
    count,
    read: (start, wanted) => Promise.resolve(all.subarray(start, Math.min(count, start + wanted)) as Float64Array),
  };
}

describe('sums as NumPy adds them, bit for bit', () => {
  test.each((['float16', 'float32', 'float64'] as const).flatMap(dtype => kinds.map(kind => [dtype, kind] as const)))(
    '%s, %s, of every length up to 2,000',
    async (dtype, kind) => {
      const path = join(folder, `${dtype}-${kind}.npy`);
      const expected = numpy<{ own: string; wide: string }>(
        `${make}
a = array(args['kind'], args['dtype'], 2000)
np.save(args['path'], a)
own = np.array([float(a[:n].sum()) for n in range(2001)])
wide = np.array([float(a[:n].sum(dtype=np.float64)) for n in range(2001)])
print(json.dumps({'own': own.tobytes().hex(), 'wide': wide.tobytes().hex()}))`,
        { path, dtype, kind },
      );
      const values = await withArray(path, signal, array => array.values(0, 2000));
      const sums = async (accumulator: SumAccumulator, buffer: number): Promise<string> => {
        const all: number[] = [];
        for (let count = 0; count <= 2000; count += 1)
          all.push(
            (await pairwiseSum(beginning(values as Float64Array, count), accumulator, Math.max(1, buffer), signal))
              .value,
          );
        return toBits(all);
      };
      expect(await sums(dtype, 1 << 20)).toBe(expected.own);
      expect(await sums('float64', dtype === 'float64' ? 1 << 20 : bufferNumbers)).toBe(expected.wide);
    },
  );

  test.each(['float16', 'float32', 'float64'] as const)(
    '%s of some large lengths, and of other shapes',
    async dtype => {
      const path = join(folder, `large-${dtype}.npy`);
      const lengths = [8191, 8192, 8193, 131_071, 131_072, 131_073, 262_145, 500_009, 1_000_003];
      const expected = numpy<{ sums: string; buffered: string; wide: string; shaped: string }>(
        `${make}
a = array('wide' if args['dtype'] != 'float16' else 'random', args['dtype'], 1000003)
np.save(args['path'], a)
buffered = np.array([float(a[:n].sum()) for n in args['lengths']]).tobytes().hex()
wide = np.array([float(a[:n].sum(dtype=np.float64)) for n in args['lengths']]).tobytes().hex()
# As NumPy 2.3 and later do without being told.
np.setbufsize(9999984)
print(json.dumps({'buffered': buffered, 'wide': wide, 'sums': np.array([float(a[:n].sum()) for n in args['lengths']]).tobytes().hex(),
  'shaped': np.array([float(a[:999999].reshape(3, 333, 1001).sum())]).tobytes().hex()}))`,
        { path, dtype, lengths },
      );
      await withArray(path, signal, async array => {
        const all = numbersOf(array, array.view);
        const sums = async (accumulator: SumAccumulator, buffer: number): Promise<string> => {
          const values: number[] = [];
          for (const count of lengths)
            values.push(
              (
                await pairwiseSum(
                  { count, read: (start, wanted) => all.read(start, Math.min(wanted, count - start)) },
                  accumulator,
                  buffer,
                  signal,
                )
              ).value,
            );
          return toBits(values);
        };
        expect(await sums(dtype, 1 << 30)).toBe(expected.sums);
        expect(await sums(dtype, bufferNumbers)).toBe(expected.buffered);
        expect(await sums('float64', bufferNumbers)).toBe(expected.wide);
        const shaped = await pairwiseSum(
          { count: 999_999, read: (start, wanted) => all.read(start, Math.min(wanted, 999_999 - start)) },
          dtype,
          1 << 30,
          signal,
        );
        expect(toBits([shaped.value])).toBe(expected.shaped);
      });
    },
  );
});

test('exact sums are those of math.fsum', () => {
  const expected = numpy<{ values: string; sums: string; lengths: readonly number[] }>(`
rng = np.random.default_rng(5)
arrays = []
for n in [0, 1, 2, 3, 10, 100, 1000]:
    for scale in [0, 1, 20, 150, 300]:
        a = rng.standard_normal(n) * 2.0 ** rng.integers(-scale, scale + 1, n)
        arrays += [a, np.concatenate([a, -a[::-1], [2.0 ** -60] if n else []]), np.concatenate([a, -rng.permutation(a)])]
arrays += [np.array([1e16, 1, 1e-16]), np.array([1.0, 2**-53, 2**-106]), np.array([1.0, 2**-53, -2**-106]), np.array([5e-324] * 7), np.array([2.0**1023, -2.0**1023, 3.5]), np.array([-0.0])]
print(json.dumps({'lengths': [len(a) for a in arrays], 'values': np.concatenate(arrays).tobytes().hex(), 'sums': np.array([math.fsum(a) for a in arrays]).tobytes().hex()}))`);
  const values = new Float64Array(Uint8Array.from(Buffer.from(expected.values, 'hex')).buffer);
  let start = 0;
  const sums = expected.lengths.map(length => {
    const sum = new ExactSum();
    sum.addAll(values.subarray(start, start + length));
    start += length;
    return sum.value() + 0;
  });
  expect(toBits(sums)).toBe(expected.sums);
});

describe('reports', () => {
  test('a sum says what numpy and math.fsum say, of a part of an array too', async () => {
    const path = join(folder, 'part.npy');
    const expected = numpy<{ sum: string; exact: string }>(
      `a = np.random.default_rng(3).standard_normal((200, 30)).astype('f4'); np.save(args['path'], a)
b = a[:, 3]
print(json.dumps({'sum': str(np.ascontiguousarray(b).sum()), 'exact': repr(math.fsum(b))}))`,
      { path },
    );
    const report = await sumReport({ path, slice: ':, 3' }, signal);
    expect(report).toMatchObject({ count: 200, shape: [200], exact: expected.exact });
    expect(
      report.results.find(({ algorithm, accumulator }) => algorithm === 'pairwise' && accumulator === 'float32')?.value,
    ).toBe(expected.sum);
    for (const { errorUlp, algorithm } of report.results)
      if (algorithm === 'exact') expect(errorUlp).toBeLessThanOrEqual(0.5);
  });

  test.each([
    ['numbers far from zero', 'rng.standard_normal(1000) + 1e9'],
    ['small numbers', 'rng.standard_normal(1000) * 1e-170'],
    ['large numbers', 'rng.standard_normal(1000) * 1e152'],
    ['numbers of all sizes', 'rng.standard_normal(500) * 10.0 ** rng.integers(-200, 150, 500)'],
    ['one number many times', 'np.full(77, 0.1)'],
    ['binary32', '(rng.standard_normal(1000) + 1e4).astype("f4")'],
    ['whole numbers', 'rng.integers(-1000, 1000, 999)'],
  ])('the exact variance of %s is that of fractions', async (title, array) => {
    const path = join(folder, `variance-${title}.npy`);
    const expected = numpy<string>(
      `
from fractions import Fraction as F
rng = np.random.default_rng(9)
a = ${array}
np.save(args['path'], a)
f = [F(float(x)) for x in a]; m = sum(f) / len(f)
print(json.dumps(repr(float(sum((x - m) ** 2 for x in f) / (len(f) - 1)))))`,
      { path },
    );
    const report = await varianceReport({ path, ddof: 1 }, signal);
    expect(Number(report.exact)).toBe(Number(expected));
    const exact = report.results.find(({ algorithm }) => algorithm === 'exact');
    expect(exact?.errorUlp).toBeLessThanOrEqual(0.5);
  });
});

test('every binary32 of a sample is written as NumPy writes it', () => {
  const { bits, texts } = numpy<{ bits: string; texts: readonly string[] }>(
    `b = np.random.default_rng(1).integers(0, 2**32, 20000, dtype=np.uint32); print(json.dumps({'bits': b.tobytes().hex(), 'texts': [str(x) for x in b.view('f4')]}))`,
  );
  const values = new Float32Array(Uint8Array.from(Buffer.from(bits, 'hex')).buffer);
  expect(Array.from(values, value => floatText(value, 'float32'))).toEqual(texts);
});
