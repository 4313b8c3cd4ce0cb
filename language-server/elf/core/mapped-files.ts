import { decodeBytes } from '../../native/byte-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { ElfImage } from '../reader/elf-image.ts';
import type { Note } from '../reader/notes.ts';

/** A part of a file that the process had in its memory (NT_FILE). */
export interface MappedFile {
  readonly start: bigint;
  /** The address behind it. */
  readonly end: bigint;
  /** Offset in the file, in bytes. */
  readonly fileOffset: bigint;
  readonly path: ByteText;
}

/** A count, the size of the unit that offsets count in, triples of addresses, and the paths (`fill_files_note`). */
export function readMappedFiles({ fields, findings }: ElfImage, bytes: Buffer, note: Note): readonly MappedFile[] {
  const { wordBytes } = fields;
  if (bytes.length < 2 * wordBytes) return [];
  const claimed = fields.word(bytes, 0);
  const unit = fields.bigWord(bytes, wordBytes);
  const head = 2 * wordBytes;
  const tripleBytes = 3 * wordBytes;
  const count = Math.min(claimed, Math.floor((bytes.length - head) / tripleBytes));
  const files: MappedFile[] = [];
  let name = head + count * tripleBytes;
  for (let index = 0; index < count && name < bytes.length; index += 1) {
    const at = head + index * tripleBytes;
    const found = bytes.indexOf(0, name);
    const end = found < 0 ? bytes.length : found;
    files.push({
      start: fields.bigWord(bytes, at),
      end: fields.bigWord(bytes, at + wordBytes),
      fileOffset: fields.bigWord(bytes, at + 2 * wordBytes) * unit,
      path: decodeBytes(bytes.subarray(name, end)),
    });
    name = end + 1;
  }
  if (files.length < claimed) {
    findings.add({
      code: 'elf/core-files',
      severity: 'warning',
      message: 'The list of mapped files (NT_FILE) is shorter than it says.',
      offset: note.offset,
      expected: `${claimed} files`,
      actual: `${files.length} in ${bytes.length} bytes`,
      evidence: { rule: 'Linux fs/binfmt_elf.c: fill_files_note' },
    });
  }
  return files;
}
