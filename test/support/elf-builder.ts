import { Buffer } from 'node:buffer';

/** Writes ELF files byte by byte, for cases that no linker makes. */
export interface ElfSpecification {
  readonly class?: 32 | 64;
  readonly byteOrder?: 'little' | 'big';
  readonly type?: number;
  readonly machine?: number;
  readonly osAbi?: number;
  readonly segments?: readonly SegmentSpecification[];
  /** Section 0, the string table of names and its header are added. */
  readonly sections?: readonly SectionSpecification[];
  /** Fields of the header to overwrite once all is laid out. */
  readonly header?: Partial<Record<HeaderField, number | bigint>>;
  /** Bytes at fixed offsets; the file grows to hold them. */
  readonly contents?: readonly { readonly offset: number; readonly bytes: Uint8Array }[];
}

export interface SegmentSpecification {
  readonly type: number;
  readonly flags?: number;
  readonly offset?: number | bigint;
  readonly address?: number | bigint;
  readonly fileBytes?: number | bigint;
  readonly memoryBytes?: number | bigint;
  readonly alignment?: number;
}

export interface SectionSpecification {
  readonly name: string;
  readonly type: number;
  readonly flags?: number;
  readonly address?: number | bigint;
  /** Laid out behind the others where only `bytes` is given. */
  readonly offset?: number | bigint;
  readonly bytes?: Uint8Array;
  readonly size?: number | bigint;
  readonly link?: number;
  readonly info?: number;
  readonly alignment?: number;
  readonly entryBytes?: number;
}

const headerFields = [
  'type',
  'machine',
  'version',
  'entry',
  'programHeaderOffset',
  'sectionHeaderOffset',
  'flags',
  'headerBytes',
  'programHeaderBytes',
  'programHeaderCount',
  'sectionHeaderBytes',
  'sectionHeaderCount',
  'sectionNameIndex',
] as const;
export type HeaderField = (typeof headerFields)[number];

/** Writes values of given sizes one after the other. */
export interface FieldWriter {
  readonly class: 32 | 64;
  readonly wordBytes: 4 | 8;
  half(value: number | bigint): Buffer;
  u32(value: number | bigint): Buffer;
  word(value: number | bigint): Buffer;
}

export function fieldWriter(elfClass: 32 | 64 = 64, byteOrder: 'little' | 'big' = 'little'): FieldWriter {
  const sized = (bytes: number) => (value: number | bigint) => {
    const buffer = Buffer.alloc(8);
    const unsigned = BigInt.asUintN(8 * bytes, BigInt(value));
    if (byteOrder === 'little') buffer.writeBigUInt64LE(unsigned);
    else buffer.writeBigUInt64BE(unsigned);
    return byteOrder === 'little' ? buffer.subarray(0, bytes) : buffer.subarray(8 - bytes);
  };
  const wordBytes = elfClass === 64 ? 8 : 4;
  return { class: elfClass, wordBytes, half: sized(2), u32: sized(4), word: sized(wordBytes) };
}

export function buildElf(specification: ElfSpecification): Buffer {
  const { class: elfClass = 64, byteOrder = 'little', segments = [], contents = [] } = specification;
  const write = fieldWriter(elfClass, byteOrder);
  const headerBytes = elfClass === 64 ? 64 : 52;
  const segmentBytes = elfClass === 64 ? 56 : 32;
  const sectionBytes = elfClass === 64 ? 64 : 40;
  const chunks = [...contents];
  let end = Math.max(
    headerBytes + segments.length * segmentBytes,
    ...contents.map(({ offset, bytes }) => offset + bytes.length),
  );
  const place = (bytes: Uint8Array): number => {
    const offset = Math.ceil(end / 8) * 8;
    chunks.push({ offset, bytes });
    end = offset + bytes.length;
    return offset;
  };

  const headers: Buffer[] = [];
  if (specification.sections !== undefined) {
    const named = [...specification.sections, { name: '.shstrtab', type: 3, bytes: Buffer.alloc(0) }];
    const names = stringTable(['', ...named.map(({ name }) => name)]);
    const placed: SectionSpecification[] = [
      ...specification.sections,
      { name: '.shstrtab', type: 3, bytes: names.bytes },
    ];
    headers.push(Buffer.alloc(sectionBytes));
    for (const section of placed) {
      const offset = section.offset ?? (section.bytes === undefined ? 0 : place(section.bytes));
      const size = section.size ?? section.bytes?.length ?? 0;
      headers.push(sectionHeader(write, section, names.offsetOf(section.name), offset, size));
    }
  }
  const sectionHeaderOffset = headers.length === 0 ? 0 : place(Buffer.concat(headers));
  const header: Record<HeaderField, number | bigint> = {
    type: specification.type ?? 3,
    machine: specification.machine ?? 62,
    version: 1,
    entry: 0,
    programHeaderOffset: segments.length === 0 ? 0 : headerBytes,
    sectionHeaderOffset,
    flags: 0,
    headerBytes,
    programHeaderBytes: segmentBytes,
    programHeaderCount: segments.length,
    sectionHeaderBytes: sectionBytes,
    sectionHeaderCount: headers.length,
    sectionNameIndex: Math.max(0, headers.length - 1),
    ...specification.header,
  };
  const ident = Buffer.alloc(16);
  ident.write('\x7fELF', 'latin1');
  ident.set([elfClass === 64 ? 2 : 1, byteOrder === 'little' ? 1 : 2, 1, specification.osAbi ?? 0], 4);
  const file = Buffer.alloc(end);
  for (const { offset, bytes } of chunks) file.set(bytes, offset);
  file.set(Buffer.concat(segments.map(segment => programHeader(write, segment))), headerBytes);
  file.set(Buffer.concat([ident, ...headerFields.map(field => headerField(write, field, header[field]))]), 0);
  return file;
}

/** Strings one after the other, each with its NUL. */
export function stringTable(strings: readonly (string | Uint8Array)[]): {
  readonly bytes: Buffer;
  offsetOf(text: string): number;
} {
  const offsets = new Map<string, number>();
  const parts: Buffer[] = [];
  let at = 0;
  for (const text of strings) {
    const bytes = Buffer.from(typeof text === 'string' ? Buffer.from(text, 'utf8') : text);
    if (typeof text === 'string' && !offsets.has(text)) offsets.set(text, at);
    parts.push(bytes, Buffer.of(0));
    at += bytes.length + 1;
  }
  return { bytes: Buffer.concat(parts), offsetOf: text => offsets.get(text) ?? 0 };
}

export interface SymbolSpecification {
  readonly name: number;
  readonly info?: number;
  readonly other?: number;
  readonly section?: number;
  readonly value?: number | bigint;
  readonly size?: number | bigint;
}

export function symbolBytes(write: FieldWriter, symbol: SymbolSpecification): Buffer {
  const { name, info = 0, other = 0, section = 0, value = 0, size = 0 } = symbol;
  const marks = Buffer.of(info, other);
  return write.class === 64
    ? Buffer.concat([write.u32(name), marks, write.half(section), write.word(value), write.word(size)])
    : Buffer.concat([write.u32(name), write.word(value), write.word(size), marks, write.half(section)]);
}

export function dynamicBytes(
  write: FieldWriter,
  entries: readonly (readonly [tag: number, value: number | bigint])[],
): Buffer {
  return Buffer.concat(entries.flatMap(([tag, value]) => [write.word(tag), write.word(value)]));
}

/** @param padding Size that the parts are padded to, 4 or 8. */
export function noteBytes(
  write: FieldWriter,
  owner: string,
  type: number,
  descriptor: Uint8Array,
  padding = 4,
): Buffer {
  const name = Buffer.from(`${owner}\0`, 'latin1');
  const pad = (bytes: Uint8Array, before: number): Buffer =>
    Buffer.concat([bytes, Buffer.alloc((padding - ((before + bytes.length) % padding)) % padding)]);
  return Buffer.concat([
    write.u32(name.length),
    write.u32(descriptor.length),
    write.u32(type),
    pad(name, 12),
    pad(descriptor, 0),
  ]);
}

function headerField(write: FieldWriter, field: HeaderField, value: number | bigint): Buffer {
  switch (field) {
    case 'version':
    case 'flags':
      return write.u32(value);
    case 'entry':
    case 'programHeaderOffset':
    case 'sectionHeaderOffset':
      return write.word(value);
    default:
      return write.half(value);
  }
}

function programHeader(write: FieldWriter, segment: SegmentSpecification): Buffer {
  const { type, flags = 4, offset = 0, address = 0, fileBytes = 0, memoryBytes = fileBytes, alignment = 1 } = segment;
  const words = [offset, address, address, fileBytes, memoryBytes].map(write.word);
  return write.class === 64
    ? Buffer.concat([write.u32(type), write.u32(flags), ...words, write.word(alignment)])
    : Buffer.concat([write.u32(type), ...words, write.u32(flags), write.word(alignment)]);
}

function sectionHeader(
  write: FieldWriter,
  section: SectionSpecification,
  name: number,
  offset: number | bigint,
  size: number | bigint,
): Buffer {
  const { type, flags = 0, address = 0, link = 0, info = 0, alignment = 1, entryBytes = 0 } = section;
  return Buffer.concat([
    write.u32(name),
    write.u32(type),
    write.word(flags),
    write.word(address),
    write.word(offset),
    write.word(size),
    write.u32(link),
    write.u32(info),
    write.word(alignment),
    write.word(entryBytes),
  ]);
}
