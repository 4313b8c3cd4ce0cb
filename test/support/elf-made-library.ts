import { machine } from '../../language-server/elf/names/machines.ts';
import {
  dynamicBytes,
  type ElfSpecification,
  fieldWriter,
  noteBytes,
  stringTable,
  symbolBytes,
} from './elf-builder.ts';

/** Everything by address and by section at once, all contents in one page behind the headers. */
export function madeLibrary(elfClass: 32 | 64, byteOrder: 'little' | 'big'): ElfSpecification {
  const write = fieldWriter(elfClass, byteOrder);
  const base = 0x400000;
  const names = stringTable([
    '',
    'libmade.so.1',
    'libneeded.so.2',
    'own',
    'needed_one',
    'NEED_1.2',
    'MADE_1',
    '/some/where',
    'hidden_one',
    'MADE_2',
  ]);
  const name = names.offsetOf;
  const at = {
    strings: 0x400,
    symbols: 0x500,
    versions: 0x600,
    needs: 0x620,
    definitions: 0x680,
    hash: 0x720,
    notes: 0x780,
    dynamic: 0x800,
    interpreter: 0x3f0,
  };
  const symbols = Buffer.concat(
    [
      { name: 0 },
      { name: name('needed_one'), info: 0x12 },
      { name: name('own'), info: 0x12, section: 1, value: base + 0x10, size: 16 },
      { name: name('hidden_one'), info: 0x21, section: 1, value: base + 0x20, size: 200_000, other: 2 },
    ].map(symbol => symbolBytes(write, symbol)),
  );
  const versions = Buffer.concat([0, 4, 2, 0x8003].map(write.half));
  const aux = Buffer.concat([
    write.u32(elfHash('NEED_1.2')),
    write.half(0),
    write.half(4),
    write.u32(name('NEED_1.2')),
    write.u32(0),
  ]);
  const needs = Buffer.concat([
    write.half(1),
    write.half(1),
    write.u32(name('libneeded.so.2')),
    write.u32(16),
    write.u32(0),
    aux,
  ]);
  const definition = (flags: number, index: number, names_: readonly string[], last: boolean): Buffer =>
    Buffer.concat([
      write.half(1),
      write.half(flags),
      write.half(index),
      write.half(names_.length),
      write.u32(elfHash(names_[0] ?? '')),
      write.u32(20),
      write.u32(last ? 0 : 20 + 8 * names_.length),
      ...names_.map((text, position) =>
        Buffer.concat([write.u32(name(text)), write.u32(position + 1 < names_.length ? 8 : 0)]),
      ),
    ]);
  const definitions = Buffer.concat([
    definition(1, 1, ['libmade.so.1'], false),
    definition(0, 2, ['MADE_1'], false),
    definition(2, 3, ['MADE_2', 'MADE_1'], true),
  ]);
  const hash = Buffer.concat([1, 4, 1, 0, 0, 3, 0].map(write.u32));
  const notes = Buffer.concat([
    noteBytes(write, 'GNU', 3, Buffer.from('0123456789abcdef0123456789abcdef01234567', 'hex')),
    noteBytes(write, 'GNU', 1, Buffer.concat([0, 3, 2, 0].map(write.u32))),
    noteBytes(write, 'Odd', 77, Buffer.of(1, 2, 3)),
  ]);
  const dynamic = dynamicBytes(write, [
    [1, name('libneeded.so.2')],
    [14, name('libmade.so.1')],
    [29, name('/some/where')],
    [5, base + at.strings],
    [10, names.bytes.length],
    [6, base + at.symbols],
    [11, symbols.length / 4],
    [4, base + at.hash],
    [0x6ffffff0, base + at.versions],
    [0x6ffffffe, base + at.needs],
    [0x6fffffff, 1],
    [0x6ffffffc, base + at.definitions],
    [0x6ffffffd, 3],
    [0x6ffffffb, 1],
    [0, 0],
  ]);
  const interpreter = Buffer.from('/lib/ld.so.9\0');
  const section = (sectionName: string, type: number, offset: number, bytes: Buffer, more: object) => ({
    name: sectionName,
    type,
    flags: 2,
    address: base + offset,
    offset,
    size: bytes.length,
    ...more,
  });
  const segment = (type: number, offset: number, bytes: Buffer, flags = 4) => ({
    type,
    flags,
    offset,
    address: base + offset,
    fileBytes: bytes.length,
    alignment: 4,
  });
  return {
    class: elfClass,
    byteOrder,
    machine: byteOrder === 'big' ? machine.sparcV9 : machine.x86_64,
    segments: [
      { type: 1, flags: 5, offset: 0, address: base, fileBytes: 0xa00, alignment: 0x1000 },
      segment(2, at.dynamic, dynamic, 6),
      segment(3, at.interpreter, interpreter),
      segment(4, at.notes, notes),
      { type: 0x6474e551, flags: 6, alignment: 16 },
      { type: 0x6474e552, flags: 4, offset: at.dynamic, address: base + at.dynamic, fileBytes: dynamic.length },
    ],
    contents: [
      { offset: at.interpreter, bytes: interpreter },
      { offset: at.strings, bytes: names.bytes },
      { offset: at.symbols, bytes: symbols },
      { offset: at.versions, bytes: versions },
      { offset: at.needs, bytes: needs },
      { offset: at.definitions, bytes: definitions },
      { offset: at.hash, bytes: hash },
      { offset: at.notes, bytes: notes },
      { offset: at.dynamic, bytes: dynamic },
      { offset: 0x9ff, bytes: Buffer.of(0) },
    ],
    sections: [
      section('.hash', 5, at.hash, hash, { link: 2, entryBytes: 4, alignment: 4 }),
      section('.dynsym', 11, at.symbols, symbols, { link: 3, info: 1, entryBytes: symbols.length / 4, alignment: 8 }),
      section('.dynstr', 3, at.strings, names.bytes, {}),
      section('.gnu.version', 0x6fffffff, at.versions, versions, { link: 2, entryBytes: 2 }),
      section('.gnu.version_d', 0x6ffffffd, at.definitions, definitions, { link: 3, info: 3 }),
      section('.gnu.version_r', 0x6ffffffe, at.needs, needs, { link: 3, info: 1 }),
      section('.note.made', 7, at.notes, notes, { alignment: 4 }),
      section('.dynamic', 6, at.dynamic, dynamic, { link: 3, flags: 3, entryBytes: dynamic.length / 15 }),
      section('.interp', 1, at.interpreter, interpreter, {}),
    ],
  };
}

/** The hash of a name (gABI, "Hash Table"). */
function elfHash(name: string): number {
  let hash = 0;
  for (const byte of Buffer.from(name)) {
    hash = (hash * 16 + byte) % 2 ** 32;
    const high = Math.floor(hash / 2 ** 28);
    hash = (hash ^ (high << 4)) & 0x0fff_ffff;
  }
  return hash;
}
