import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readCells, withArray, withArrayFile } from '../../language-server/numeric/arrays/open-array.ts';
import { sizeOf, sliceView } from '../../language-server/numeric/arrays/view.ts';
import { numpy } from '../support/numpy.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder();
const { signal } = new AbortController();

/** As NumPy shows it in full: what its own `str` of one element says, of text its `repr`. */
const writeArrays = `
rng = np.random.default_rng(7)
arrays = {}
def bits(dtype, count=60):
    size = np.dtype(dtype).itemsize
    return np.frombuffer(rng.bytes(count * size), dtype=dtype)
for order in '<>':
    for name in ['i2', 'i4', 'i8', 'u2', 'u4', 'u8', 'f2', 'f4', 'f8', 'c8', 'c16']:
        arrays[f'{order}{name}'] = bits(order + name)
    arrays[order + 'M8[ns]'] = bits(order + 'M8[ns]')
    for unit in ['Y', 'M', 'W', 'D', 'h', 'm', 's', 'ms', 'us', 'ps', '25s']:
        arrays[f'{order}M8[{unit}]'] = np.array(list(rng.integers(-3000, 3000, 20)) + [-2**63], dtype=f'{order}i8').view(f'{order}M8[{unit}]')
    arrays[order + 'm8[ms]'] = np.array([0, 5, -7, -2**63], dtype=order + 'i8').view(order + 'm8[ms]')
    arrays[order + 'U5'] = np.array(['', 'a', 'na\\u00efve'[:5], '\\u65e5\\u672c\\U0001f600', "it's"], dtype=order + 'U5')
    arrays[order + 'g'] = (rng.standard_normal(30).astype(np.longdouble) / 3).astype(np.dtype(np.longdouble).newbyteorder(order))
arrays['i1'], arrays['u1'] = bits('i1'), bits('u1')
arrays['bool'] = rng.integers(0, 2, 9).astype(bool)
arrays['S4'] = np.array([b'', b'a', b"it's", b'\\xff\\x00z'], dtype='S4')
arrays['V3'] = np.frombuffer(rng.bytes(9), dtype='V3')
arrays['record'] = np.array([(1, 2.5, b'xy'), (-3, np.nan, b'')], dtype=[('a', '<i4'), ('b', '>f8'), ('c', 'S3')])
arrays['aligned'] = np.array([(1, 2.0), (3, 4.0)], dtype=np.dtype([('a', 'i1'), ('b', '<f8')], align=True))
arrays['nested'] = np.array([((1, [2, 3]),)], dtype=[('in', [('x', 'u1'), ('y', '<i2', (2,))])])
arrays['special'] = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 5e-324, 1.7976931348623157e308, 1e16, 1e15, 1e-5, 123456789012345680.0])
arrays['special32'] = np.array([0.1, 1e-45, 3.4028235e38, 16777216, 1e16, 0.3], dtype='f4')
arrays['half'] = np.arange(65536, dtype='u2').view('f2')
arrays['zero'], arrays['empty'], arrays['empty2'] = np.array(3.5), np.zeros((0,)), np.zeros((3, 0, 2))
arrays['fortran'] = np.asfortranarray(np.arange(24).reshape(2, 3, 4))
arrays['cube'] = np.arange(120.0).reshape(2, 3, 4, 5)
def text(x, dtype):
    if dtype.names: return '(' + ', '.join(text(x[n], dtype[n]) for n in dtype.names) + (',' if len(dtype.names) == 1 else '') + ')'
    if dtype.subdtype: return '[' + ', '.join(text(y, dtype.subdtype[0]) for y in x) + ']'
    if dtype.kind == 'U': return json.dumps(str(x), ensure_ascii=False)
    if dtype.kind == 'S': return repr(bytes(x)).replace('b"it\\'s"', "b'it\\\\'s'")
    if dtype.kind == 'V': return "b'" + ''.join(chr(c) if 32 <= c < 127 and chr(c) not in "\\\\'" else ('\\\\' + chr(c) if chr(c) in "\\\\'" else '\\\\x%02x' % c) for c in bytes(x)) + "'"
    if dtype.kind == 'M': return str(np.datetime_as_string(x)) if dtype.str[-4:] != '25s]' else str(np.datetime_as_string(x.astype('M8[s]')))
    if dtype.kind == 'm': return 'NaT' if np.isnat(x) else str(int(x.astype('i8'))) + ' ms'
    if dtype.kind == 'c': return complex_text(x)
    return str(x)
def complex_text(x):
    part = lambda v: str(v)[:-2] if str(v).endswith('.0') else str(v)
    imaginary = part(x.imag)
    return '(' + part(x.real) + ('' if imaginary[0] in '+-' else '+') + imaginary + 'j)'
answer = {}
for number, (name, a) in enumerate(arrays.items()):
    path = f"{args['folder']}/{number}.npy"
    np.save(path, a)
    answer[name] = {'path': path, 'shape': list(a.shape), 'texts': [text(x, a.dtype) for x in (a.ravel() if a.dtype.kind != 'g' else [])],
        'name': a.dtype.name}
print(json.dumps(answer))
`;

interface Written {
  readonly path: string;
  readonly shape: readonly number[];
  readonly texts: readonly string[];
  readonly name: string;
}

describe('.npy files that NumPy writes', () => {
  const written = numpy<Readonly<Record<string, Written>>>(writeArrays, { folder });

  test.each(Object.entries(written))('%s reads back as NumPy shows it', async (name, { path, shape, texts }) => {
    await withArray(path, signal, async array => {
      expect(array.findings).toEqual([]);
      expect(array.header.shape).toEqual(shape);
      const cells = await readCells(array, array.view, 0, sizeOf(array.view));
      // Long doubles are compared by their value below: NumPy shows fewer digits.
      if (!name.endsWith('g')) expect(cells).toEqual(texts);
    });
  });

  test.each(['<g', '>g'])('%s keeps all bits of a long double', async name => {
    const { path = '' } = written[name] ?? {};
    const cells = await withArray(path, signal, array => readCells(array, array.view, 0, 30));
    const same = numpy<boolean>(
      `print(json.dumps(bool((np.array([np.longdouble(x) for x in args['cells']]) == np.load(args['path'])).all())))`,
      { cells, path },
    );
    expect(same).toBe(true);
  });

  const slices = [
    '0',
    '...',
    ':, ::2',
    '[1, :, -1]',
    '..., 0',
    '::-1, ::-2, 3:0:-1',
    '1:, None, 5:',
    '0, 1, 2, 3',
    '-1, ..., 1:3',
    ':0',
    '5:2',
  ];
  test.each(slices)('a[%s] chooses what NumPy chooses', async slice => {
    for (const name of ['cube', 'fortran']) {
      const { path = '' } = written[name] ?? {};
      const inner = slice.replace(/^\[(.*)\]$/u, '$1');
      const expected = numpy<{ shape: readonly number[]; values: readonly string[] } | null>(
        `
try:
    a = np.load(args['path'])[${inner}]
    print(json.dumps({'shape': list(np.shape(a)), 'values': [str(x) for x in np.ravel(a)]}))
except IndexError:
    print('null')`,
        { path },
      );
      await withArray(path, signal, async array => {
        if (expected === null) {
          expect(() => sliceView(array.view, slice)).toThrow(/axes|out of bounds/u);
          return;
        }
        const view = sliceView(array.view, slice);
        expect(view.shape).toEqual(expected.shape);
        expect(await readCells(array, view, 0, sizeOf(view))).toEqual(expected.values);
      });
    }
  });

  test('a version that only headers with other scripts need', async () => {
    const path = join(folder, 'version3.npy');
    numpy(
      `import warnings; warnings.simplefilter('ignore'); np.save(args['path'], np.zeros(2, dtype=[('\\u65e5', '<f8')])); print('null')`,
      { path },
    );
    const { header, dtype } = await withArray(path, signal, array => Promise.resolve(array));
    expect(header.version).toEqual([3, 0]);
    expect(dtype.fields[0]?.name).toBe('日');
  });

  test('members of archives, stored and compressed, and one of more than four gigabytes', async () => {
    const [stored, compressed, huge] = ['s.npz', 'c.npz', 'h.npz'].map(name => join(folder, name));
    numpy(
      `
import zipfile
a = {'x': np.arange(1000.0), 'y': np.arange(6).reshape(2, 3)}
np.savez(args['stored'], **a); np.savez_compressed(args['compressed'], **a)
# A sparse file stands for 5 GB: a header, a hole, and a directory that says zip64.
import struct
head = b'\\x93NUMPY\\x01\\x00' + struct.pack('<H', 118) + b"{'descr': '<f4', 'fortran_order': False, 'shape': (1342177280,)}".ljust(117) + b'\\n'
size = len(head) + 4 * 1342177280
extra = struct.pack('<HHQQ', 1, 16, size, size)
local = struct.pack('<IHHHHHIIIHH', 0x04034b50, 45, 0, 0, 0, 0, 0, 0xffffffff, 0xffffffff, 5, len(extra)) + b'a.npy' + extra
central_at = len(local) + size
central = struct.pack('<IHHHHHHIIIHHHHHII', 0x02014b50, 45, 45, 0, 0, 0, 0, 0, 0xffffffff, 0xffffffff, 5, len(extra), 0, 0, 0, 0, 0) + b'a.npy' + extra
end64 = struct.pack('<IQHHIIQQQQ', 0x06064b50, 44, 45, 45, 0, 0, 1, 1, len(central), central_at)
locator = struct.pack('<IIQI', 0x07064b50, 0, central_at + len(central), 1)
end = struct.pack('<IHHHHIIH', 0x06054b50, 0, 0, 0xffff, 0xffff, 0xffffffff, 0xffffffff, 0)
with open(args['huge'], 'wb') as f:
    f.write(local + head)
    f.seek(len(local) + size - 4); f.write(struct.pack('<f', 7.5))
    f.write(central + end64 + locator + end)
print('null')`,
      { stored, compressed, huge },
    );
    for (const path of [stored, compressed]) {
      const names = await withArrayFile(path ?? '', signal, file =>
        Promise.resolve(file.kind === 'npz' ? file.members.map(({ name }) => name) : []),
      );
      expect(names).toEqual(['x', 'y']);
      const cells = await withArray(`${path}[y]`, signal, array => readCells(array, array.view, 0, 6));
      expect(cells).toEqual(['0', '1', '2', '3', '4', '5']);
    }
    await withArray(`${huge}`, signal, async array => {
      expect(array.presentElements).toBe(1342177280);
      expect(await readCells(array, array.view, 1342177279, 5)).toEqual(['7.5']);
    });
  });
});
