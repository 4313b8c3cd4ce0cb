import { setImmediate as nextTurn } from 'node:timers/promises';
import type { StringTable } from '../reader/string-table.ts';

/** A text to look for in the names of a string table. */
export interface NamePattern {
  /** ASCII, in lower case, without NUL. */
  readonly text: string;
  /** Whether names must end with it, or may go on behind it. */
  readonly place: 'anywhere' | 'end';
}

/** Which names of a table have a text: found once for the whole table, asked for each symbol. */
export interface NameSearch {
  /** Whether the name at this offset has the text at its place, in any case. */
  contains(offset: number): boolean;
  /** Of a text at the end: whether it is all of the name at this offset. */
  equals(offset: number): boolean;
  /** Sets a bit in `found` for each of the names that {@link contains} the text. */
  markContaining(offsets: Uint32Array, bit: number, found: Int32Array): void;
  /** Sets a bit in `found` for each of the names that {@link equals} the text. */
  markEqual(offsets: Uint32Array, bit: number, found: Int32Array): void;
}

/** A string of V8 beyond 128 KiB is an object of its own to allocate and free; to make those would take longer than the search. */
const pieceBytes = 64 << 10;
/** Searched before others get their turn: some milliseconds. */
const turnBytes = 8 << 20;

/**
 * Searches the bytes of the table, not its names one by one: a symbol's name may be the end of another's, so what is kept is,
 * for each string with an occurrence, where the string begins and where the text occurs last in it.
 *
 * The table is read piece by piece and forgotten again: to read it from the page cache and to put it into lower case takes a
 * third of the time of the search, and dozens of megabytes less than to keep it so.
 * Throws what the signal is aborted with.
 */
export async function searchNames(
  strings: Pick<StringTable, 'sizeBytes' | 'read'>,
  patterns: readonly NamePattern[],
  signal?: AbortSignal,
): Promise<readonly NameSearch[]> {
  const found = patterns.map(() => createOccurrences());
  const needles = patterns.map(({ text, place }) => (place === 'end' ? `${text}\0` : text));
  let memory = Buffer.allocUnsafeSlow(Math.min(pieceBytes, strings.sizeBytes));
  let turn = turnBytes;
  for (let at = 0; at < strings.sizeBytes; ) {
    const bytes = strings.read(at, memory.length, memory);
    // The file has become shorter.
    if (bytes.length === 0) break;
    const isLast = at + bytes.length >= strings.sizeBytes || bytes.length < memory.length;
    const end = isLast ? bytes.length : bytes.lastIndexOf(0) + 1;
    if (end === 0) {
      // No name ends here.
      memory = Buffer.allocUnsafeSlow(memory.length * 2);
      continue;
    }
    const piece = bytes.toString('latin1', 0, end).toLowerCase();
    const whole = isLast ? `${piece}\0` : piece;
    for (const [index, needle] of needles.entries()) {
      const occurrences = found[index];
      if (occurrences !== undefined) addOccurrences(occurrences, bytes, whole, needle, at);
    }
    at += end;
    turn -= end;
    if (turn > 0) continue;
    turn = turnBytes;
    await nextTurn();
    signal?.throwIfAborted();
  }
  return found.map(occurrences => searchIn(occurrences, strings.sizeBytes));
}

/** Ascending: the beginnings of the strings, and in each the last occurrence. */
interface Occurrences {
  starts: Uint32Array<ArrayBuffer>;
  lasts: Uint32Array<ArrayBuffer>;
  count: number;
}

function createOccurrences(): Occurrences {
  return { starts: new Uint32Array(256), lasts: new Uint32Array(256), count: 0 };
}

/**
 * @param bytes What `piece` was made of.
 * @param piece Whole strings with their NUL bytes, in lower case.
 * @param base Its offset in the table.
 */
function addOccurrences(found: Occurrences, bytes: Buffer, piece: string, needle: string, base: number): void {
  const isAtEnd = needle.endsWith('\0');
  for (let at = piece.indexOf(needle); at >= 0; ) {
    if (found.count === found.starts.length) {
      found.starts = grown(found.starts);
      found.lasts = grown(found.lasts);
    }
    const end = isAtEnd ? at + needle.length - 1 : piece.indexOf('\0', at);
    let start = at;
    while (start > 0 && bytes[start - 1] !== 0) start -= 1;
    const next = piece.indexOf(needle, at + 1);
    found.starts[found.count] = base + start;
    // Seldom more than once in a name; and then, however often, it is found from the end.
    const isLast = isAtEnd || next < 0 || next >= end;
    found.lasts[found.count] = base + (isLast ? at : piece.lastIndexOf(needle, end - needle.length));
    found.count += 1;
    at = next < 0 || next > end ? next : piece.indexOf(needle, end + 1);
  }
}

/** Of offsets in the table: those in one block share a place to begin to search from. 2^12 bytes are some dozens of names. */
const blockBits = 12;

/** Places for {@link stringAt} to look: functions over typed arrays alone are quick from the first symbols on. */
interface Index {
  readonly starts: Uint32Array;
  readonly lasts: Uint32Array;
  readonly count: number;
  readonly firstInBlock: Uint32Array;
}

function searchIn({ starts, lasts, count }: Occurrences, sizeBytes: number): NameSearch {
  const index = { starts, lasts, count, firstInBlock: firstOccurrences(lasts, count, sizeBytes) };
  return {
    contains(offset) {
      const string = stringAt(index, offset);
      return string < count && (starts[string] ?? 0) <= offset;
    },
    equals(offset) {
      const string = stringAt(index, offset);
      return string < count && lasts[string] === offset;
    },
    markContaining: (offsets, bit, found) => markContaining(index, offsets, bit, found),
    markEqual: (offsets, bit, found) => markEqual(index, offsets, bit, found),
  };
}

/** The first string whose last occurrence is at or behind the offset. */
function stringAt({ lasts, count, firstInBlock }: Index, offset: number): number {
  const block = offset >>> blockBits;
  let low = firstInBlock[block] ?? count;
  let high = firstInBlock[block + 1] ?? count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((lasts[middle] ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

function markContaining(index: Index, offsets: Uint32Array, bit: number, found: Int32Array): void {
  const { starts, count } = index;
  for (let at = 0; at < offsets.length; at += 1) {
    const offset = offsets[at] ?? 0;
    const string = stringAt(index, offset);
    if (string < count && (starts[string] ?? 0) <= offset) found[at] = (found[at] ?? 0) | bit;
  }
}

function markEqual(index: Index, offsets: Uint32Array, bit: number, found: Int32Array): void {
  const { lasts, count } = index;
  for (let at = 0; at < offsets.length; at += 1) {
    const offset = offsets[at] ?? 0;
    const string = stringAt(index, offset);
    if (string < count && lasts[string] === offset) found[at] = (found[at] ?? 0) | bit;
  }
}

/** For each block of offsets the first string whose last occurrence is at or behind its beginning. */
function firstOccurrences(lasts: Uint32Array, count: number, sizeBytes: number): Uint32Array {
  const blocks = new Uint32Array(Math.ceil(sizeBytes / 2 ** blockBits) + 1);
  let block = 0;
  for (let index = 0; index < count; index += 1) {
    const own = (lasts[index] ?? 0) >>> blockBits;
    while (block <= own) blocks[block++] = index;
  }
  blocks.fill(count, block);
  return blocks;
}

function grown(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(array.length * 2);
  larger.set(array);
  return larger;
}
