import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memberSource, readArchive } from '../../language-server/elf/archive/archive.ts';
import { createMemorySource } from '../../language-server/elf/reader/byte-source.ts';
import { archive, bsdIndex, gnuIndex64, member } from '../support/elf-parts-archives.ts';
import { withoutHanging } from '../support/hang.ts';

const samples = [
  archive(
    member(
      '/SYM64/',
      gnuIndex64([
        ['f', 100],
        ['g', 172],
      ]),
    ),
    member('//', 'a-long-name-of-a-member.o/\n'),
    member('/0', 'xyz'),
  ),
  archive(member('__.SYMDEF', bsdIndex([['f', 96]], 4, 'little')), member('#1/8', 'name.o\0\0contents')),
  Buffer.concat([Buffer.from('!<thin>\n'), member('//', 'dir/x.o/\nn.a/\n'), member('/0', ''), member('/9:178', '')]),
];

function look(bytes: Buffer): void {
  const source = createMemorySource(bytes);
  const reading = withoutHanging(() => readArchive(source));
  if (reading === null) return;
  for (const one of reading.members) {
    expect(one.offset).toBeGreaterThan(one.headerOffset);
    expect(memberSource(source, one)?.read(0, 1 << 30).length ?? 0).toBeLessThanOrEqual(bytes.length);
  }
  const { symbolIndex } = reading;
  if (symbolIndex === null) return;
  expect(symbolIndex.memberOffsets.length).toBe(symbolIndex.count);
  for (let index = -1; index <= symbolIndex.count; index += 1) symbolIndex.name(index);
}

test.each(samples.map((bytes, at) => [at, bytes] as const))(
  'sample %d: every truncation and every byte changed',
  (_, bytes) => {
    for (let length = 0; length <= bytes.length; length += 1) look(bytes.subarray(0, length));
    for (let at = 0; at < bytes.length; at += 1) {
      for (const value of [0, 0x20, 0x2f, 0x39, 0xff]) {
        const copy = Buffer.from(bytes);
        copy[at] = value;
        look(copy);
      }
    }
  },
);

test('any bytes behind the magic', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (rest, isThin) => {
      look(Buffer.concat([Buffer.from(isThin ? '!<thin>\n' : '!<arch>\n'), rest]));
    }),
  );
});

test('any names and sizes', () => {
  const header = fc.tuple(fc.string({ maxLength: 16 }), fc.string({ maxLength: 40 }));
  fc.assert(
    fc.property(fc.array(header, { maxLength: 8 }), members => {
      look(archive(...members.map(([name, contents]) => member(name, contents))));
    }),
  );
});

test('an archive of nothing but headers is read in time', () => {
  const bytes = archive(...Array.from({ length: 20_000 }, (_, at) => member(`${at}/`, '')));
  expect(readArchive(createMemorySource(bytes))?.members.length).toBe(20_000);
  look(bytes.subarray(0, 200_000));
});
