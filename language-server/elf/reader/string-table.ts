import { decodeBytes } from '../../native/byte-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { ByteSource } from './byte-source.ts';
import { hex } from './fields.ts';
import type { FindingList } from './finding-list.ts';

/** A string table (gABI, "String Table"): strings that end with NUL, named by their offset. */
export interface StringTable {
  readonly offset: number;
  readonly sizeBytes: number;
  /** The string at an offset; {@link corruptName} where there is none, and a finding. At most 64 KiB of it. */
  at(index: number): ByteText;
  /** Whether the string at an offset is this one, of ASCII characters. */
  is(index: number, text: string): boolean;
  /** Some of its bytes, as {@link ByteSource.read} reads them. */
  read(index: number, length: number, into?: Buffer): Buffer;
  /** Reads the table whole (where it is not huge), for one who is about to read most of its strings. */
  preload(): void;
  /** The bytes of the whole table; null where it is huge. Read once. */
  whole(): Buffer | null;
}

/** readelf's word for a name that cannot be read. */
export const corruptName = '<corrupt>';

const maximumNameBytes = 64 << 10;
const maximumPreloadBytes = 256 << 20;

/** @param name What it is called in findings: ".dynstr". */
export function createStringTable(
  source: ByteSource,
  findings: FindingList,
  { name, offset, sizeBytes }: { readonly name: string; readonly offset: number; readonly sizeBytes: number },
): StringTable {
  const end = Math.min(offset + sizeBytes, source.sizeBytes);
  let whole: Buffer | undefined;
  const bytesAt = (index: number): Buffer => {
    const room = Math.min(end - offset - index, maximumNameBytes);
    if (whole === undefined) return source.string(offset + index, room);
    const limit = index + room;
    const found = whole.indexOf(0, index);
    return whole.subarray(index, found < 0 || found > limit ? limit : found);
  };
  const at = (index: number): ByteText => {
    if (!(index >= 0 && offset + index < end)) {
      if (index === 0) return '';
      findings.add({
        code: 'elf/string-offset',
        severity: 'warning',
        message: `A name is said to be at offset ${hex(index)} of the string table ${name}, which ends before.`,
        offset,
        expected: `less than ${hex(Math.max(0, end - offset))}`,
        actual: hex(index),
        evidence: { rule: 'gABI: String Table' },
      });
      return corruptName;
    }
    const bytes = bytesAt(index);
    if (bytes.length === maximumNameBytes) {
      findings.add({
        code: 'elf/long-name',
        severity: 'information',
        message: `A name in the string table ${name} is longer than ${maximumNameBytes} bytes; only its beginning is shown.`,
        offset: offset + index,
      });
      return `${decodeBytes(bytes)}…`;
    }
    if (offset + index + bytes.length >= end) unterminated(findings, name, offset + index);
    return decodeBytes(bytes);
  };
  const is = (index: number, text: string): boolean => {
    const length = Math.min(end - offset - index, text.length + 1);
    if (!(index >= 0 && length >= text.length)) return false;
    const bytes = whole ?? source.read(offset + index, length);
    const first = whole === undefined ? 0 : index;
    for (let at = 0; at < text.length; at += 1) if (bytes[first + at] !== text.charCodeAt(at)) return false;
    return length === text.length || bytes[first + text.length] === 0;
  };
  const preload = (): void => {
    if (whole === undefined && end - offset <= maximumPreloadBytes) whole = source.read(offset, end - offset);
  };
  const read = (index: number, length: number, into?: Buffer): Buffer =>
    whole === undefined
      ? source.read(offset + index, Math.min(length, end - offset - index), into)
      : whole.subarray(index, index + length);
  const readWhole = (): Buffer | null => {
    preload();
    return whole ?? null;
  };
  return { offset, sizeBytes: Math.max(0, end - offset), at, is, read, preload, whole: readWhole };
}

function unterminated(findings: FindingList, name: string, offset: number): void {
  findings.add({
    code: 'elf/string-unterminated',
    severity: 'warning',
    message: `The last name of the string table ${name} has no end: the table ends without a NUL byte.`,
    offset,
    evidence: { rule: 'gABI: String Table' },
  });
}
