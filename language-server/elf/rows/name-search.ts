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
    const piece = strings.read(at, memory.length, memory).toString('latin1').toLowerCase();
    // The file has become shorter.
    if (piece === '') break;
    const isLast = at + piece.length >= strings.sizeBytes || piece.length < memory.length;
    const end = isLast ? piece.length : piece.lastIndexOf('\0') + 1;
    if (end === 0) {
      // No name ends here.
      memory = Buffer.allocUnsafeSlow(memory.length * 2);
      continue;
    }
    const whole = isLast ? `${piece}\0` : piece.slice(0, end);
    for (const [index, needle] of needles.entries()) {
      const occurrences = found[index];
      if (occurrences !== undefined) addOccurrences(occurrences, whole, needle, at);
    }
    at += end;
    turn -= end;
    if (turn > 0) continue;
    turn = turnBytes;
    await nextTurn();
    signal?.throwIfAborted();
  }
  return found.map(searchIn);
}

/** Ascending: the beginnings of the strings, and in each the last occurrence. */
interface Occurrences {
  starts: Float64Array<ArrayBuffer>;
  lasts: Float64Array<ArrayBuffer>;
  count: number;
}

function createOccurrences(): Occurrences {
  return { starts: new Float64Array(256), lasts: new Float64Array(256), count: 0 };
}

/** @param piece Whole strings with their NUL bytes, in lower case. @param base Its offset in the table. */
function addOccurrences(found: Occurrences, piece: string, needle: string, base: number): void {
  for (let at = piece.indexOf(needle); at >= 0; ) {
    if (found.count === found.starts.length) {
      found.starts = grown(found.starts);
      found.lasts = grown(found.lasts);
    }
    const end = needle.endsWith('\0') ? at + needle.length - 1 : piece.indexOf('\0', at);
    found.starts[found.count] = base + (at === 0 ? 0 : piece.lastIndexOf('\0', at - 1) + 1);
    found.lasts[found.count] = base + (needle.endsWith('\0') ? at : piece.lastIndexOf(needle, end - needle.length));
    found.count += 1;
    at = piece.indexOf(needle, end + 1);
  }
}

function searchIn({ starts, lasts, count }: Occurrences): NameSearch {
  /** The first string whose last occurrence is at or behind the offset. */
  const stringAt = (offset: number): number => {
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((lasts[middle] ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    contains(offset) {
      const string = stringAt(offset);
      return string < count && (starts[string] ?? 0) <= offset;
    },
    equals(offset) {
      const string = stringAt(offset);
      return string < count && lasts[string] === offset;
    },
  };
}

function grown(array: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(array.length * 2);
  larger.set(array);
  return larger;
}
