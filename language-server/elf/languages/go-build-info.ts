import { type ElfImage, sectionRange } from '../reader/elf-image.ts';
import type { Compiler } from './compilers.ts';

const magic = Buffer.from('\xff Go buildinf:', 'latin1');
const headerBytes = 32;
const maximumVersionBytes = 64;

/**
 * The version of Go in `.go.buildinfo`, which even stripped programs have (Go's debug/buildinfo): behind the header since Go 1.18,
 * before that at the end of two pointers. Null: there is none.
 */
export function goCompiler(image: ElfImage): Compiler | null {
  const section = image.sectionNamed('.go.buildinfo');
  if (section === undefined) return null;
  const { offset, sizeBytes } = sectionRange(image, section);
  const bytes = image.source.read(offset, Math.min(sizeBytes, headerBytes + 1 + maximumVersionBytes));
  if (bytes.length < headerBytes || !bytes.subarray(0, magic.length).equals(magic)) return null;
  const isInline = ((bytes[15] ?? 0) & 2) !== 0;
  const version = isInline ? inlineText(bytes) : pointedText(image, bytes);
  const number = /^(?:devel )?go(\d+\.\d+[\w.-]*)/u.exec(version)?.[1];
  if (number === undefined) return null;
  return { name: 'Go', version: number, distributor: '', role: 'compiler', evidence: version };
}

/** A length of one byte (in LEB128: no version is longer), and the text. */
function inlineText(bytes: Buffer): string {
  const length = bytes[headerBytes] ?? 0;
  return length < 0x80 ? bytes.toString('latin1', headerBytes + 1, headerBytes + 1 + length) : '';
}

/** A pointer to a pointer to the text, and to its length. */
function pointedText(image: ElfImage, bytes: Buffer): string {
  const { fields, source } = image;
  const { wordBytes } = fields;
  if (bytes[14] !== wordBytes) return '';
  const string = source.read(image.offsetOfAddress(fields.bigWord(bytes, 16)), 2 * wordBytes);
  if (string.length < 2 * wordBytes) return '';
  const length = Math.min(fields.word(string, wordBytes), maximumVersionBytes);
  return source.read(image.offsetOfAddress(fields.bigWord(string, 0)), length).toString('latin1');
}
