import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ElfFile } from '../elf/elf-file.ts';
import { machine } from '../elf/names/machines.ts';
import { type SymbolTable, sectionIndex, symbolType } from '../elf/reader/symbol-table.ts';
import type { ByteText } from '../protocol/elf.ts';

/** Where a symbol is, as far as debug information is concerned. */
export type SymbolPlace =
  | { readonly kind: 'missing' }
  | { readonly kind: 'imported' }
  /** It has a value, but that is no place: a size, a source file, an offset in the memory of each thread. */
  | { readonly kind: 'noPlace' }
  | {
      readonly kind: 'place';
      readonly address: bigint;
      /** Number of the section that it is defined in. */
      readonly section: number;
    };

const chunkSymbols = 8192;
const typesWithoutPlace: ReadonlySet<number> = new Set([symbolType.file, symbolType.common, symbolType.tls]);
/** Machines that mark the address of a function by its lowest bit as code of the other instruction set (Thumb, MIPS16). */
const markingMachines: ReadonlySet<number> = new Set([machine.arm, machine.mips, machine.mipsLittleEndian]);

/** The first definition of a name in `.symtab`, else in `.dynsym`. Throws what the signal is aborted with. */
export async function findSymbol(file: ElfFile, name: ByteText, signal: AbortSignal | undefined): Promise<SymbolPlace> {
  let best: SymbolPlace = { kind: 'missing' };
  for (const table of [file.staticSymbols(), file.dynamicSymbols()]) {
    if (table === null || name === '') continue;
    table.strings.preload();
    for (let first = 0; first < table.count; first += chunkSymbols) {
      const found = searchBlock(file, table, table.block(first, chunkSymbols), name);
      if (found?.kind === 'place') return found;
      best = found ?? best;
      await nextTurn();
      signal?.throwIfAborted();
    }
  }
  return best;
}

function searchBlock(
  file: ElfFile,
  { layout, strings }: SymbolTable,
  bytes: Buffer,
  name: ByteText,
): SymbolPlace | undefined {
  const { fields } = file.image;
  let best: SymbolPlace | undefined;
  for (let at = 0; at + layout.bytes <= bytes.length; at += layout.bytes) {
    const offset = fields.u32(bytes, at);
    if (offset === 0 || strings.at(offset) !== name) continue;
    const place = placeOf(file, layout, bytes, at);
    if (place.kind === 'place') return place;
    best = place;
  }
  return best;
}

function placeOf({ image }: ElfFile, layout: SymbolTable['layout'], bytes: Buffer, at: number): SymbolPlace {
  const { fields, header } = image;
  const section = fields.u16(bytes, at + layout.sectionIndex);
  if (section === sectionIndex.undefined) return { kind: 'imported' };
  const type = (bytes[at + layout.info] ?? 0) & 15;
  if (typesWithoutPlace.has(type) || section === sectionIndex.absolute) return { kind: 'noPlace' };
  const value = fields.bigWord(bytes, at + layout.value);
  const isMarked = type === symbolType.function && markingMachines.has(header.machine);
  return { kind: 'place', address: isMarked ? value & ~1n : value, section };
}
