import type { Finding } from '../../protocol/finding.ts';

/** One line of `ldconfig -p`. */
export interface CacheEntry {
  /** Offset in the file of the name that a NEEDED entry is compared with; null where it leads out of the file. */
  readonly keyOffset: number | null;
  /** Offset in the file of the path; null where it leads out of the file. */
  readonly valueOffset: number | null;
  /** Kind of library and machine: `FLAG_*` of glibc's ldconfig. */
  readonly flags: number;
  /** Upper and lower half of the 64-bit `hwcap` field. Zero in the old format. */
  readonly hwcapHigh: number;
  readonly hwcapLow: number;
}

/** `/etc/ld.so.cache` as ldconfig(8) writes it (glibc sysdeps/generic/dl-cache.h). */
export interface LdSoCache {
  readonly format: 'old' | 'new' | 'old with new';
  /** In the order of the file, which ldconfig sorts by name for the loader's binary search. */
  readonly entries: readonly CacheEntry[];
  /** Names of the `glibc-hwcaps` folders that entries refer to by number; null where the offset leads out of the file. */
  readonly hwcapNames: readonly (string | null)[];
  /** Which ldconfig wrote it. */
  readonly generator: string | null;
  readonly bytes: Buffer;
}

export interface ParsedCache {
  /** Null where the loader would ignore the file. */
  readonly cache: LdSoCache | null;
  readonly findings: readonly Finding[];
}

const oldMagic = 'ld.so-1.7.0';
const newMagic = 'glibc-ld.so.cache1.1';
/** The old header is its magic, a byte of padding and the count; then 12 bytes an entry. */
const oldHeaderBytes = 16;
const oldEntryBytes = 12;
const newHeaderBytes = 48;
const newEntryBytes = 24;
/** `cache_extension_magic`, -358342284 as an unsigned number. */
const extensionMagic = 0xeaa42174;
const extensionHeaderBytes = 8;
const extensionSectionBytes = 16;
const generatorTag = 0;
const hwcapsTag = 1;

export function parseLdSoCache(bytes: Buffer, byteOrder: 'little' | 'big'): ParsedCache {
  const findings: Finding[] = [];
  const little = byteOrder === 'little';
  const reader: Reader = { bytes, little, u32: at => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at)) };
  if (startsWith(bytes, newMagic, 0)) return { cache: parseNew(reader, 0, 'new', findings), findings };
  if (!startsWith(bytes, oldMagic, 0)) {
    findings.push(broken(0, `"${oldMagic}" or "${newMagic}"`, JSON.stringify(bytes.toString('latin1', 0, 20))));
    return { cache: null, findings };
  }
  const count = bytes.length > oldHeaderBytes ? reader.u32(12) : 0;
  if (!fits(bytes, oldHeaderBytes, count, oldEntryBytes)) {
    findings.push(broken(12, `at most ${room(bytes, oldHeaderBytes, oldEntryBytes)} entries`, `${count}`));
    return { cache: null, findings };
  }
  const tableEnd = oldHeaderBytes + count * oldEntryBytes;
  const newStart = Math.ceil(tableEnd / 8) * 8;
  if (startsWith(bytes, newMagic, newStart) && bytes.length >= newStart + newHeaderBytes) {
    return { cache: parseNew(reader, newStart, 'old with new', findings), findings };
  }
  const entries = Array.from({ length: count }, (_, index) =>
    entryAt(reader, oldHeaderBytes + index * oldEntryBytes, tableEnd, findings),
  );
  return { cache: { format: 'old', entries, hwcapNames: [], generator: null, bytes }, findings };
}

interface Reader {
  readonly bytes: Buffer;
  readonly little: boolean;
  u32(at: number): number;
}

/** @param start of the new-format header, from which offsets of strings count. */
function parseNew(reader: Reader, start: number, format: LdSoCache['format'], findings: Finding[]): LdSoCache | null {
  const { bytes } = reader;
  const count = bytes.length > start + newHeaderBytes ? reader.u32(start + 20) : 0;
  const first = start + newHeaderBytes;
  if (bytes.length <= first || !fits(bytes, first, count, newEntryBytes)) {
    findings.push(broken(start + 20, `at most ${room(bytes, first, newEntryBytes)} entries`, `${count}`));
    return null;
  }
  // Two bits: 0 nothing said, 2 little, 3 big endian; else the loader ignores the file.
  const endianness = bytes.readUInt8(start + 28);
  const expected = reader.little ? 2 : 3;
  if (endianness !== 0 && (endianness & 3) !== expected) {
    findings.push(broken(start + 28, `${expected} (${reader.little ? 'little' : 'big'} endian)`, `${endianness & 3}`));
    return null;
  }
  const entries = Array.from({ length: count }, (_, index) =>
    newEntryAt(reader, first + index * newEntryBytes, start, findings),
  );
  return { format, entries, bytes, ...parseExtensions(reader, reader.u32(start + 32), findings) };
}

function entryAt(reader: Reader, at: number, strings: number, findings: Finding[]): CacheEntry {
  const { bytes } = reader;
  const keyOffset = strings + reader.u32(at + 4);
  const valueOffset = strings + reader.u32(at + 8);
  const limit = bytes.length;
  // A damaged file has many such; the first few tell enough.
  if ((keyOffset >= limit || valueOffset >= limit) && findings.length < 20) {
    const bad = keyOffset >= limit ? keyOffset : valueOffset;
    findings.push(broken(keyOffset >= limit ? at + 4 : at + 8, `a string before offset ${limit}`, `offset ${bad}`));
  }
  return {
    keyOffset: keyOffset < limit ? keyOffset : null,
    valueOffset: valueOffset < limit ? valueOffset : null,
    flags: reader.u32(at),
    hwcapHigh: 0,
    hwcapLow: 0,
  };
}

function newEntryAt(reader: Reader, at: number, strings: number, findings: Finding[]): CacheEntry {
  const first = reader.u32(at + 16);
  const second = reader.u32(at + 20);
  return {
    ...entryAt(reader, at, strings, findings),
    hwcapHigh: reader.little ? second : first,
    hwcapLow: reader.little ? first : second,
  };
}

/** Offsets in the extension directory count from the start of the file (glibc `cache_extension_load`). */
function parseExtensions(
  reader: Reader,
  start: number,
  findings: Finding[],
): Pick<LdSoCache, 'hwcapNames' | 'generator'> {
  const none = { hwcapNames: [], generator: null };
  if (start === 0) return none;
  const { bytes } = reader;
  if (start % 4 !== 0 || start + extensionHeaderBytes > bytes.length || reader.u32(start) !== extensionMagic) {
    findings.push(broken(start, 'the extension directory', 'something else, or the end of the file'));
    return none;
  }
  const count = reader.u32(start + 4);
  const first = start + extensionHeaderBytes;
  if (!fits(bytes, first, count, extensionSectionBytes)) {
    findings.push(broken(start + 4, `at most ${room(bytes, first, extensionSectionBytes)} sections`, `${count}`));
    return none;
  }
  let generator: string | null = null;
  let hwcapNames: (string | null)[] = [];
  for (let index = 0; index < count; index++) {
    const at = first + index * extensionSectionBytes;
    const [tag, offset, size] = [reader.u32(at), reader.u32(at + 8), reader.u32(at + 12)];
    if (offset + size > bytes.length) {
      findings.push(broken(at + 8, `a section within ${bytes.length} bytes`, `${size} bytes at ${offset}`));
      return none;
    }
    if (tag === generatorTag) generator = bytes.toString('latin1', offset, offset + size);
    if (tag === hwcapsTag && offset % 4 === 0 && size % 4 === 0) {
      hwcapNames = Array.from({ length: size / 4 }, (_, item) => {
        const name = reader.u32(offset + item * 4);
        return name < bytes.length ? stringAt(bytes, name) : null;
      });
    }
  }
  return { hwcapNames, generator };
}

/** The name of an entry, bytes as latin1. Made when it is asked for: a search looks at few of them. */
export function cachedKey({ bytes }: LdSoCache, { keyOffset }: CacheEntry): string | null {
  return keyOffset === null ? null : stringAt(bytes, keyOffset);
}

/** The bytes up to the next NUL, or to the end of the file, as latin1. */
function stringAt(bytes: Buffer, offset: number): string {
  const end = bytes.indexOf(0, offset);
  return bytes.toString('latin1', offset, end < 0 ? bytes.length : end);
}

function startsWith(bytes: Buffer, magic: string, at: number): boolean {
  return bytes.length > at + magic.length && bytes.toString('latin1', at, at + magic.length) === magic;
}

function room(bytes: Buffer, start: number, entryBytes: number): number {
  return Math.max(0, Math.floor((bytes.length - start) / entryBytes));
}

function fits(bytes: Buffer, start: number, count: number, entryBytes: number): boolean {
  return count <= room(bytes, start, entryBytes);
}

function broken(offset: number, expected: string, actual: string): Finding {
  return {
    code: 'dependencies/broken-cache',
    severity: 'warning',
    message: `ld.so.cache is damaged at offset ${offset}: expected ${expected}, found ${actual}. Run ldconfig as root to write it anew.`,
    offset,
    expected,
    actual,
    evidence: { rule: 'glibc sysdeps/generic/dl-cache.h', command: 'ldconfig -p' },
  };
}
