import type { ElfFile } from '../elf/elf-file.ts';
import { type SymbolTable, symbolType } from '../elf/reader/symbol-table.ts';

/** Addresses as the file has them; the end is behind the last byte. */
export interface CodeRange {
  readonly start: bigint;
  readonly end: bigint;
}

const symbolsAtOnce = 4096;

/**
 * Where a function's code is, by the symbol table; empty where there is none of the name. Parts that the compiler split off
 * (`parse.cold`, `parse.part.0`, `parse.constprop.0`) belong to it. A C++ function is named without its parameters, with its
 * namespaces and classes, and stands for all its overloads: `ns::Parser::parse`.
 */
export function functionRanges(file: ElfFile, name: string): readonly CodeRange[] {
  const table = file.staticSymbols() ?? file.dynamicSymbols();
  if (table === null) return [];
  const mangled = manglings(name);
  const found: CodeRange[] = [];
  for (const { symbol, start, size } of functionsIn(file, table)) {
    const isWanted = symbol === name || symbol.startsWith(`${name}.`) || mangled.test(symbol);
    if (isWanted && size > 0n) found.push({ start, end: start + size });
  }
  return found;
}

/** The symbols of a C++ function, up to its template arguments or parameters (Itanium C++ ABI, 5.1). */
function manglings(name: string): RegExp {
  const parts = name.split('::');
  const last = parts.at(-1) ?? '';
  const owner = parts.at(-2);
  const special = last === owner ? 'C[1-3]' : last === `~${owner}` ? 'D[0-2]' : undefined;
  const sources = parts.map(part => {
    const plain = part === '(anonymous namespace)' ? '_GLOBAL__N_1' : part;
    return `${plain.length}${escapeRegExp(plain)}`;
  });
  if (parts.length === 1) return new RegExp(`^_ZL?${sources.join('')}`, 'u');
  const own = special === undefined ? sources.join('') : `${sources.slice(0, -1).join('')}${special}`;
  return new RegExp(`^_ZNK?${own}[EI]`, 'u');
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/gu, String.raw`\$&`);
}

interface FunctionSymbol {
  readonly symbol: string;
  readonly start: bigint;
  readonly size: bigint;
}

function* functionsIn({ image }: ElfFile, { layout, count, block, strings }: SymbolTable): Generator<FunctionSymbol> {
  for (let first = 0; first < count; first += symbolsAtOnce) {
    const bytes = block(first, symbolsAtOnce);
    for (let at = 0; at + layout.bytes <= bytes.length; at += layout.bytes) {
      const type = (bytes[at + layout.info] ?? 0) & 0xf;
      if (type !== symbolType.function && type !== symbolType.gnuIfunc) continue;
      yield {
        symbol: strings.at(image.fields.u32(bytes, at)),
        start: image.fields.bigWord(bytes, at + layout.value),
        size: image.fields.bigWord(bytes, at + layout.size),
      };
    }
  }
}
