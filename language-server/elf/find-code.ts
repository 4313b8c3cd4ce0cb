import { setImmediate as nextTurn } from 'node:timers/promises';
import { encodeBytes } from '../native/byte-text.ts';
import type { DisassembledPart } from '../protocol/disassembly.ts';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import { UserError } from '../protocol/errors.ts';
import type { ElfFile } from './elf-file.ts';
import { hex } from './reader/fields.ts';
import { objectType } from './reader/file-header.ts';
import { sectionFlag, sectionType } from './reader/section-headers.ts';
import { type SymbolTable, sectionIndex, symbolType } from './reader/symbol-table.ts';

/** What is to be disassembled, and known to be there. */
export type FoundCode =
  | { readonly kind: 'all' }
  | { readonly kind: 'section'; readonly name: ByteText }
  /** Addresses `0x…`; null where the symbol's own place is not known. */
  | { readonly kind: 'symbol'; readonly name: ByteText; readonly start: string | null; readonly end: string | null };

/**
 * Looks the part up in the file. Throws UserError invalidParams for a symbol or a section that the file does not have or that
 * has no code; what the signal is aborted with.
 */
export async function findPart(
  file: ElfFile,
  path: ByteText,
  { symbol, section }: Pick<DisassembledPart, 'symbol' | 'section'>,
  signal: AbortSignal | undefined,
): Promise<FoundCode> {
  if (section !== undefined) {
    if (symbol !== undefined) {
      throw new UserError('invalidParams', 'A symbol or a section can be disassembled, not both at once.');
    }
    requireCode(file, path, section);
    return { kind: 'section', name: section };
  }
  if (symbol === undefined) return { kind: 'all' };
  const code = await findCode(file, symbol, signal);
  const named = `"${displayText(symbol)}"`;
  switch (code.kind) {
    case 'missing':
      throw new UserError('invalidParams', `${displayText(path)} has no symbol ${named}.`);
    case 'noCode':
      throw new UserError(
        'invalidParams',
        `${named} in ${displayText(path)} ${code.reason}, so there is no code to show.`,
      );
    case 'code':
      return { kind: 'symbol', name: symbol, start: code.start, end: code.end };
  }
}

/** objdump takes for code what is executable (SHF_EXECINSTR) and has bytes. */
function requireCode({ image }: ElfFile, path: ByteText, name: ByteText): void {
  const named = image.firstSections().filter(section => image.sectionName(section) === name);
  const shown = `"${displayText(name)}"`;
  if (named.length === 0) throw new UserError('invalidParams', `${displayText(path)} has no section ${shown}.`);
  if (named.some(({ flags, type }) => (flags & sectionFlag.execute) !== 0n && type !== sectionType.nobits)) return;
  throw new UserError(
    'invalidParams',
    `The section ${shown} of ${displayText(path)} holds no code (it has no flag X).`,
  );
}

export type SymbolCode =
  | { readonly kind: 'missing' }
  /** The reason goes behind the name: "is data". */
  | { readonly kind: 'noCode'; readonly reason: string }
  /** `start` is null where the symbol's address alone does not say where its code is (relocatable files). */
  | { readonly kind: 'code'; readonly start: string | null; readonly end: string | null };

const chunkSymbols = 8192;
/** Of a symbol without size: the first instructions. */
const sizeWithoutSize = 256n;

/** Where the code of a symbol is, from `.symtab`, else from `.dynsym`. Throws what the signal is aborted with. */
export async function findCode(file: ElfFile, name: ByteText, signal: AbortSignal | undefined): Promise<SymbolCode> {
  let best: SymbolCode = { kind: 'missing' };
  for (const table of [file.staticSymbols(), file.dynamicSymbols()]) {
    if (table === null) continue;
    for await (const code of codesNamed(file, table, name, signal)) {
      if (code.kind === 'code') return code;
      best = code;
    }
  }
  return best;
}

async function* codesNamed(
  file: ElfFile,
  table: SymbolTable,
  name: ByteText,
  signal: AbortSignal | undefined,
): AsyncGenerator<SymbolCode> {
  const { fields } = file.image;
  const { layout, strings } = table;
  // Names as they were shown; the bytes find the few symbols whose names are worth decoding.
  const wanted = encodeBytes(name);
  if (wanted.length === 0) return;
  strings.preload();
  for (let first = 0; first < table.count; first += chunkSymbols) {
    const bytes = table.block(first, chunkSymbols);
    for (let start = 0; start + layout.bytes <= bytes.length; start += layout.bytes) {
      const nameOffset = fields.u32(bytes, start);
      if (nameOffset !== 0 && strings.at(nameOffset) === name) yield codeOf(file, table, bytes, start);
    }
    await nextTurn();
    signal?.throwIfAborted();
  }
}

const kindsWithoutCode: ReadonlyMap<number, string> = new Map([
  [symbolType.object, 'is data'],
  [symbolType.section, 'names a section'],
  [symbolType.file, 'names a source file'],
  [symbolType.common, 'is data'],
  [symbolType.tls, 'is thread-local data'],
]);

function codeOf({ image }: ElfFile, { layout }: SymbolTable, bytes: Buffer, start: number): SymbolCode {
  const { fields, header } = image;
  if (fields.u16(bytes, start + layout.sectionIndex) === sectionIndex.undefined) {
    return { kind: 'noCode', reason: 'is imported: its code is in another file' };
  }
  const reason = kindsWithoutCode.get(bytes.readUInt8(start + layout.info) & 15);
  if (reason !== undefined) return { kind: 'noCode', reason };
  if (header.type === objectType.relocatable) return { kind: 'code', start: null, end: null };
  const value = fields.bigWord(bytes, start + layout.value);
  const size = fields.bigWord(bytes, start + layout.size);
  return { kind: 'code', start: hex(value), end: hex(value + (size === 0n ? sizeWithoutSize : size)) };
}
