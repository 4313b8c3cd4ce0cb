import type { RealValues } from './elements.ts';
import type { NumericArray } from './open-array.ts';
import { isContiguous, placesOf, sizeOf, type View } from './view.ts';

/** The numbers of a view, in its order: what is read piece by piece. */
export interface Numbers {
  readonly count: number;
  /** Fewer at the end. */
  read(start: number, count: number): Promise<RealValues>;
}

/** What is read at once: large enough that reading it costs little each, small enough to stay in a processor's cache. */
export const pieceNumbers = 1 << 17;

/** Elements of the file that are read at once where a view picks some of them. */
const spanElements = 1 << 18;

/**
 * The elements of a view that the file still has. Where a view is not contiguous, the file is read by spans that hold as many of
 * its elements as possible.
 */
export function numbersOf(array: NumericArray, view: View): Numbers {
  const total = sizeOf(view);
  if (isContiguous(view)) {
    const count = Math.max(0, Math.min(total, array.presentElements - view.offset));
    return {
      count,
      read: (start, wanted) => array.values(view.offset + start, Math.max(0, Math.min(wanted, count - start))),
    };
  }
  const span = { first: 0, values: new Float64Array(0) as RealValues };
  const gather = async (start: number, wanted: number): Promise<RealValues> => {
    const count = Math.max(0, Math.min(wanted, total - start));
    const places = new Float64Array(count);
    placesOf(view, start, count, places);
    const values = new Float64Array(count);
    let kept = 0;
    for (let at = 0; at < count; at += 1) {
      const place = places[at] ?? 0;
      if (place >= array.presentElements) continue;
      if (place < span.first || place >= span.first + span.values.length) {
        span.first = Math.floor(place / spanElements) * spanElements;
        span.values = await array.values(span.first, spanElements);
      }
      values[kept] = span.values[place - span.first] ?? Number.NaN;
      kept += 1;
    }
    return values.subarray(0, kept);
  };
  return { count: total, read: gather };
}

/** Calls `use` with each piece in turn. Rejects when cancelled. */
export async function forEachPiece(
  numbers: Numbers,
  signal: AbortSignal,
  use: (values: RealValues, start: number) => void,
  onProgress?: (done: number) => void,
): Promise<void> {
  for (let start = 0; start < numbers.count; start += pieceNumbers) {
    signal.throwIfAborted();
    use(await numbers.read(start, pieceNumbers), start);
    onProgress?.(Math.min(numbers.count, start + pieceNumbers));
  }
}
