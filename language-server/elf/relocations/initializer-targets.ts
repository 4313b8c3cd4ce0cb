import type { ByteText } from '../../protocol/elf.ts';
import type { ElfFile } from '../elf-file.ts';
import { machine } from '../names/machines.ts';
import { objectType } from '../reader/file-header.ts';
import type { InitializerArray } from '../reader/initializers.ts';
import { type SymbolTable, sectionIndex, symbolType } from '../reader/symbol-table.ts';
import { openRelocations } from './open-relocations.ts';
import type { RelocationBlock } from './relocation-block.ts';
import { type RelocationSection, relocationSections } from './relocation-sections.ts';
import { openRelocationSymbols } from './relocation-symbols.ts';

/** Where one pointer leads. */
export interface InitializerTarget {
  /** Address of the function, in a relocatable file its offset in its section; null: the loader finds it by its name. */
  readonly address: bigint | null;
  /** Name of the function; empty where no symbol tells it. */
  readonly symbol: ByteText;
}

/** A pointer before it is looked up: what is stored, or what a relocation puts there. */
interface Pointer {
  address: bigint | null;
  symbol: ByteText;
  /** In a relocatable file: number of the section that `address` is an offset in; else -1. */
  section: number;
}

const chunkRelocations = 8192;
const chunkSymbols = 8192;

/**
 * What the pointers of an array lead to. In position-independent files the loader writes them by relocations, and what stands
 * in the file may be nothing.
 */
export function initializerTargets(file: ElfFile, array: InitializerArray): readonly InitializerTarget[] {
  const pointers = storedPointers(file, array);
  if (array.function === null) applyRelocations(file, array, pointers);
  nameFunctions(file, pointers);
  return pointers.map(({ address, symbol }) => ({ address, symbol }));
}

function storedPointers({ image }: ElfFile, array: InitializerArray): Pointer[] {
  const { fields, source } = image;
  if (array.function !== null) return [{ address: array.function, symbol: '', section: -1 }];
  const bytes = array.offset < 0 ? Buffer.alloc(0) : source.read(array.offset, array.count * fields.wordBytes);
  return Array.from({ length: array.count }, (_, index) => {
    const at = index * fields.wordBytes;
    const address = at + fields.wordBytes <= bytes.length ? fields.bigWord(bytes, at) : null;
    return { address, symbol: '', section: -1 };
  });
}

function applyRelocations(file: ElfFile, array: InitializerArray, pointers: Pointer[]): void {
  const { image } = file;
  for (const section of relocationSections(image, file.dynamic())) {
    // In an object file offsets are of one section only.
    if (array.section !== 0 && section.targetSection !== array.section) continue;
    const list = openRelocations(image, section);
    for (let first = 0; first < list.count; first += chunkRelocations) {
      const block = list.block(first, chunkRelocations);
      for (const [index, at] of placesWithin(file, array, block)) {
        const pointer = pointers[index];
        if (pointer !== undefined)
          relocate(file, section, pointer, block.symbols[at] ?? 0, block.addends?.[at] ?? null);
      }
    }
  }
}

/** Which of the relocations are for which pointer of the array. */
function* placesWithin(
  { image }: ElfFile,
  array: InitializerArray,
  { count, offsets }: RelocationBlock,
): Generator<readonly [index: number, at: number]> {
  const word = BigInt(image.fields.wordBytes);
  const end = array.address + BigInt(array.count) * word;
  for (let at = 0; at < count; at += 1) {
    const offset = offsets[at] ?? 0n;
    if (offset >= array.address && offset < end) yield [Number((offset - array.address) / word), at];
  }
}

function relocate(
  file: ElfFile,
  section: RelocationSection,
  pointer: Pointer,
  symbol: number,
  addend: bigint | null,
): void {
  const added = addend ?? pointer.address ?? 0n;
  if (symbol === 0) {
    pointer.address = BigInt.asUintN(8 * file.image.fields.wordBytes, added);
    return;
  }
  const target = sectionSymbol(file, section, symbol);
  if (target === null) {
    pointer.symbol = openRelocationSymbols(file, section)?.name(symbol) ?? '';
    pointer.address = null;
    return;
  }
  pointer.section = target;
  pointer.address = added;
}

/** The number of the section that a symbol stands for; null: it is a symbol with a name. */
function sectionSymbol({ image, staticSymbols }: ElfFile, section: RelocationSection, symbol: number): number | null {
  const table = staticSymbols();
  if (table === null || section.symbolSection < 0) return null;
  const { fields } = image;
  const bytes = table.block(symbol, 1);
  if (bytes.length < table.layout.bytes || (bytes.readUInt8(table.layout.info) & 15) !== symbolType.section)
    return null;
  return fields.u16(bytes, table.layout.sectionIndex);
}

/** Gives each pointer the name of the function that begins there. */
function nameFunctions(file: ElfFile, pointers: readonly Pointer[]): void {
  // Thumb functions have odd addresses.
  const mask = file.image.header.machine === machine.arm ? ~1n : ~0n;
  const key = (section: number, address: bigint): string => `${section}:${address & mask}`;
  const wanted = new Map<string, ByteText>();
  for (const { address, symbol, section } of pointers) {
    if (address !== null && symbol === '') wanted.set(key(section, address), '');
  }
  if (wanted.size === 0) return;
  for (const table of [file.staticSymbols(), file.dynamicSymbols()]) {
    if (table !== null) findNames(file, table, wanted, key);
  }
  for (const pointer of pointers) {
    if (pointer.address !== null && pointer.symbol === '') {
      pointer.symbol = wanted.get(key(pointer.section, pointer.address)) ?? '';
    }
  }
}

const functionTypes: ReadonlySet<number> = new Set([symbolType.none, symbolType.function, symbolType.gnuIfunc]);

function findNames(
  { image }: ElfFile,
  { layout, strings, count, block }: SymbolTable,
  wanted: Map<string, ByteText>,
  key: (section: number, address: bigint) => string,
): void {
  const { fields } = image;
  const isRelocatable = image.header.type === objectType.relocatable;
  for (let first = 0; first < count; first += chunkSymbols) {
    const bytes = block(first, chunkSymbols);
    for (let at = 0; at + layout.bytes <= bytes.length; at += layout.bytes) {
      const section = fields.u16(bytes, at + layout.sectionIndex);
      if (section === sectionIndex.undefined || !functionTypes.has(bytes.readUInt8(at + layout.info) & 15)) continue;
      const place = key(isRelocatable ? section : -1, fields.bigWord(bytes, at + layout.value));
      const name = fields.u32(bytes, at);
      // The first name is taken; mapping symbols of Arm ("$t") are none.
      if (name === 0 || wanted.get(place) !== '') continue;
      const text = strings.at(name);
      if (!text.startsWith('$')) wanted.set(place, text);
    }
  }
}
