/** Size of the header before each member (`ar.h`, `struct ar_hdr`). */
export const memberHeaderBytes = 60;

/** `struct ar_hdr` (ar(5)): fields of text, padded with spaces. A field that is no number is null. */
export interface MemberHeader {
  /** `ar_name` as it stands there, with its padding. */
  readonly name: Buffer;
  /** Seconds since 1970. */
  readonly modifiedSeconds: number | null;
  readonly userId: number | null;
  readonly groupId: number | null;
  readonly mode: number | null;
  /** Bytes behind the header; null: not a number, so that nothing tells where the next member begins. */
  readonly sizeBytes: number | null;
  /** Digits come first in the size, but something else comes behind them. */
  readonly hasOddSize: boolean;
}

const decimal = /^ *(\d+) *$/u;
const octal = /^ *([0-7]+) *$/u;
const leadingDigits = /^ *(\d+)/u;

/** Null where `ar_fmag`, the two bytes that end each header, is missing. */
export function decodeMemberHeader(bytes: Buffer): MemberHeader | null {
  if (bytes.length < memberHeaderBytes || bytes[58] !== 0x60 || bytes[59] !== 0x0a) return null;
  const size = bytes.toString('latin1', 48, 58);
  const digits = leadingDigits.exec(size)?.[1];
  return {
    name: bytes.subarray(0, 16),
    modifiedSeconds: number(decimal, bytes.toString('latin1', 16, 28), 10),
    userId: number(decimal, bytes.toString('latin1', 28, 34), 10),
    groupId: number(decimal, bytes.toString('latin1', 34, 40), 10),
    mode: number(octal, bytes.toString('latin1', 40, 48), 8),
    sizeBytes: digits === undefined ? null : Number(digits),
    hasOddSize: !decimal.test(size),
  };
}

function number(pattern: RegExp, text: string, base: 8 | 10): number | null {
  const digits = pattern.exec(text)?.[1];
  return digits === undefined ? null : Number.parseInt(digits, base);
}
