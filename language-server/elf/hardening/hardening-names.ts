import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ByteText } from '../../protocol/elf.ts';
import type { ElfFile } from '../elf-file.ts';
import { createNameBudget } from '../reader/name-budget.ts';
import { type SymbolTable, sectionIndex } from '../reader/symbol-table.ts';

const chunkSymbols = 8192;
const maximumNames = 1 << 20;
/** String tables that are searched as a whole. */
const maximumTableBytes = 64 << 20;

/** Names of the undefined symbols of `.symtab`, for files that are not linked yet. Throws what the signal is aborted with. */
export async function undefinedNames(
  { image }: ElfFile,
  table: SymbolTable,
  signal: AbortSignal | undefined,
): Promise<ReadonlySet<ByteText>> {
  const { fields } = image;
  const names = new Set<ByteText>();
  const budget = createNameBudget(table.strings, image.findings);
  for (let first = 0; first < table.count && names.size < maximumNames; first += chunkSymbols) {
    const bytes = table.block(first, chunkSymbols);
    for (let at = 0; at < bytes.length; at += table.layout.bytes) {
      const offset = fields.u32(bytes, at);
      if (offset === 0 || fields.u16(bytes, at + table.layout.sectionIndex) !== sectionIndex.undefined) continue;
      const name = table.strings.at(offset);
      if (!budget.take(name)) return names;
      names.add(name);
    }
    await nextTurn();
    signal?.throwIfAborted();
  }
  return names;
}

/** Finds names among those of all symbols, defined or not, by a search over the string tables. */
export interface NameFinder {
  /** Whether there is a table of symbols at all. */
  readonly hasNames: boolean;
  /** The first name that begins so; `exact`: that is so. Null: none. */
  find(beginning: string, exact?: 'exact'): ByteText | null;
}

export function createNameFinder(file: ElfFile): NameFinder {
  const tables = [file.dynamicSymbols(), file.staticSymbols()].flatMap(symbols => {
    if (symbols === null || symbols.count <= 1 || symbols.strings.sizeBytes > maximumTableBytes) return [];
    const bytes = symbols.strings.whole();
    return bytes === null ? [] : [bytes];
  });
  return {
    hasNames: tables.length > 0,
    find(beginning, exact) {
      for (const bytes of tables) {
        const at = bytes.indexOf(`\0${beginning}${exact === undefined ? '' : '\0'}`, 0, 'latin1');
        if (at < 0) continue;
        const end = bytes.indexOf(0, at + 1);
        return bytes.toString('latin1', at + 1, Math.min(end < 0 ? bytes.length : end, at + 256));
      }
      return null;
    },
  };
}
