import type { StringTable } from '../reader/string-table.ts';

/** Which strings of a table contain a word: found once for the whole table, asked for each symbol. */
export interface NameSearch {
  /** Whether the string at this offset contains the word, in any case. */
  contains(offset: number): boolean;
}

/**
 * Searches the bytes of the table, not its strings one by one: a symbol's name may be the end of another's, so what is kept
 * is, for each string with an occurrence, where the string begins and where the word occurs last in it.
 * @param table The whole table in lower case, one character a byte.
 */
export function searchNames(table: string, word: string): NameSearch {
  let starts = new Float64Array(1024);
  let lasts = new Float64Array(1024);
  let count = 0;
  for (let at = table.indexOf(word); at >= 0; ) {
    const found = table.indexOf('\0', at);
    const end = found < 0 ? table.length : found;
    if (count === starts.length) {
      starts = grown(starts);
      lasts = grown(lasts);
    }
    starts[count] = table.lastIndexOf('\0', at) + 1;
    lasts[count] = Math.max(at, table.lastIndexOf(word, end - word.length));
    count += 1;
    at = table.indexOf(word, end);
  }
  return {
    contains(offset) {
      // The first string whose last occurrence is at or behind the offset.
      let low = 0;
      let high = count;
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((lasts[middle] ?? 0) < offset) low = middle + 1;
        else high = middle;
      }
      return low < count && (starts[low] ?? 0) <= offset;
    },
  };
}

/** The bytes of the table as {@link searchNames} takes them; null where it is too large to be held. */
export function lowerCaseTable(strings: StringTable): string | null {
  const bytes = strings.whole();
  return bytes === null ? null : bytes.toString('latin1').toLowerCase();
}

function grown(array: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(array.length * 2);
  larger.set(array);
  return larger;
}
