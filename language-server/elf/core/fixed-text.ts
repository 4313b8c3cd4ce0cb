import { decodeBytes } from '../../native/byte-text.ts';
import type { ByteText } from '../../protocol/elf.ts';

/** A text of a fixed size, which ends with a NUL where it is shorter. */
export function fixedText(bytes: Buffer, start: number, length: number): ByteText {
  const field = bytes.subarray(start, start + length);
  const end = field.indexOf(0);
  return decodeBytes(end < 0 ? field : field.subarray(0, end));
}
