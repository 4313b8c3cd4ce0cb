import type { ByteStructure, FileRange } from '../../protocol/elf-bytes.ts';
import type { ElfFile } from '../elf-file.ts';
import { createBytesCache } from '../reader/bytes-cache.ts';
import { type ElfImage, sectionRange } from '../reader/elf-image.ts';
import { hex } from '../reader/fields.ts';
import { objectType } from '../reader/file-header.ts';
import { sectionFlag } from '../reader/section-headers.ts';
import { type SymbolTable, sectionIndex } from '../reader/symbol-table.ts';
import { readSymbolPlaces } from '../size/symbol-places.ts';
import { plain } from './structure.ts';

/** The bytes of the file that symbols name, as numbers: there can be hundreds of thousands. Sorted by their start. */
interface NamedBytes {
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  /** Of each the greatest end of it and all before it: symbols may lie in one another. */
  readonly reach: Float64Array;
  /** Where their names are in the string table. */
  readonly names: Uint32Array;
}

const numbersPerSymbol = 28;
const cache = createBytesCache<NamedBytes>(32 << 20, ({ starts }) => starts.length * numbersPerSymbol);

/**
 * Functions and objects on some bytes of the file, by the symbols that name them. The symbols of a file are read once and
 * remembered as numbers; a question then costs a search among them. Throws what the signal is aborted with.
 */
export async function namedAt(
  file: ElfFile,
  { offset, length }: FileRange,
  signal: AbortSignal | undefined,
): Promise<readonly ByteStructure[]> {
  const table = file.staticSymbols() ?? file.dynamicSymbols();
  if (table === null || length === 0) return [];
  let named = cache.get(file.version);
  if (named === undefined) {
    named = await placesOf(file, table, signal);
    if (!file.hasChanged()) cache.set(file.version, named);
  }
  const { starts, ends, reach, names } = named;
  const found: ByteStructure[] = [];
  for (let at = countBelow(starts, offset + length) - 1; at >= 0 && (reach[at] ?? 0) > offset; at -= 1) {
    const [start = 0, end = 0] = [starts[at], ends[at]];
    if (end > offset) found.push(structureOf(file.image, table.strings.at(names[at] ?? 0), start, end - start));
    if (found.length >= mostShown) break;
  }
  return found.reverse();
}

/** No more lie side by side on what is asked for at once, but for hostile files, in which they overlap. */
const mostShown = 2500;

function structureOf(image: ElfImage, name: string, start: number, length: number): ByteStructure {
  const load = image.loads.find(
    ({ offset, fileBytes }) => start >= Number(offset) && start < Number(offset + fileBytes),
  );
  const section = image.firstSections().find(candidate => {
    const { offset, sizeBytes } = sectionRange(image, candidate);
    return start >= offset && start < offset + sizeBytes;
  });
  const isCode = section === undefined ? (load?.flags ?? 0) % 2 === 1 : (section.flags & sectionFlag.execute) !== 0n;
  const kind = isCode ? 'code' : 'data';
  const address = load === undefined ? '' : ` at ${hex(load.virtualAddress + BigInt(start) - load.offset)}`;
  return plain({ kind, name, start, length, value: `${isCode ? 'function' : 'object'}${address}` });
}

/** Takes the bytes of one symbol: its name is an offset in the string table. */
type AddPlace = (start: number, end: number, name: number) => void;

async function placesOf(file: ElfFile, table: SymbolTable, signal: AbortSignal | undefined): Promise<NamedBytes> {
  const { image } = file;
  const sections = image.firstSections();
  if (sections.length === 0) return collected(table.count, add => placesBySegments(image, table, add));
  const {
    order,
    sections: numbers,
    offsets,
    sizes,
    names,
  } = await readSymbolPlaces(file, table, {
    only: undefined,
    signal,
  });
  const ranges = sections.map(section => sectionRange(image, section));
  return collected(order.length, add => {
    for (const at of order) {
      const { offset = 0, sizeBytes = 0 } = ranges[numbers[at] ?? 0] ?? {};
      const within = offsets[at] ?? 0;
      const length = Math.min(sizes[at] ?? 0, sizeBytes - within);
      if (length > 0) add(offset + within, offset + within + length, names[at] ?? 0);
    }
  });
}

/** Without sections the segments say where an address is; the tables are then those that the dynamic section tells of. */
function placesBySegments(
  { fields, header, loads }: ElfImage,
  { layout, count, block }: SymbolTable,
  add: AddPlace,
): void {
  if (header.type === objectType.relocatable) return;
  const bytes = block(0, count);
  for (let at = 0; at + layout.bytes <= bytes.length; at += layout.bytes) {
    const size = fields.word(bytes, at + layout.size);
    if (size === 0 || fields.u16(bytes, at + layout.sectionIndex) === sectionIndex.undefined) continue;
    const value = fields.bigWord(bytes, at + layout.value);
    const load = loads.find(
      ({ virtualAddress, fileBytes }) => value >= virtualAddress && value < virtualAddress + fileBytes,
    );
    if (load === undefined) continue;
    const start = Number(value - load.virtualAddress + load.offset);
    add(start, Math.min(start + size, Number(load.offset + load.fileBytes)), fields.u32(bytes, at));
  }
}

/** Sorted by their start; of two at one place the larger first, so that what is inside comes last. */
function collected(most: number, collect: (add: AddPlace) => void): NamedBytes {
  const starts = new Float64Array(most);
  const ends = new Float64Array(most);
  const names = new Uint32Array(most);
  let count = 0;
  collect((start, end, name) => {
    starts[count] = start;
    ends[count] = end;
    names[count] = name;
    count += 1;
  });
  const order = Uint32Array.from({ length: count }, (_place, at) => at);
  order.sort(
    (one, other) => (starts[one] ?? 0) - (starts[other] ?? 0) || (ends[other] ?? 0) - (ends[one] ?? 0) || one - other,
  );
  const reach = new Float64Array(count);
  let reached = 0;
  for (const [at, place] of order.entries()) {
    reached = Math.max(reached, ends[place] ?? 0);
    reach[at] = reached;
  }
  return {
    starts: Float64Array.from(order, at => starts[at] ?? 0),
    ends: Float64Array.from(order, at => ends[at] ?? 0),
    names: Uint32Array.from(order, at => names[at] ?? 0),
    reach,
  };
}

/** How many of the numbers, which ascend, are below the limit. */
function countBelow(numbers: Float64Array, limit: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((numbers[middle] ?? 0) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
