import type { ByteSource } from './byte-source.ts';
import { type FieldReader, fieldReader } from './fields.ts';

/** The ELF header (gABI, "ELF Header"), as it stands in the file. */
export interface FileHeader {
  /** The first 16 bytes. */
  readonly ident: Buffer;
  readonly osAbi: number;
  readonly abiVersion: number;
  readonly type: number;
  readonly machine: number;
  readonly version: number;
  readonly entry: bigint;
  readonly programHeaderOffset: bigint;
  readonly sectionHeaderOffset: bigint;
  readonly flags: number;
  readonly headerBytes: number;
  readonly programHeaderBytes: number;
  /** 0xffff: the number is in `sh_info` of section 0. */
  readonly programHeaderCount: number;
  readonly sectionHeaderBytes: number;
  /** 0 with a table: the number is in `sh_size` of section 0. */
  readonly sectionHeaderCount: number;
  /** 0xffff: the number is in `sh_link` of section 0. */
  readonly sectionNameIndex: number;
}

export const elfMagic = '\x7fELF';

export const objectType = { none: 0, relocatable: 1, executable: 2, shared: 3, core: 4 } as const;

export type HeaderReading =
  | { readonly kind: 'header'; readonly header: FileHeader; readonly fields: FieldReader }
  | { readonly kind: 'noMagic' }
  /** The magic is there, but the class byte is none of the two, so that nothing behind it can be read. */
  | { readonly kind: 'unknownClass'; readonly class: number }
  | { readonly kind: 'tooShort'; readonly needed: number };

/** A byte order that is neither of the two is taken for little-endian; the checks say so. */
export function readFileHeader(source: ByteSource): HeaderReading {
  const bytes = source.read(0, 64);
  if (bytes.toString('latin1', 0, 4) !== elfMagic) return { kind: 'noMagic' };
  const elfClass = bytes[4];
  if (elfClass === undefined) return { kind: 'tooShort', needed: 52 };
  if (elfClass !== 1 && elfClass !== 2) return { kind: 'unknownClass', class: elfClass };
  const needed = elfClass === 2 ? 64 : 52;
  if (bytes.length < needed) return { kind: 'tooShort', needed };
  const fields = fieldReader(elfClass === 2 ? 64 : 32, bytes[5] === 2 ? 'big' : 'little');
  const word = fields.wordBytes;
  // After e_version come three words; e_flags and the halves follow.
  const tail = 24 + 3 * word;
  const half = (index: number): number => fields.u16(bytes, tail + 4 + 2 * index);
  const header: FileHeader = {
    ident: ownCopy(bytes.subarray(0, 16)),
    osAbi: bytes.readUInt8(7),
    abiVersion: bytes.readUInt8(8),
    type: fields.u16(bytes, 16),
    machine: fields.u16(bytes, 18),
    version: fields.u32(bytes, 20),
    entry: fields.bigWord(bytes, 24),
    programHeaderOffset: fields.bigWord(bytes, 24 + word),
    sectionHeaderOffset: fields.bigWord(bytes, 24 + 2 * word),
    flags: fields.u32(bytes, tail),
    headerBytes: half(0),
    programHeaderBytes: half(1),
    programHeaderCount: half(2),
    sectionHeaderBytes: half(3),
    sectionHeaderCount: half(4),
    sectionNameIndex: half(5),
  };
  return { kind: 'header', header, fields };
}

/** To be kept: neither a view of a page, nor cut from the pool of `Buffer.from`, of which it would hold 8 KiB. */
function ownCopy(bytes: Buffer): Buffer {
  const copy = Buffer.alloc(bytes.length);
  bytes.copy(copy);
  return copy;
}
