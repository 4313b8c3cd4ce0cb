import { fieldsOf } from './elf-parts-relocations.ts';

export interface CoreShape {
  readonly machine: number;
  readonly class: 32 | 64;
  readonly order: 'little' | 'big';
}

/** A note of the owner CORE. */
export function coreNoteBytes(shape: CoreShape, type: number, descriptor: Buffer): Buffer {
  const { word32 } = fieldsOf(shape);
  const pad = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
  return Buffer.concat([
    word32(5),
    word32(descriptor.length),
    word32(type),
    pad(Buffer.from('CORE\0')),
    pad(descriptor),
  ]);
}

/** A core file that consists of one PT_NOTE. */
export function coreFile(shape: CoreShape, notes: readonly Buffer[]): Buffer {
  const { half, word32, word } = fieldsOf(shape);
  const is64 = shape.class === 64;
  const [headerBytes, segmentBytes] = is64 ? [64, 56] : [52, 32];
  const contents = Buffer.concat(notes);
  const ident = Buffer.from([0x7f, 0x45, 0x4c, 0x46, is64 ? 2 : 1, shape.order === 'little' ? 1 : 2, 1, 0]);
  const header = [
    ident,
    Buffer.alloc(8),
    half(4),
    half(shape.machine),
    word32(1),
    word(0),
    word(headerBytes),
    word(0),
    word32(0),
    ...[headerBytes, segmentBytes, 1, 0, 0, 0].map(half),
  ];
  const offset = word(headerBytes + segmentBytes);
  const size = word(contents.length);
  const segment = is64
    ? [word32(4), word32(0), offset, word(0), word(0), size, word(0), word(4)]
    : [word32(4), offset, word(0), word(0), size, word(0), word32(0), word(4)];
  return Buffer.concat([...header, ...segment, contents]);
}

/** NT_PRSTATUS with numbers that tell where each was read. */
export function threadNote(
  shape: CoreShape,
  id: number,
  signal: number,
  registers: number,
  registerBytes?: 4 | 8,
): Buffer {
  const { half, word32, word } = fieldsOf(shape);
  const sized = fieldsOf({ ...shape, class: (registerBytes ?? shape.class / 8) === 8 ? 64 : 32 });
  return Buffer.concat([
    ...[signal, 0, 0].map(word32),
    half(signal),
    half(0),
    word(0),
    word(0),
    ...[id, 1, 2, 3].map(word32),
    ...Array.from({ length: 8 }, () => word(0)),
    ...Array.from({ length: registers }, (_, index) => sized.word(0x1000 + index)),
    word32(1),
    // The structure is as long as the alignment of its words makes it.
    Buffer.alloc(shape.class === 64 ? 4 : 0),
  ]);
}
