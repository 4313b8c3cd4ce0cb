import { decodeBytes, encodeBytes } from '../../native/byte-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { Capabilities } from './capabilities.ts';
import { type CacheEntry, cachedKey, type LdSoCache } from './ld-so-cache.ts';

/** What the loader takes from the cache. */
export interface CacheRequest {
  /** The machine's own flags; glibc for machines with plain flags 3 takes 1 (any ELF library) too. */
  readonly flags: number;
  readonly capabilities: Capabilities;
}

/** "ldconfig wrote a number of a `glibc-hwcaps` folder here": bit 62 of `hwcap`, beside ten bits of ISA level. */
const extensionBit = 0x40000000;
const isaLevelMask = 0x3ff;
/** Legacy platforms were bits 48 and up; bit 63 meant "tls" (glibc up to 2.36, sysdeps/x86/dl-procinfo.h). */
const legacyTlsBit = 0x80000000;
const legacyPlatformMask = 0x000f0000;
const legacyPlatforms = ['i586', 'i686', 'haswell', 'xeon_phi'];
const legacyCapabilityBits = ['sse2', 'x86_64', 'avx512_1'];

/**
 * The path that the loader takes for a name, or null: its binary search, with its choice among entries of one name (glibc
 * `search_cache`). The search is repeated as it is, not replaced by a map, because it is what decides in a file that is
 * damaged, and because names that differ only in leading zeros are equal to it.
 */
export function lookUpInCache(cache: LdSoCache, name: ByteText, request: CacheRequest): ByteText | null {
  const wanted = encodeBytes(name).toString('latin1');
  let left = 0;
  let right = cache.entries.length - 1;
  while (left <= right) {
    const middle = (left + right) >> 1;
    const key = keyAt(cache, middle);
    if (key === null) return null;
    const order = compareLibraryNames(wanted, key);
    if (order === 0) return bestOf(cache, firstOf(cache, wanted, middle), right, wanted, request);
    if (order < 0) left = middle + 1;
    else right = middle - 1;
  }
  return null;
}

function keyAt(cache: LdSoCache, index: number): string | null {
  const entry = cache.entries[index];
  return entry === undefined ? null : cachedKey(cache, entry);
}

function firstOf(cache: LdSoCache, wanted: string, found: number): number {
  let first = found;
  while (first > 0) {
    const key = keyAt(cache, first - 1);
    if (key === null || compareLibraryNames(wanted, key) !== 0) break;
    first -= 1;
  }
  return first;
}

/** Entries of `glibc-hwcaps` folders stand before all others of the name, of which the first that is usable ends the search. */
function bestOf(cache: LdSoCache, first: number, last: number, wanted: string, request: CacheRequest): ByteText | null {
  let best: CacheEntry | null = null;
  let bestPriority = Number.POSITIVE_INFINITY;
  for (let index = first; index <= last; index++) {
    const entry = cache.entries[index];
    const key = keyAt(cache, index);
    if (entry === undefined || key === null || compareLibraryNames(wanted, key) !== 0) break;
    if (!takesFlags(entry.flags, request.flags) || entry.valueOffset === null) continue;
    if (isNamedHwcap(entry)) {
      const priority = priorityOf(cache, entry, request.capabilities);
      if (priority >= bestPriority) continue;
      bestPriority = priority;
      best = entry;
    } else if (best !== null || takesLegacyHwcap(entry, request.capabilities)) {
      best ??= entry;
      break;
    }
  }
  return best === null ? null : cachedPath(cache, best);
}

function takesFlags(flags: number, own: number): boolean {
  return flags === own || (own === 3 && flags === 1);
}

function isNamedHwcap(entry: CacheEntry): boolean {
  return (entry.hwcapHigh & ~isaLevelMask) === extensionBit;
}

/** Rank of the entry's `glibc-hwcaps` folder, 0 best; infinite where the processor cannot use it. */
function priorityOf(cache: LdSoCache, entry: CacheEntry, capabilities: Capabilities): number {
  const level = 2 ** (entry.hwcapHigh & isaLevelMask);
  if (capabilities.isaLevels !== 0 && (level > capabilities.isaLevels || (capabilities.isaLevels & level) === 0))
    return Number.POSITIVE_INFINITY;
  const name = cache.hwcapNames[entry.hwcapLow] ?? null;
  const rank = name === null ? -1 : capabilities.hwcaps.indexOf(name);
  return rank < 0 ? Number.POSITIVE_INFINITY : rank;
}

/** Up to glibc 2.36 an entry may ask for capabilities and a platform; later such entries are passed over. */
function takesLegacyHwcap(entry: CacheEntry, { legacy }: Capabilities): boolean {
  if (entry.hwcapHigh === 0 && entry.hwcapLow === 0) return true;
  if (legacy === null) return false;
  const capabilities = legacy.names.reduce((bits, name) => bits | (1 << legacyCapabilityBits.indexOf(name)), 0);
  if ((entry.hwcapLow & ~capabilities) !== 0) return false;
  if ((entry.hwcapHigh & ~(legacyPlatformMask | legacyTlsBit)) !== 0) return false;
  const platform = legacyPlatforms.indexOf(legacy.platform ?? '');
  const asked = entry.hwcapHigh & legacyPlatformMask;
  return asked === 0 || (platform >= 0 && asked === 1 << (16 + platform));
}

/** The path of an entry; null where its offset leads out of the file. */
export function cachedPath(cache: LdSoCache, entry: CacheEntry): ByteText | null {
  if (entry.valueOffset === null) return null;
  const end = cache.bytes.indexOf(0, entry.valueOffset);
  return decodeBytes(cache.bytes.subarray(entry.valueOffset, end < 0 ? cache.bytes.length : end));
}

/** Runs of digits compare as numbers, in C's 32-bit arithmetic; all else as bytes (glibc `_dl_cache_libcmp`). */
export function compareLibraryNames(first: string, second: string): number {
  let [i, j] = [0, 0];
  while (i < first.length) {
    const [a, b] = [byteAt(first, i), byteAt(second, j)];
    if (isDigit(a)) {
      if (!isDigit(b)) return 1;
      const [left, right] = [numberAt(first, i), numberAt(second, j)];
      if (left.value !== right.value) return (left.value - right.value) | 0;
      [i, j] = [left.end, right.end];
    } else if (isDigit(b)) {
      return -1;
    } else if (a !== b) {
      return a - b;
    } else {
      i += 1;
      j += 1;
    }
  }
  return 0 - byteAt(second, j);
}

/** As a signed char; 0 behind the end. */
function byteAt(text: string, index: number): number {
  const code = index < text.length ? text.charCodeAt(index) : 0;
  return code < 0x80 ? code : code - 0x100;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function numberAt(text: string, start: number): { readonly value: number; readonly end: number } {
  let value = 0;
  let end = start;
  for (; isDigit(byteAt(text, end)); end++) value = (Math.imul(value, 10) + byteAt(text, end) - 0x30) | 0;
  return { value, end };
}
