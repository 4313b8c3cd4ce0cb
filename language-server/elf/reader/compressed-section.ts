import { type ElfImage, sectionRange } from './elf-image.ts';
import { type Section, sectionFlag } from './section-headers.ts';

/** What a compressed section says of its contents. */
export interface Compression {
  /** "ZLIB", "ZSTD"; the number in hexadecimal where it is another. */
  readonly method: string;
  readonly uncompressedBytes: bigint;
}

/** ELFCOMPRESS_… */
const methods: ReadonlyMap<number, string> = new Map([
  [1, 'ZLIB'],
  [2, 'ZSTD'],
]);

/**
 * The header before the contents: Elf32_Chdr or Elf64_Chdr (gABI, "Section Compression"), or the older form of `.zdebug_…`:
 * "ZLIB" and the size, big-endian. Null: the section is not compressed, or too short to say so.
 */
export function compressionOf(image: ElfImage, section: Section): Compression | null {
  const { fields, source } = image;
  const { offset, sizeBytes } = sectionRange(image, section);
  if ((section.flags & sectionFlag.compressed) === 0n) return oldCompressionOf(image, section);
  const headerBytes = fields.class === 64 ? 24 : 12;
  const bytes = source.read(offset, Math.min(headerBytes, sizeBytes));
  if (bytes.length < headerBytes) return null;
  const type = fields.u32(bytes, 0);
  const method = methods.get(type) ?? `0x${type.toString(16)}`;
  return { method, uncompressedBytes: fields.bigWord(bytes, fields.class === 64 ? 8 : 4) };
}

function oldCompressionOf(image: ElfImage, section: Section): Compression | null {
  if (!image.sectionName(section).startsWith('.zdebug_')) return null;
  const { offset, sizeBytes } = sectionRange(image, section);
  const bytes = image.source.read(offset, Math.min(12, sizeBytes));
  if (bytes.length < 12 || bytes.toString('latin1', 0, 4) !== 'ZLIB') return null;
  return { method: 'ZLIB', uncompressedBytes: bytes.readBigUInt64BE(4) };
}
