import type { ElfFile } from '../elf/elf-file.ts';
import { withElfFile } from '../elf/open-elf.ts';
import { type SymbolTable, symbolType } from '../elf/reader/symbol-table.ts';
import type { ByteText } from '../protocol/elf.ts';
import { UserError } from '../protocol/errors.ts';

/** What a stack needs to know of an ELF file whose code is in it. */
export interface CodeModule {
  /** The file's own address of a byte of it: what addr2line, nm and objdump call it. */
  addressOf(fileOffset: bigint): bigint;
  /** Whether a function symbol of the file, by its size, covers the address. */
  isWithinFunction(address: bigint): boolean;
}

const symbolsAtOnce = 4096;

/** Null where there is no such ELF file (any more). */
export async function readCodeModule(path: ByteText): Promise<CodeModule | null> {
  if (!path.startsWith('/')) return null;
  try {
    return await withElfFile(path, file => {
      const functions = readFunctions(file);
      const { loads } = file.image;
      return {
        addressOf(offset) {
          const load = loads.find(segment => offset >= segment.offset && offset < segment.offset + segment.fileBytes);
          return load === undefined ? offset : offset - load.offset + load.virtualAddress;
        },
        isWithinFunction: address => covers(functions, Number(address)),
      };
    });
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

/** Sorted by their starts. */
interface Functions {
  readonly starts: Float64Array;
  readonly ends: Float64Array;
}

function readFunctions(file: ElfFile): Functions {
  const table = file.staticSymbols() ?? file.dynamicSymbols();
  const found = table === null ? [] : functionsOf(file, table).sort(([a], [b]) => a - b);
  return { starts: Float64Array.from(found, ([start]) => start), ends: Float64Array.from(found, ([, end]) => end) };
}

function functionsOf({ image }: ElfFile, { layout, count, block }: SymbolTable): [start: number, end: number][] {
  const found: [start: number, end: number][] = [];
  for (let first = 0; first < count; first += symbolsAtOnce) {
    const bytes = block(first, symbolsAtOnce);
    for (let at = 0; at + layout.bytes <= bytes.length; at += layout.bytes) {
      const type = (bytes[at + layout.info] ?? 0) & 0xf;
      if (type !== symbolType.function && type !== symbolType.gnuIfunc) continue;
      const start = Number(image.fields.bigWord(bytes, at + layout.value));
      const size = Number(image.fields.bigWord(bytes, at + layout.size));
      if (size > 0) found.push([start, start + size]);
    }
  }
  return found;
}

function covers({ starts, ends }: Functions, address: number): boolean {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= address) low = middle + 1;
    else high = middle;
  }
  // Aliases share a start, and differ in size at most.
  for (let at = low - 1; at >= 0 && at >= low - 8; at -= 1) if (address < (ends[at] ?? 0)) return true;
  return false;
}
