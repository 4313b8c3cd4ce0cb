import { createPause } from '../dependencies/pause.ts';
import type { ElfFile } from '../elf/elf-file.ts';
import { withElfFile } from '../elf/open-elf.ts';
import { type SymbolTable, sectionIndex, symbolBinding, symbolType } from '../elf/reader/symbol-table.ts';
import type { ByteText } from '../protocol/elf.ts';

/** What a file gives to others and what it asks of them. */
export interface Exports {
  /** Each defined dynamic symbol with its versions: `@@V` the default one, `@V` an older one, '' none. */
  readonly defined: ReadonlyMap<ByteText, readonly string[]>;
  /** Symbols that it asks others for, with the version that it asks of each: "@V" or ''. */
  readonly undefined: ReadonlyMap<ByteText, string>;
  /** Symbols that it has for itself only: hidden or local functions and objects of `.symtab`, where it is not stripped. */
  readonly hidden: () => ReadonlySet<ByteText>;
}

const chunkSymbols = 4096;
/** Names of some hundred bytes each: no more memory than this may take. */
const maximumSymbols = 400_000;

/** Throws UserError as {@link withElfFile}, or what the signal is aborted with. */
export async function readExports(path: ByteText, signal: AbortSignal): Promise<Exports> {
  return await withElfFile(path, async file => {
    const defined = new Map<ByteText, string[]>();
    const wanted = new Map<ByteText, string>();
    const table = file.dynamicSymbols();
    if (table !== null) {
      await forEachSymbol(file, table, signal, (name, { isDefined, info, version }) => {
        const binding = info >> 4;
        if (binding === symbolBinding.local) return;
        const suffix = version === null ? '' : file.versions().suffix(version, isDefined);
        if (!isDefined) wanted.set(name, suffix);
        else defined.set(name, [...(defined.get(name) ?? []), suffix]);
      });
    }
    const hidden = await hiddenNames(file, defined, signal);
    return { defined, undefined: wanted, hidden: () => hidden };
  });
}

interface SymbolFacts {
  readonly isDefined: boolean;
  readonly info: number;
  /** Entry of .gnu.version. */
  readonly version: number | null;
}

async function hiddenNames(
  file: ElfFile,
  defined: ReadonlyMap<ByteText, unknown>,
  signal: AbortSignal,
): Promise<ReadonlySet<ByteText>> {
  const hidden = new Set<ByteText>();
  const table = file.staticSymbols();
  if (table === null) return hidden;
  await forEachSymbol(file, table, signal, (name, { isDefined, info }) => {
    const type = info & 15;
    if (isDefined && (type === symbolType.function || type === symbolType.object) && !defined.has(name))
      hidden.add(name);
  });
  return hidden;
}

async function forEachSymbol(
  { image, versions }: ElfFile,
  table: SymbolTable,
  signal: AbortSignal,
  use: (name: ByteText, facts: SymbolFacts) => void,
): Promise<void> {
  const { fields, source } = image;
  const { layout, strings } = table;
  const pause = createPause(signal);
  const { symbolsOffset } = versions();
  strings.preload();
  for (let first = 0; first < Math.min(table.count, maximumSymbols); first += chunkSymbols) {
    const bytes = table.block(first, chunkSymbols);
    const count = bytes.length / layout.bytes;
    const numbers = symbolsOffset < 0 ? Buffer.alloc(0) : source.read(symbolsOffset + 2 * first, 2 * count);
    for (let at = 0; at < count; at += 1) {
      const start = at * layout.bytes;
      const name = fields.u32(bytes, start);
      if (name === 0) continue;
      const isDefined = fields.u16(bytes, start + layout.sectionIndex) !== sectionIndex.undefined;
      const version = 2 * at + 2 <= numbers.length ? fields.u16(numbers, 2 * at) : null;
      use(strings.at(name), { isDefined, info: bytes.readUInt8(start + layout.info), version });
    }
    await pause();
  }
}
