import { setImmediate as nextTurn } from 'node:timers/promises';
import { decodeBytes } from '../../native/byte-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { ElfFile } from '../elf-file.ts';
import { compilersOf, sectionNamed } from '../identity.ts';
import { dynamicTag } from '../reader/dynamic-section.ts';
import { maximumScannedSections, sectionRange } from '../reader/elf-image.ts';
import { type SymbolTable, sectionIndex } from '../reader/symbol-table.ts';
import { createLanguageDetector, type LanguageDetector, type LanguageReport } from './language-detector.ts';

export interface LanguageLimits {
  /** How many symbols of each table are looked at, the first of them; most languages show in the first thousand. */
  readonly symbols: number;
  /** How much of `.rodata` is searched for texts of Cython and Rust, in bytes; 0: nothing. */
  readonly stringBytes: number;
}

/** For an overview: some 100 KB are read at most. */
export const quickLanguageLimits: LanguageLimits = { symbols: 2000, stringBytes: 0 };
/** All that can be told. */
export const fullLanguageLimits: LanguageLimits = { symbols: 1 << 22, stringBytes: 64 << 20 };

const chunkSymbols = 4096;
const chunkBytes = 1 << 20;

/** Looks at the names of a file. Throws what the signal is aborted with. */
export async function readLanguages(
  file: ElfFile,
  limits: LanguageLimits,
  signal?: AbortSignal,
): Promise<LanguageReport> {
  const detector = createLanguageDetector();
  for (const table of [file.dynamicSymbols(), file.staticSymbols()]) {
    const count = Math.min(table?.count ?? 0, limits.symbols);
    for (let first = 0; table !== null && first < count; first += chunkSymbols) {
      addSymbols(file, table, first, Math.min(chunkSymbols, count - first), detector);
      await pause(signal);
    }
  }
  await addStrings(file, limits.stringBytes, detector, signal);
  return detector.report({
    fileName: file.path.slice(file.path.lastIndexOf('/') + 1),
    comments: compilersOf(file.image),
    sectionNames: sectionNames(file),
    needed: file.dynamic()?.names(dynamicTag.needed) ?? [],
  });
}

function addSymbols(
  { image }: ElfFile,
  { layout, strings, block }: SymbolTable,
  first: number,
  count: number,
  detector: LanguageDetector,
): void {
  const defined: ByteText[] = [];
  const others: ByteText[] = [];
  const bytes = block(first, count);
  for (let at = 0; at + layout.bytes <= bytes.length; at += layout.bytes) {
    const name = image.fields.u32(bytes, at);
    if (name === 0) continue;
    const isDefined = image.fields.u16(bytes, at + layout.sectionIndex) !== sectionIndex.undefined;
    (isDefined ? defined : others).push(strings.at(name));
  }
  detector.addDefined(defined);
  detector.addUndefined(others);
}

async function addStrings(
  { image }: ElfFile,
  limit: number,
  detector: LanguageDetector,
  signal: AbortSignal | undefined,
): Promise<void> {
  const section = limit === 0 ? undefined : sectionNamed(image, '.rodata');
  if (section === undefined) return;
  const { offset, sizeBytes } = sectionRange(image, section);
  const end = Math.min(sizeBytes, limit);
  for (let at = 0; at < end; at += chunkBytes) {
    // A text that is cut in two here is missed; what is looked for stands in a file many times, or in short tables.
    const bytes = image.source.read(offset + at, Math.min(chunkBytes, end - at));
    detector.addStrings(textsIn(bytes));
    await pause(signal);
  }
}

const minimumTextBytes = 6;
const maximumTextBytes = 300;

/** Texts that end with NUL; Rust's have no end, so that longer ones are cut. */
function textsIn(bytes: Buffer): readonly ByteText[] {
  const texts: ByteText[] = [];
  for (let at = 0; at < bytes.length; ) {
    const found = bytes.indexOf(0, at);
    const end = found < 0 ? bytes.length : found;
    for (let start = at; end - start >= minimumTextBytes; start += maximumTextBytes) {
      texts.push(decodeBytes(bytes.subarray(start, Math.min(end, start + maximumTextBytes))));
    }
    at = end + 1;
  }
  return texts;
}

function sectionNames({ image }: ElfFile): readonly ByteText[] {
  const names = new Set<ByteText>();
  for (const section of image.sections) {
    if (section.index >= maximumScannedSections) break;
    names.add(image.sectionName(section));
  }
  return [...names];
}

async function pause(signal: AbortSignal | undefined): Promise<void> {
  await nextTurn();
  signal?.throwIfAborted();
}
