export type ElfClass = 32 | 64;
export type ByteOrder = 'little' | 'big';

/** Reads the fields of structures of one class and byte order. A field beyond the end of `bytes` throws: check lengths first. */
export interface FieldReader {
  readonly class: ElfClass;
  readonly byteOrder: ByteOrder;
  /** Size of an address, offset or size (Elf32_Addr, Elf64_Xword, …) in bytes. */
  readonly wordBytes: 4 | 8;
  u16(bytes: Buffer, at: number): number;
  u32(bytes: Buffer, at: number): number;
  /** An address, offset or size. Values past 2^53 come out rounded, and lead out of any file all the same. */
  word(bytes: Buffer, at: number): number;
  /** The same, exact. */
  bigWord(bytes: Buffer, at: number): bigint;
  /** The same as digits: 8 or 16 of them, as readelf prints addresses. */
  wordDigits(bytes: Buffer, at: number): string;
}

/** One reader of each kind for all files: code that always meets the same functions is compiled to calls of these. */
const readers = {
  32: { little: createFieldReader(32, 'little'), big: createFieldReader(32, 'big') },
  64: { little: createFieldReader(64, 'little'), big: createFieldReader(64, 'big') },
} as const;

export function fieldReader(elfClass: ElfClass, byteOrder: ByteOrder): FieldReader {
  return readers[elfClass][byteOrder];
}

function createFieldReader(elfClass: ElfClass, byteOrder: ByteOrder): FieldReader {
  const little = byteOrder === 'little';
  const u16 = (bytes: Buffer, at: number): number => (little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const u32 = (bytes: Buffer, at: number): number => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const shared = { class: elfClass, byteOrder, u16, u32 };
  if (elfClass === 32) {
    return {
      ...shared,
      wordBytes: 4,
      word: u32,
      bigWord: (bytes, at) => BigInt(u32(bytes, at)),
      wordDigits: (bytes, at) => digits(u32(bytes, at)),
    };
  }
  const high = little ? 4 : 0;
  return {
    ...shared,
    wordBytes: 8,
    word: (bytes, at) => u32(bytes, at + high) * 2 ** 32 + u32(bytes, at + 4 - high),
    // Most words are short: made of one half, they cost one object in place of four.
    bigWord(bytes, at) {
      const upper = u32(bytes, at + high);
      const lower = BigInt(u32(bytes, at + 4 - high));
      return upper === 0 ? lower : (BigInt(upper) << 32n) | lower;
    },
    wordDigits: (bytes, at) => digits(u32(bytes, at + high)) + digits(u32(bytes, at + 4 - high)),
  };
}

function digits(value: number): string {
  return value.toString(16).padStart(8, '0');
}

/** `0x…` */
export function hex(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}
