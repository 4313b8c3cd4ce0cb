import { expect, test } from 'vitest';
import { type Archive, memberSource, readArchive } from '../../../language-server/elf/archive/archive.ts';
import { createMemorySource } from '../../../language-server/elf/reader/byte-source.ts';
import { archive, bsdIndex, gnuIndex64, member, memberHeader } from '../../support/elf-parts-archives.ts';

function read(bytes: Buffer): Archive {
  const reading = readArchive(createMemorySource(bytes));
  if (reading === null) throw new Error('no archive');
  return reading;
}

const names = ({ members }: Archive): readonly string[] => members.map(({ name }) => name);
const codes = ({ findings }: Archive): readonly string[] => findings.map(({ code }) => code);
const index = ({ symbolIndex }: Archive): readonly (readonly [string, number])[] =>
  symbolIndex === null
    ? []
    : [...symbolIndex.memberOffsets].map((offset, at) => [symbolIndex.name(at), offset] as const);

const elf = Buffer.concat([Buffer.from('\x7fELF'), Buffer.alloc(12)]);

test('what is no archive is none', () => {
  for (const text of ['', '!<arch>', '!<bout>\n', '\x7fELF\x02\x01\x01\0']) {
    expect(readArchive(createMemorySource(Buffer.from(text)))).toBeNull();
  }
});

test('an archive without members', () => {
  expect(read(archive())).toEqual({ isThin: false, members: [], symbolIndex: null, findings: [] });
});

test('names in the header, by the rules of both kinds of ar', () => {
  const bytes = archive(
    member('foo.o/', 'x'),
    member('bar.o', ''),
    member('exactly-sixteen.', 'yy'),
    member('a b/', '1'),
  );
  expect(names(read(bytes))).toEqual(['foo.o', 'bar.o', 'exactly-sixteen.', 'a b']);
});

test('names that are not UTF-8 keep their bytes', () => {
  const [only] = names(read(archive(Buffer.concat([Buffer.from([0xe9]), member('Xt/', '').subarray(1)]))));
  expect(only).toBe('\udce9t');
});

test('long names of GNU ar, also where the table ends without a newline', () => {
  const table = member('//', 'a-name-of-more-than-fifteen.o/\nsecond-long-name-it-is.o');
  const bytes = archive(table, member('/0', 'x'), member('/31', 'y'), member('/99', 'z'));
  const reading = read(bytes);
  expect(names(reading)).toEqual(['a-name-of-more-than-fifteen.o', 'second-long-name-it-is.o', '<corrupt>']);
  expect(codes(reading)).toEqual(['archive/member-name']);
});

test('long names of BSD ar take the beginning of the contents', () => {
  const reading = read(archive(member('#1/20', Buffer.concat([Buffer.from('a long name.o'.padEnd(20, '\0')), elf]))));
  expect(reading.members[0]).toMatchObject({ name: 'a long name.o', offset: 88, sizeBytes: 16, isElf: true });
});

test('a name that is longer than its member', () => {
  const reading = read(archive(member('#1/2000', 'abc'), member('next/', 'x')));
  expect(names(reading)).toEqual(['abc', 'next']);
  expect(reading.members[0]).toMatchObject({ sizeBytes: 0 });
  expect(codes(reading)).toEqual(['archive/member-name']);
});

test.each([
  ['__.SYMDEF', 4, 'little', 'bsd32'],
  ['__.SYMDEF', 4, 'big', 'bsd32'],
  ['#1/20', 4, 'little', 'bsd32'],
  ['__.SYMDEF_64', 8, 'little', 'bsd64'],
  ['__.SYMDEF_64', 8, 'big', 'bsd64'],
] as const)('the BSD index %s of %d-byte words, %s-endian', (name, wordBytes, order, format) => {
  const isLong = name.startsWith('#');
  const contents = (offset: number): Buffer => {
    const entries = [
      ['main', offset],
      ['other', offset],
    ] as const;
    const prefix = isLong ? Buffer.from('__.SYMDEF SORTED'.padEnd(20, '\0')) : Buffer.alloc(0);
    return Buffer.concat([prefix, bsdIndex(entries, wordBytes, order)]);
  };
  const offset = archive(member(name, contents(0))).length;
  const reading = read(archive(member(name, contents(offset)), member('main.o', elf)));
  expect(reading.symbolIndex?.format).toBe(format);
  expect(index(reading)).toEqual([
    ['main', offset],
    ['other', offset],
  ]);
  expect(names(reading)).toEqual(['main.o']);
  expect(codes(reading)).toEqual([]);
});

test('the GNU index of 64-bit words', () => {
  const offset = archive(member('/SYM64/', gnuIndex64([['f', 0]]))).length;
  const reading = read(archive(member('/SYM64/', gnuIndex64([['f', offset]])), member('f.o/', elf)));
  expect(reading.symbolIndex?.format).toBe('gnu64');
  expect(index(reading)).toEqual([['f', offset]]);
  expect(codes(reading)).toEqual([]);
});

test('an index that claims more than it has, or leads nowhere', () => {
  const broken = Buffer.from('\0\0\0\x02\0\0\0\x03\0\0\0\x09abc\0', 'latin1');
  expect(codes(read(archive(member('/', broken), member('a.o/', elf))))).toEqual([
    'archive/index-truncated',
    'archive/index-offset',
  ]);
});

test('a missing newline behind an odd member', () => {
  const odd = member('odd.o/', 'abc');
  const reading = read(archive(odd.subarray(0, -1), member('next.o/', 'x')));
  expect(names(reading)).toEqual(['odd.o', 'next.o']);
  expect(codes(reading)).toEqual(['archive/unaligned-member']);
});

test.each([
  ['', 'archive/member-size', []],
  ['-5', 'archive/member-size', []],
  ['0x10', 'archive/member-size', ['bad']],
  ['9999999999', 'archive/member-beyond-end', ['bad']],
])('a size of "%s"', (size, code, expected) => {
  const reading = read(archive(memberHeader('bad/', size)));
  expect(names(reading)).toEqual(expected);
  expect(codes(reading)).toContain(code);
});

test('a broken header hides no member that the index knows', () => {
  const first = archive(
    member(
      '/SYM64/',
      gnuIndex64([
        ['a', 0],
        ['c', 0],
      ]),
    ),
  ).length;
  const third = first + 2 * member('a.o/', elf).length;
  const broken = Buffer.from(member('b.o/', elf));
  broken.fill('?', 48, 58);
  const reading = read(
    archive(
      member(
        '/SYM64/',
        gnuIndex64([
          ['a', first],
          ['c', third],
        ]),
      ),
      member('a.o/', elf),
      broken,
      member('c.o/', elf),
    ),
  );
  expect(names(reading)).toEqual(['a.o', 'c.o']);
  expect(codes(reading)).toEqual(['archive/member-size', 'archive/skipped']);
});

test('an end within a header, and bytes that only fill the file up', () => {
  const whole = archive(member('a.o/', 'x'));
  expect(codes(read(Buffer.concat([whole, member('b.o/', '').subarray(0, 30)])))).toEqual(['archive/header-truncated']);
  expect(codes(read(Buffer.concat([whole, Buffer.from('\n\n')])))).toEqual([]);
});

test('a member is a file of its own, and an archive in an archive is one', () => {
  const inner = archive(member('deep.o/', elf));
  const source = createMemorySource(archive(member('inner.a/', inner), member('bits.bc/', 'BC\xc0\xde')));
  const [nested] = readArchive(source)?.members ?? [];
  if (nested === undefined) throw new Error('no member');
  expect(nested.format).toBe('archive');
  const window = memberSource(source, nested);
  expect(window?.sizeBytes).toBe(inner.length);
  expect(window?.read(0, 1 << 20)).toEqual(inner);
  expect(window?.read(inner.length, 1).length).toBe(0);
  expect(window?.string(0, 1 << 20).length).toBe(inner.indexOf(0));
  if (window === null || window === undefined) throw new Error('no window');
  expect(readArchive(window)?.members.map(({ name, isElf }) => [name, isElf])).toEqual([['deep.o', true]]);
});
