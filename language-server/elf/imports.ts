import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ByteText } from '../protocol/elf.ts';
import type { ElfFile } from './elf-file.ts';
import { createNameBudget, type NameBudget } from './reader/name-budget.ts';
import { type SymbolTable, sectionIndex } from './reader/symbol-table.ts';

/** A symbol that the file asks others for. */
export interface ImportedSymbol {
  readonly name: ByteText;
  /** Its entry of .gnu.version: the number of a version; 0 or 1: none. */
  readonly version: number;
}

const chunkSymbols = 8192;
/** Names kept at most: each needs memory, and no linker makes so many. */
const maximumImports = 1 << 20;

/** The undefined dynamic symbols. Throws what the signal is aborted with. */
export async function readImports(file: ElfFile, signal: AbortSignal | undefined): Promise<readonly ImportedSymbol[]> {
  const table = file.dynamicSymbols();
  if (table === null) return [];
  const imports: ImportedSymbol[] = [];
  const budget = createNameBudget(table.strings, file.image.findings);
  for (let first = 0; first < table.count && imports.length < maximumImports; first += chunkSymbols) {
    if (!readChunk(file, table, first, { imports, budget })) break;
    await nextTurn();
    signal?.throwIfAborted();
  }
  return imports;
}

interface Found {
  readonly imports: ImportedSymbol[];
  readonly budget: NameBudget;
}

/** False: the names are too many to go on. */
function readChunk(
  { image, versions }: ElfFile,
  table: SymbolTable,
  first: number,
  { imports, budget }: Found,
): boolean {
  const { fields, source } = image;
  const { layout, strings } = table;
  const bytes = table.block(first, chunkSymbols);
  const count = bytes.length / layout.bytes;
  const { symbolsOffset } = versions();
  const numbers = symbolsOffset < 0 ? Buffer.alloc(0) : source.read(symbolsOffset + 2 * first, 2 * count);
  for (let at = 0; at < count; at += 1) {
    const start = at * layout.bytes;
    const name = fields.u32(bytes, start);
    if (name === 0 || fields.u16(bytes, start + layout.sectionIndex) !== sectionIndex.undefined) continue;
    const version = 2 * at + 2 <= numbers.length ? fields.u16(numbers, 2 * at) & 0x7fff : 0;
    const text = strings.at(name);
    if (!budget.take(text)) return false;
    imports.push({ name: text, version });
  }
  return true;
}
