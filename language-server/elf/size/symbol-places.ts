import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ElfFile } from '../elf-file.ts';
import { machine } from '../names/machines.ts';
import type { ElfImage } from '../reader/elf-image.ts';
import { objectType } from '../reader/file-header.ts';
import { segmentType } from '../reader/program-headers.ts';
import { type Section, sectionFlag } from '../reader/section-headers.ts';
import { type SymbolTable, sectionIndex, symbolBinding, symbolType } from '../reader/symbol-table.ts';

const chunkSymbols = 8192;
const maximumSymbols = 1 << 22;

/** Symbols with a size, as numbers: there can be millions. Offsets are from the beginning of their section. */
export interface SymbolPlaces {
  readonly table: SymbolTable;
  /** Places in the arrays, by section, then by offset, the larger and the global ones first. */
  readonly order: Uint32Array;
  readonly sections: Uint32Array;
  readonly offsets: Float64Array;
  readonly sizes: Float64Array;
  /** Where their names are in the string table. */
  readonly names: Uint32Array;
}

export interface SymbolPlacesOptions {
  /** Number of the only section that is asked for. */
  readonly only: number | undefined;
  readonly signal: AbortSignal | undefined;
  /** The file whose sections are meant, where `file` is its debug file; default: `file` itself. */
  readonly of?: ElfFile;
}

/** Throws what the signal is aborted with. */
export async function readSymbolPlaces(
  file: ElfFile,
  table: SymbolTable,
  { only, signal, of = file }: SymbolPlacesOptions,
): Promise<SymbolPlaces> {
  const count = Math.min(table.count, maximumSymbols);
  const sections = new Uint32Array(count);
  const offsets = new Float64Array(count);
  const sizes = new Float64Array(count);
  const names = new Uint32Array(count);
  const ranks = new Uint8Array(count);
  const locate = createLocator(file);
  const numbers = of === file ? null : sameSections(file.image, of.image);
  let found = 0;
  for (let first = 1; first < count; first += chunkSymbols) {
    const bytes = table.block(first, Math.min(chunkSymbols, count - first));
    for (let at = 0; at < bytes.length; at += table.layout.bytes) {
      const place = locate(table, bytes, at, first + at / table.layout.bytes);
      if (place === null) continue;
      const section = numbers === null ? place.section : numbers.get(place.section);
      if (section === undefined || (only !== undefined && section !== only)) continue;
      sections[found] = section;
      offsets[found] = place.offset;
      sizes[found] = place.sizeBytes;
      names[found] = file.image.fields.u32(bytes, at);
      ranks[found] = rankOf((bytes[at + table.layout.info] ?? 0) >> 4);
      found += 1;
    }
    await nextTurn();
    signal?.throwIfAborted();
  }
  const order = Uint32Array.from({ length: found }, (_, index) => index);
  const at = (array: Uint32Array | Float64Array | Uint8Array, index: number): number => array[index] ?? 0;
  order.sort(
    (left, right) =>
      at(sections, left) - at(sections, right) ||
      at(offsets, left) - at(offsets, right) ||
      at(sizes, right) - at(sizes, left) ||
      at(ranks, left) - at(ranks, right) ||
      left - right,
  );
  return { table, order, sections, offsets, sizes, names };
}

/** The numbers of the sections of a debug file in the file that it is of: those at the same addresses, of the same sizes. */
function sameSections(debug: ElfImage, image: ElfImage): ReadonlyMap<number, number> {
  const key = ({ address, sizeBytes, flags }: Section): string =>
    `${address} ${sizeBytes} ${flags & (sectionFlag.execute | sectionFlag.tls)}`;
  const isLoaded = ({ flags }: Section): boolean => (flags & sectionFlag.alloc) !== 0n;
  const numbers = new Map(
    image.firstSections().flatMap(one => (isLoaded(one) ? [[key(one), one.index] as const] : [])),
  );
  return new Map(
    debug.firstSections().flatMap(one => {
      const number = isLoaded(one) ? numbers.get(key(one)) : undefined;
      return number === undefined ? [] : [[one.index, number] as const];
    }),
  );
}

/** Of several names for one place the global one is known best. */
function rankOf(binding: number): number {
  return binding === symbolBinding.local ? 2 : binding === symbolBinding.global ? 0 : 1;
}

interface SymbolPlace {
  readonly section: number;
  readonly offset: number;
  readonly sizeBytes: number;
}

type Locate = (table: SymbolTable, bytes: Buffer, at: number, symbol: number) => SymbolPlace | null;

function createLocator({ image }: ElfFile): Locate {
  const { fields, header } = image;
  const sections = image.firstSections();
  const isRelocatable = header.type === objectType.relocatable;
  let threadBase = 0n;
  for (const { type, virtualAddress } of image.segments) if (type === segmentType.tls) threadBase = virtualAddress;
  return (table, bytes, at, symbol) => {
    const { layout } = table;
    const sizeBytes = fields.word(bytes, at + layout.size);
    const type = (bytes[at + layout.info] ?? 0) & 15;
    if (sizeBytes === 0 || type === symbolType.section || type === symbolType.file) return null;
    const number = sectionOf(image, table, bytes, at, symbol);
    const section = number === null ? undefined : sections[number];
    if (section === undefined) return null;
    let value = fields.bigWord(bytes, at + layout.value);
    // The lowest bit of a function of ARM says that it is Thumb code.
    if (header.machine === machine.arm && isFunction(type)) value &= ~1n;
    if (!isRelocatable) {
      const isThreadOffset = type === symbolType.tls && (section.flags & sectionFlag.tls) !== 0n;
      value += (isThreadOffset ? threadBase : 0n) - section.address;
    }
    const offset = Number(value);
    return offset < 0 || offset >= Number(section.sizeBytes) ? null : { section: section.index, offset, sizeBytes };
  };
}

function isFunction(type: number): boolean {
  return type === symbolType.function || type === symbolType.gnuIfunc;
}

/** Null: in no section. */
function sectionOf(
  { fields, source }: ElfImage,
  { layout, sectionIndicesOffset }: SymbolTable,
  bytes: Buffer,
  at: number,
  symbol: number,
): number | null {
  const number = fields.u16(bytes, at + layout.sectionIndex);
  if (number === sectionIndex.extended && sectionIndicesOffset >= 0) {
    const extended = source.read(sectionIndicesOffset + 4 * symbol, 4);
    return extended.length === 4 ? fields.u32(extended, 0) : null;
  }
  return number === sectionIndex.undefined || number >= sectionIndex.reserved ? null : number;
}
