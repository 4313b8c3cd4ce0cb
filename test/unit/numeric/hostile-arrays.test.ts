import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arrayFacts } from '../../../language-server/numeric/arrays/array-facts.ts';
import { readCells, withArray, withArrayFile } from '../../../language-server/numeric/arrays/open-array.ts';
import { LiteralError, readPythonLiteral } from '../../../language-server/numeric/arrays/python-literal.ts';
import { sumReport } from '../../../language-server/numeric/sums/sum-report.ts';
import { varianceReport } from '../../../language-server/numeric/variance/variance-report.ts';
import { UserError } from '../../../language-server/protocol/errors.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder();
const { signal } = new AbortController();
let files = 0;

function npy(header: string, data: Uint8Array = new Uint8Array(0), version = 1): string {
  const text = Buffer.from(`${header}\n`, 'latin1');
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  length.writeUIntLE(text.length, 0, length.length);
  return file(
    Buffer.concat([Buffer.from([0x93]), Buffer.from('NUMPY'), Buffer.from([version, 0]), length, text, data]),
  );
}

function file(bytes: Uint8Array, name = 'a.npy'): string {
  files += 1;
  const path = join(folder, `${files}-${name}`);
  writeFileSync(path, bytes);
  return path;
}

const open = (path: string): Promise<readonly (string | null)[]> =>
  withArray(path, signal, array => readCells(array, array.view, 0, 100));

const header = (shape: string, descr = "'<f4'", more = ''): string =>
  `{'descr': ${descr}, 'fortran_order': False, 'shape': ${shape}${more}}`;

describe('headers that lie', () => {
  const refused: readonly (readonly [title: string, path: () => string, says: RegExp])[] = [
    ['a shape of 2**63', () => npy(header('(9223372036854775808,)')), /more elements than any file holds/u],
    [
      'a product beyond every number',
      () => npy(header('(4294967296, 4294967296, 0x1)')),
      /no dictionary of Python values/u,
    ],
    ['a product beyond 2**53', () => npy(header('(4294967296, 4294967296)')), /more elements than any file holds/u],
    ['a negative size', () => npy(header('(-1,)')), /has the size -1, which is negative/u],
    ['65 axes', () => npy(header(`(${'1, '.repeat(65)})`)), /more than 64 axes/u],
    [
      'code in the shape',
      () => npy(header('(__import__("os").system("true"),)')),
      /the name "__import__", which is code and no value/u,
    ],
    ['code for a header', () => npy('__import__("os").system("true")'), /which is code and no value/u],
    ['a call in the type', () => npy(header('(1,)', 'exec("x")')), /which is code/u],
    ['a missing key', () => npy("{'descr': '<f4', 'shape': (1,)}"), /has the keys descr, shape/u],
    ['a key too many', () => npy(header('(1,)', "'<f4'", ", 'x': 1")), /has the keys descr, fortran_order, shape, x/u],
    ['an unknown type', () => npy(header('(1,)', "'<q8'")), /"<q8" is no type of NumPy's/u],
    ['a float of three bytes', () => npy(header('(1,)', "'<f3'")), /NumPy has no float of 3 bytes/u],
    [
      'an order that is no truth',
      () => npy("{'descr': '<f4', 'fortran_order': 2, 'shape': (1,)}"),
      /neither True nor False/u,
    ],
    ['nesting without an end', () => npy('('.repeat(60_000)), /nested deeper than 32 levels/u],
    ['an item of terabytes', () => npy(header('(1,)', "'<U999999999999'")), /is no type of NumPy's/u],
    [
      'a record of terabytes',
      () => npy(header('(1,)', "[('a', '<f8', (99999, 99999))]")),
      /larger than 2147483648 bytes/u,
    ],
    [
      'objects of Python',
      () => npy(header('(1,)', "'|O'"), Buffer.from('cos\nsystem\n')),
      /holds objects of Python \(object\)/u,
    ],
    ['objects within records', () => npy(header('(1,)', "[('a', [('b', '|O')])]")), /not done here/u],
    ['an unknown version', () => npy(header('(1,)'), new Uint8Array(4), 9), /version is none that is known: 9\.0/u],
    ['nothing', () => file(new Uint8Array(0)), /does not begin as an \.npy file does: nothing/u],
    ['a text', () => file(Buffer.from('hello, world')), /does not begin as an \.npy file does/u],
    [
      'a header that is cut off',
      () => file(Buffer.from('\x93NUMPY\x01\x00\xff\xff{', 'latin1')),
      /ends within its header/u,
    ],
    [
      'a header of four gigabytes',
      () => file(Buffer.from('\x93NUMPY\x02\x00\xff\xff\xff\xff{', 'latin1')),
      /larger than any that NumPy writes/u,
    ],
  ];

  test.each(refused)('%s', async (_, path, says) => {
    const error = await open(path()).then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toMatch(says);
  });

  test('fewer elements than promised are shown, and the rest is missing', async () => {
    const path = npy(header('(1000000000000,)'), Buffer.from(Float32Array.of(1.5, 2.5).buffer));
    await withArray(path, signal, async array => {
      expect(arrayFacts(array)).toMatchObject({
        elements: 1e12,
        presentElements: 2,
        findings: [{ code: 'numeric/truncated-array' }],
      });
      expect(await readCells(array, array.view, 0, 3)).toEqual(['1.5', '2.5', null]);
    });
    const sum = await sumReport({ path }, signal);
    expect(sum).toMatchObject({ count: 2, exact: '4.0' });
  });

  test('bytes that follow are told of', async () => {
    const path = npy(header('(1,)'), new Uint8Array(9));
    const facts = await withArray(path, signal, array => Promise.resolve(arrayFacts(array)));
    expect(facts.findings).toMatchObject([{ code: 'numeric/trailing-bytes', severity: 'information' }]);
  });
});

describe('archives that lie', () => {
  test('a member that claims to unpack to more than deflate can do, and one that unpacks to more than it claims', async () => {
    const packed = deflateRawSync(new Uint8Array(1 << 20));
    const claims = file(zip('a.npy', packed, 8, 2 ** 31), 'claims.npz');
    await expect(open(`${claims}[a]`)).rejects.toThrow(/more than deflate can do/u);
    const more = file(zip('a.npy', packed, 8, 100), 'more.npz');
    await expect(open(`${more}[a]`)).rejects.toThrow(/cannot be unpacked: too many bytes/u);
  });

  test('what is no archive, and what is not in one', async () => {
    const path = file(Buffer.from('PK\x03\x04 and no more'), 'broken.npz');
    await expect(withArrayFile(path, signal, opened => Promise.resolve(opened.kind))).rejects.toThrow(
      /is no \.npz file that can be read/u,
    );
    const empty = file(zip('a.npy', Buffer.alloc(0), 0, 0), 'b.npz');
    await expect(open(`${empty}[c]`)).rejects.toThrow(/has no array "c"\. It has: a\./u);
    await expect(open(`${empty}[a]`)).rejects.toThrow(/does not begin as an \.npy file does: nothing/u);
  });
});

test('any bytes behind the magic give an answer or a sentence', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(1, 2, 3), async (bytes, version) => {
      const path = file(Buffer.concat([Buffer.from([0x93]), Buffer.from('NUMPY'), Buffer.from([version, 0]), bytes]));
      await open(path).catch((error: unknown) => expect(error).toBeInstanceOf(UserError));
    }),
    { numRuns: 300 },
  );
});

test('a literal is read or refused, whatever it is', () => {
  const text = fc.string({ unit: fc.constantFrom(...`{}[](),:'"\\ \n09-LTrueFalsNone.xu`), maxLength: 80 });
  fc.assert(
    fc.property(text, given => {
      try {
        readPythonLiteral(given);
      } catch (error) {
        expect(error).toBeInstanceOf(LiteralError);
      }
    }),
    { numRuns: 2000 },
  );
});

describe('numbers that are none', () => {
  const array = (values: readonly number[]): string =>
    npy(header(`(${values.length},)`, "'<f8'"), Buffer.from(Float64Array.from(values).buffer));

  test.each([
    [[Number.NaN, 1], 'nan'],
    [[Number.POSITIVE_INFINITY, 1], 'inf'],
    [[Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], 'nan'],
    [[1.7e308, 1.7e308, -1.7e308], '1.7e+308'],
    [[], '0.0'],
  ])('the sum of %j is %s', async (values, exact) => {
    const report = await sumReport({ path: array(values) }, signal);
    expect(report.exact).toBe(exact);
    expect(report.results.find(({ algorithm }) => algorithm === 'exact')).toMatchObject({ value: exact });
  });

  test('the variance of NaN says so, and that of no numbers cannot be', async () => {
    const report = await varianceReport({ path: array([Number.NaN, 1]) }, signal);
    expect(report.results[0]?.broken).toBe('the numbers hold NaN or infinity');
    await expect(varianceReport({ path: array([1]), ddof: 1 }, signal)).rejects.toThrow(/divides by 0/u);
  });

  test('a textbook variance that is negative is called so', async () => {
    const report = await varianceReport({ path: array([1e9, 1e9 + 1, 1e9 + 2]) }, signal);
    const textbook = report.results.find(({ algorithm }) => algorithm === 'textbook');
    expect(textbook?.broken).toMatch(/two large numbers|agree in their first digits/u);
    expect(report.results.filter(({ broken }) => broken === null).map(({ algorithm }) => algorithm)).toContain(
      'twoPass',
    );
  });
});

/** A zip archive of one member, whose sizes say what they are told to. */
function zip(name: string, data: Buffer, method: number, claimedBytes: number): Buffer {
  const nameBytes = Buffer.from(name);
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0);
  fields.writeUInt16LE(method, 4);
  fields.writeUInt32LE(data.length, 14);
  fields.writeUInt32LE(claimedBytes, 18);
  fields.writeUInt16LE(nameBytes.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), fields, nameBytes, data]);
  const central = Buffer.concat([Buffer.from('PK\x01\x02'), Buffer.from([20, 0]), fields, Buffer.alloc(14), nameBytes]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(local.length, 12);
  return Buffer.concat([local, central, Buffer.from('PK\x05\x06'), end]);
}
