import type { ByteField, ByteStructure, ElfBytes, FileRange } from '../../../language-server/protocol/elf-bytes.ts';

export const bytesPerRow = 16;
/** As much as is asked for at once; the server gives at most 4,096. */
export const windowBytes = 1024;

/** Where to begin reading so that a place is shown with some bytes before it. Whole rows. */
export function windowStart(offset: number): number {
  const before = Math.floor(offset / bytesPerRow) * bytesPerRow - 4 * bytesPerRow;
  return Math.max(before, 0);
}

export function decodeBytes(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), character => character.charCodeAt(0));
}

/** A byte as a character of ASCII, or a dot. */
export function asciiOf(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
}

export function holds({ offset, length }: FileRange, at: number): boolean {
  return at >= offset && at < offset + length;
}

export function rangeOf({ start, length }: ByteField): FileRange {
  return { offset: start, length };
}

/** What a byte belongs to: the structures that lie on it, the largest first, each with its field. */
export interface BytePlace {
  readonly structure: ByteStructure;
  readonly field: ByteField | undefined;
}

export function placesAt({ structures }: ElfBytes, at: number): readonly BytePlace[] {
  return structures
    .filter(structure => holds(rangeOf(structure), at))
    .sort((a, b) => b.length - a.length)
    .map(structure => ({ structure, field: structure.fields.find(field => holds(rangeOf(field), at)) }));
}

/** Larger things would mark all that is in sight, and tell nothing. */
const mostMarkedBytes = 256;

/** The bytes of the innermost thing that has a name, where it is small. */
export function innermostRange(places: readonly BytePlace[]): FileRange | undefined {
  const last = places.at(-1);
  const range = last && rangeOf(last.field ?? last.structure);
  return range !== undefined && range.length <= mostMarkedBytes ? range : undefined;
}

/** Where a key moves the cursor; undefined: it is none for bytes. */
export function movedByte(
  { key, ctrlKey, metaKey }: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey'>,
  at: number,
  range: FileRange,
  sizeBytes: number,
): number | undefined {
  const far = ctrlKey || metaKey;
  const rowStart = at - (at % bytesPerRow);
  const clamp = (place: number): number => Math.min(Math.max(place, 0), sizeBytes - 1);
  switch (key) {
    case 'ArrowRight':
      return clamp(at + 1);
    case 'ArrowLeft':
      return clamp(at - 1);
    case 'ArrowDown':
      return at + bytesPerRow < sizeBytes ? at + bytesPerRow : at;
    case 'ArrowUp':
      return at >= bytesPerRow ? at - bytesPerRow : at;
    case 'PageDown':
      return clamp(at + 8 * bytesPerRow);
    case 'PageUp':
      return clamp(at - 8 * bytesPerRow);
    case 'Home':
      return far ? range.offset : rowStart;
    case 'End':
      return clamp(far ? range.offset + range.length - 1 : rowStart + bytesPerRow - 1);
    default:
      return undefined;
  }
}
