import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compareArrays } from '../../language-server/numeric/compare/compare-arrays.ts';
import { ulpDistance } from '../../language-server/numeric/floats/ulp-distance.ts';
import { statisticsOf } from '../../language-server/numeric/statistics/statistics.ts';
import { numpy } from '../support/numpy.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder();
const { signal } = new AbortController();

interface Expected {
  readonly minimum: number;
  readonly maximum: number;
  readonly mean: number;
  readonly variance: number;
  readonly counts: Readonly<Record<string, readonly [count: number, first: readonly number[] | null]>>;
  readonly histogram: readonly number[];
  readonly axes: readonly (readonly [
    minimum: readonly number[],
    maximum: readonly number[],
    mean: readonly number[],
  ])[];
}

const arrays: readonly (readonly [title: string, array: string, slice: string])[] = [
  ['binary64', 'rng.standard_normal((40, 30, 50))', '...'],
  ['binary32 in Fortran order', 'np.asfortranarray(rng.random((300, 700)).astype("f4"))', '...'],
  ['binary16', 'rng.standard_normal(5000).astype("f2")', '...'],
  ['whole numbers', 'rng.integers(-100, 100, (200, 30))', '...'],
  ['far from zero', 'rng.random((100, 100)) + 1e8', '...'],
  ['big-endian, a part of it', 'rng.standard_normal((60, 80)).astype(">f8")', '::2, 10:70:3'],
  ['more than one piece', 'rng.standard_normal(400_001)', '::-1'],
  ['what is no finite number', 'special((50, 60))', '...'],
  ['one number', 'np.full((3, 3), 0.1)', '...'],
];

describe('statistics as NumPy has them', () => {
  test.each(arrays)('%s', async (title, array, slice) => {
    const path = join(folder, `${title}.npy`);
    const expected = numpy<Expected>(
      `
rng = np.random.default_rng(4)
def special(shape):
    a = rng.standard_normal(shape)
    for value in [np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-310]:
        a.flat[rng.integers(0, a.size, 7)] = value
    return a
a = ${array}
np.save(args['path'], a)
a = a[${slice}]
w = a.astype('f8')
f = w[np.isfinite(w)]
tiny = np.finfo(a.dtype).tiny if a.dtype.kind == 'f' else 0
def seen(mask):
    places = np.argwhere(mask)
    return [int(mask.sum()), places[0].tolist() if len(places) else None]
counts = {'nan': seen(np.isnan(w)), 'positiveInfinity': seen(w == np.inf), 'negativeInfinity': seen(w == -np.inf),
  'subnormal': seen((w != 0) & (abs(w) < tiny)), 'negativeZero': seen((w == 0) & np.signbit(w)), 'zero': seen((w == 0) & ~np.signbit(w))}
axes = []
m = np.ma.masked_invalid(w)
for axis in range(a.ndim) if a.ndim > 1 else []:
    others = tuple(x for x in range(a.ndim) if x != axis)
    axes.append([np.ma.getdata(m.min(axis=others)).tolist(), np.ma.getdata(m.max(axis=others)).tolist(), np.ma.getdata(m.mean(axis=others)).tolist()])
print(json.dumps({'minimum': f.min(), 'maximum': f.max(), 'mean': math.fsum(f) / len(f), 'variance': math.fsum((f - math.fsum(f) / len(f)) ** 2) / len(f),
  'counts': counts, 'histogram': np.histogram(f, 64, (f.min(), f.max()))[0].tolist(), 'axes': axes}))`,
      { path },
    );
    const statistics = await statisticsOf({ path, slice }, signal);
    expect(Number(statistics.minimum)).toBe(expected.minimum);
    expect(Number(statistics.maximum)).toBe(expected.maximum);
    expect(Number(statistics.mean)).toBeCloseTo(expected.mean, 12 - Math.ceil(Math.log10(Math.abs(expected.mean) + 1)));
    expect(Math.abs(Number(statistics.variance) - expected.variance)).toBeLessThanOrEqual(1e-12 * expected.variance);
    for (const [kind, [count, first]] of Object.entries(expected.counts)) {
      expect(statistics[kind as 'nan'], kind).toEqual({ count, first });
    }
    // Numbers on the edge of a step may fall to either side of it; NumPy mends its own by comparing with the edges.
    if (expected.minimum < expected.maximum) {
      const moved = statistics.histogram.counts.reduce(
        (sum, count, bin) => sum + Math.abs(count - (expected.histogram[bin] ?? 0)),
        0,
      );
      expect(moved).toBeLessThanOrEqual(title === 'whole numbers' ? statistics.count : 4);
      expect(statistics.histogram.counts.reduce((sum, count) => sum + count, 0)).toBe(statistics.finite);
    }
    expect(statistics.axes.map(({ minimum, maximum }) => [minimum.map(Number), maximum.map(Number)])).toEqual(
      expected.axes.map(([minimum, maximum]) => [minimum, maximum]),
    );
    for (const [at, [, , mean]] of expected.axes.entries())
      for (const [index, value] of mean.entries())
        expect(Math.abs(Number(statistics.axes[at]?.mean[index]) - value)).toBeLessThanOrEqual(
          1e-12 * Math.max(1, Math.abs(value)),
        );
  });
});

describe('comparison as NumPy has it', () => {
  test.each([
    ['equal', 'a.copy()', false],
    ['one element far off', 'off(a)', false],
    ['NaN on both sides', 'nans(a)', true],
    ['NaN on both sides, which is not equal', 'nans(a)', false],
    ['infinities', 'infs(a)', false],
    ['small differences', 'a * (1 + 1e-6)', false],
    ['binary32 of it', 'a.astype("f4")', false],
  ])('%s', async (title, other, equalNan) => {
    const [left, right] = ['left', 'right'].map(name => join(folder, `${title}-${name}.npy`)) as [string, string];
    const expected = numpy<{ close: boolean; different: number; outside: number; first: readonly number[] | null }>(
      `
a = np.random.default_rng(2).standard_normal((30, 40))
def off(a): b = a.copy(); b[3, 4] += 1e-3; b[20, 1] = 7; return b
def nans(a): a[1, 2] = np.nan; b = a.copy(); return b
def infs(a): a[1, 2] = np.inf; a[1, 3] = np.inf; b = a.copy(); b[1, 3] = -np.inf; return b
b = ${other}
np.save(args['left'], a); np.save(args['right'], b)
close = np.isclose(a, b, equal_nan=args['equalNan'])
same = (a == b) | ((np.isnan(a) & np.isnan(b)) if args['equalNan'] else False)
places = np.argwhere(~close)
print(json.dumps({'close': bool(np.allclose(a, b, equal_nan=args['equalNan'])), 'different': int((~same).sum()), 'outside': int((~close).sum()), 'first': places[0].tolist() if len(places) else None}))`,
      { left, right, equalNan },
    );
    const comparison = await compareArrays({ left, right, tolerances: { rtol: 1e-5, atol: 1e-8, equalNan } }, signal);
    expect(comparison).toMatchObject({
      allClose: expected.close,
      different: expected.different,
      outside: expected.outside,
    });
    expect(comparison.first?.index ?? null).toEqual(expected.first);
  });

  test('distances in units in the last place are those that stepping from number to number counts', () => {
    const pairs = numpy<
      Readonly<Record<'float16' | 'float32' | 'float64', readonly (readonly [number, number, number])[]>>
    >(`
rng = np.random.default_rng(8)
answer = {}
for name, bits, count in [('float16', 'i2', 200), ('float32', 'i4', 200), ('float64', 'i8', 200)]:
    top = int(np.array(np.inf, dtype=name).view(bits))
    pairs = []
    for _ in range(count):
        a, d = int(rng.integers(0, top)), int(rng.integers(0, 1000))
        b = min(a + d, top - 1)
        number = lambda x: float(np.array(abs(x), dtype=bits).view(name)) * (-1 if x < 0 else 1)
        pairs.append([number(a), number(b), b - a]); pairs.append([-number(a), -number(b), b - a])
        small, other = int(rng.integers(0, 500)), int(rng.integers(0, 500))
        pairs.append([number(small), -number(other), small + other])
    answer[name] = pairs
print(json.dumps(answer))`);
    for (const [format, all] of Object.entries(pairs))
      for (const [left, right, distance] of all) expect(ulpDistance(left, right, format as 'float16')).toBe(distance);
  });
});
