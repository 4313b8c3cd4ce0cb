import { decodeBytes } from '../../native/byte-text.ts';
import type { ByteText } from '../../protocol/elf.ts';

/** How a header names its member; what is special about the archive itself comes first. */
export type MemberName =
  /** The symbol index of GNU ar (`/`, `/SYM64/`) or BSD ar (`__.SYMDEF`, there seen by its full name only). */
  | { readonly kind: 'symbolIndex'; readonly format: 'gnu32' | 'gnu64' }
  /** The table of long names of GNU ar (`//`; `ARFILENAMES/` of older ones). */
  | { readonly kind: 'longNames' }
  | { readonly kind: 'short'; readonly name: ByteText }
  /** `/12`: at this offset of the table of long names. `/12:345`: there in an archive, in its turn at this offset. */
  | { readonly kind: 'long'; readonly offset: number; readonly nestedOffset: number | null }
  /** `#1/20`: so many bytes of the contents are the name (BSD). */
  | { readonly kind: 'within'; readonly nameBytes: number };

/** Names that no symbol index and no table of long names has, as they stand in `ar_name`. */
export function parseMemberName(field: Buffer): MemberName {
  const text = field.toString('latin1');
  const trimmed = text.replace(/ +$/u, '');
  if (trimmed === '/') return { kind: 'symbolIndex', format: 'gnu32' };
  if (trimmed === '/SYM64/') return { kind: 'symbolIndex', format: 'gnu64' };
  if (trimmed === '//' || trimmed === 'ARFILENAMES/') return { kind: 'longNames' };
  const long = /^[/ ](\d+)(?::(\d+))?/u.exec(text);
  if (long !== null) {
    const nestedOffset = long[2] === undefined ? null : Number(long[2]);
    return { kind: 'long', offset: Number(long[1]), nestedOffset };
  }
  const within = /^#1\/(\d+)/u.exec(text);
  if (within !== null) return { kind: 'within', nameBytes: Number(within[1]) };
  return { kind: 'short', name: decodeBytes(field.subarray(0, shortNameBytes(field))) };
}

/** Up to a NUL, else the slash that GNU ar ends it with, else the first space (bfd's `_bfd_generic_read_ar_hdr_mag`). */
function shortNameBytes(field: Buffer): number {
  for (const end of [0, 0x2f, 0x20]) {
    const at = field.indexOf(end);
    if (at > 0) return at;
  }
  return field.length;
}

const newline = 0x0a;
const slash = 0x2f;

/** The name at an offset of the table of long names; null where the table ends before. Ends with `/` and newline, or NUL. */
export function longNameAt(table: Buffer, offset: number): ByteText | null {
  if (!(offset >= 0 && offset < table.length)) return null;
  let end = table.indexOf(newline, offset);
  if (end < 0) end = table.length;
  const terminator = table.indexOf(0, offset);
  if (terminator >= 0 && terminator < end) end = terminator;
  if (end > offset && table[end - 1] === slash) end -= 1;
  return decodeBytes(table.subarray(offset, end));
}
