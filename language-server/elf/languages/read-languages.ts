import { setImmediate as nextTurn } from 'node:timers/promises';
import { decodeBytes } from '../../native/byte-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { ElfFile } from '../elf-file.ts';
import { compilersOf, sectionNamed } from '../identity.ts';
import { dynamicTag } from '../reader/dynamic-section.ts';
import { type ElfImage, maximumScannedSections, sectionRange } from '../reader/elf-image.ts';
import { type SymbolTable, sectionIndex } from '../reader/symbol-table.ts';
import { goCompiler } from './go-build-info.ts';
import { createLanguageDetector, type LanguageDetector, type LanguageReport } from './language-detector.ts';

export interface LanguageLimits {
  /** How many symbols of each table are looked at, the first of them; most languages show in the first thousand. */
  readonly symbols: number;
  /** How much of each table of names is read, from its beginning; names behind are left out. In bytes. */
  readonly nameBytes: number;
  /** How much of `.rodata` is searched for texts of Cython and Rust, in bytes; 0: nothing. */
  readonly stringBytes: number;
  /** The same for a module of Python in which no language shows: stripped Cython has its texts only. */
  readonly moduleStringBytes: number;
  /** `.symtab` is looked at only where nothing else tells a language for certain. */
  readonly isThrifty: boolean;
}

/** For an overview: well under 1 MB is read. */
export const quickLanguageLimits: LanguageLimits = {
  symbols: 8192,
  nameBytes: 192 << 10,
  stringBytes: 0,
  moduleStringBytes: 256 << 10,
  isThrifty: true,
};
/** For one who waits for a file, but not for the last of a million symbols. */
export const inspectionLimits: LanguageLimits = {
  symbols: 1 << 16,
  nameBytes: 16 << 20,
  stringBytes: 0,
  moduleStringBytes: 16 << 20,
  isThrifty: false,
};
/** All that can be told. */
export const fullLanguageLimits: LanguageLimits = {
  symbols: 1 << 22,
  nameBytes: Number.POSITIVE_INFINITY,
  stringBytes: 64 << 20,
  moduleStringBytes: 64 << 20,
  isThrifty: false,
};

const chunkSymbols = 4096;
const chunkBytes = 1 << 20;

/** Looks at the names of a file. Throws what the signal is aborted with. */
export async function readLanguages(
  file: ElfFile,
  limits: LanguageLimits,
  signal?: AbortSignal,
): Promise<LanguageReport> {
  const detector = createLanguageDetector();
  const context = {
    fileName: file.path.slice(file.path.lastIndexOf('/') + 1),
    comments: compilersOf(file.image),
    sectionNames: sectionNames(file),
    needed: file.dynamic()?.names(dynamicTag.needed) ?? [],
  };
  await addTable(file, file.dynamicSymbols(), limits, detector, signal);
  const isTold = limits.isThrifty && isCertain(detector.report(context));
  if (!isTold) await addTable(file, file.staticSymbols(), limits, detector, signal);
  const go = goCompiler(file.image);
  const report = (): LanguageReport => {
    const told = detector.report(context);
    return go === null ? told : { ...told, compilers: [go, ...told.compilers] };
  };
  const first = report();
  const isSilentModule = first.extension?.kind === 'python' && !isCertain(first);
  const stringBytes = Math.max(limits.stringBytes, isSilentModule ? limits.moduleStringBytes : 0);
  if (stringBytes === 0) return first;
  await addStrings(file, stringBytes, detector, signal);
  return report();
}

function isCertain({ languages }: LanguageReport): boolean {
  return languages.some(({ certainty }) => certainty === 'certain');
}

async function addTable(
  { image }: ElfFile,
  table: SymbolTable | null,
  limits: LanguageLimits,
  detector: LanguageDetector,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (table === null) return;
  const nameAt = nameReader(image, table, limits.nameBytes);
  const count = Math.min(table.count, limits.symbols);
  for (let first = 0; first < count; first += chunkSymbols) {
    addSymbols(image, table.layout, table.block(first, Math.min(chunkSymbols, count - first)), nameAt, detector);
    await pause(signal);
  }
}

/** Names one by one are a page of the file each: those of a part are read at once. Null: it is not in that part. */
function nameReader(
  { source }: ElfImage,
  { strings }: SymbolTable,
  maximumBytes: number,
): (offset: number) => ByteText | null {
  if (strings.sizeBytes > maximumBytes) {
    const part = source.read(strings.offset, maximumBytes);
    return offset => {
      const end = part.indexOf(0, offset);
      return end < 0 ? null : decodeBytes(part.subarray(offset, end));
    };
  }
  strings.preload();
  return strings.at;
}

function addSymbols(
  { fields }: ElfImage,
  layout: SymbolTable['layout'],
  bytes: Buffer,
  nameAt: (offset: number) => ByteText | null,
  detector: LanguageDetector,
): void {
  const defined: ByteText[] = [];
  const others: ByteText[] = [];
  for (let at = 0; at + layout.bytes <= bytes.length; at += layout.bytes) {
    const offset = fields.u32(bytes, at);
    const name = offset === 0 ? null : nameAt(offset);
    if (name === null) continue;
    const isDefined = fields.u16(bytes, at + layout.sectionIndex) !== sectionIndex.undefined;
    (isDefined ? defined : others).push(name);
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
