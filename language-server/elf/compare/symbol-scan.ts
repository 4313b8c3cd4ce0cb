import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ComparedSymbol } from '../../protocol/compare.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { ElfFile } from '../elf-file.ts';
import { symbolBindingName, symbolTypeName } from '../names/symbol-names.ts';
import { createNameBudget } from '../reader/name-budget.ts';
import { type SymbolTable, sectionIndex, symbolBinding, symbolType } from '../reader/symbol-table.ts';

const chunkSymbols = 8192;
/** Symbols kept at most; no linker makes so many. */
const maximumSymbols = 1 << 21;

interface RawSymbol {
  readonly name: ByteText;
  readonly index: number;
  readonly info: number;
  readonly other: number;
  readonly section: number;
  readonly sizeBytes: number;
}

/** What a file offers to others, and what it asks of them, by name and version ("memcpy@@GLIBC_2.14"). */
export interface LinkedSymbols {
  readonly exports: ReadonlyMap<ByteText, ComparedSymbol>;
  readonly imports: ReadonlyMap<ByteText, ComparedSymbol>;
}

/** Reads the dynamic symbols. Throws what the signal is aborted with. */
export async function readLinkedSymbols(file: ElfFile, signal: AbortSignal | undefined): Promise<LinkedSymbols> {
  const exports = new Map<ByteText, ComparedSymbol>();
  const imports = new Map<ByteText, ComparedSymbol>();
  const table = file.dynamicSymbols();
  if (table === null) return { exports, imports };
  const { header, fields, source } = file.image;
  const { symbolsOffset, suffix } = file.versions();
  await scan(file, table, signal, symbol => {
    const binding = symbol.info >> 4;
    if (binding === symbolBinding.local || symbol.name === '') return;
    const isDefined = symbol.section !== sectionIndex.undefined;
    if (isDefined && !isVisible(symbol.other)) return;
    const number = symbolsOffset < 0 ? Buffer.alloc(0) : source.read(symbolsOffset + 2 * symbol.index, 2);
    const version = number.length < 2 ? '' : suffix(fields.u16(number, 0), isDefined);
    // Linkers define a symbol for each version that a file defines: the versions are compared by themselves.
    if (isDefined && symbol.section === sectionIndex.absolute && version === `@@${symbol.name}`) return;
    (isDefined ? exports : imports).set(symbol.name + version, {
      name: symbol.name,
      version,
      type: symbolTypeName(symbol.info & 15, header.machine, header.osAbi),
      binding: symbolBindingName(binding, header.osAbi),
      sizeBytes: symbol.sizeBytes,
    });
  });
  return { exports, imports };
}

/** Sizes of the defined functions and objects, those of one name together. */
export async function readSymbolSizes(
  file: ElfFile,
  table: SymbolTable,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<ByteText, number>> {
  const sizes = new Map<ByteText, number>();
  await scan(file, table, signal, ({ name, info, section, sizeBytes }) => {
    const type = info & 15;
    const isThing = type !== symbolType.section && type !== symbolType.file;
    if (sizeBytes === 0 || name === '' || section === sectionIndex.undefined || !isThing) return;
    sizes.set(name, (sizes.get(name) ?? 0) + sizeBytes);
  });
  return sizes;
}

/** STV_DEFAULT and STV_PROTECTED; the others are for the file itself. */
function isVisible(other: number): boolean {
  const visibility = other & 3;
  return visibility === 0 || visibility === 3;
}

async function scan(
  { image }: ElfFile,
  table: SymbolTable,
  signal: AbortSignal | undefined,
  use: (symbol: RawSymbol) => void,
): Promise<void> {
  const { fields } = image;
  const { layout, strings } = table;
  strings.preload();
  const budget = createNameBudget(strings, image.findings);
  const count = Math.min(table.count, maximumSymbols);
  for (let first = 1; first < count; first += chunkSymbols) {
    const bytes = table.block(first, Math.min(chunkSymbols, count - first));
    for (let at = 0; at < bytes.length; at += layout.bytes) {
      const name = strings.at(fields.u32(bytes, at));
      if (!budget.take(name)) return;
      use({
        name,
        index: first + at / layout.bytes,
        info: bytes[at + layout.info] ?? 0,
        other: bytes[at + layout.other] ?? 0,
        section: fields.u16(bytes, at + layout.sectionIndex),
        sizeBytes: fields.word(bytes, at + layout.size),
      });
    }
    await nextTurn();
    signal?.throwIfAborted();
  }
}
