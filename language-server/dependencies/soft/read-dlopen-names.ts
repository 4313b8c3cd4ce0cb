import type { ByteSource } from '../../elf/reader/byte-source.ts';
import { type DynamicSection, dynamicTag, readDynamicSection } from '../../elf/reader/dynamic-section.ts';
import { type ElfImage, readElfImage, sectionRange } from '../../elf/reader/elf-image.ts';
import { readNotes } from '../../elf/reader/notes.ts';
import { sectionFlag, sectionType } from '../../elf/reader/section-headers.ts';
import { symbolLayout } from '../../elf/reader/symbol-table.ts';
import { decodeBytes } from '../../native/byte-text.ts';
import type { ByteText } from '../../protocol/elf.ts';

/** One need of `.note.dlopen`: any of the names will do. */
export interface DlopenNote {
  readonly names: readonly ByteText[];
  readonly feature: ByteText | null;
  readonly description: ByteText | null;
  readonly priority: 'required' | 'recommended' | 'suggested';
}

/** What a file may hand to dlopen(3). */
export interface DlopenNames {
  readonly notes: readonly DlopenNote[];
  /** Where notes are that are not what they should be. */
  readonly brokenNotes: readonly number[];
  /** Strings that look like names of libraries, of a file that imports dlopen. */
  readonly literals: readonly ByteText[];
}

export const noDlopenNames: DlopenNames = { notes: [], brokenNotes: [], literals: [] };

/** Reads the notes, and the constants of a file that imports dlopen. Never throws for what is in the file. */
export function readDlopenNames(source: ByteSource): DlopenNames {
  const reading = readElfImage(source);
  if (reading.kind !== 'image') return noDlopenNames;
  const { image } = reading;
  const dynamic = readDynamicSection(image);
  const literals = dynamic !== null && importsDlopen(image, dynamic) ? libraryLiterals(image) : [];
  return { ...readDlopenNotes(image), literals };
}

/** Owner and type of the notes (UAPI Group, "ELF dlopen Metadata"). */
const noteOwner = 'FDO';
const noteType = 0x407c0c0a;
const maximumNoteBytes = 64 << 10;
const maximumNames = 200;

function readDlopenNotes(image: ElfImage): Omit<DlopenNames, 'literals'> {
  const notes: DlopenNote[] = [];
  const brokenNotes: number[] = [];
  for (const { owner, type, offset, descriptorOffset, descriptorBytes } of readNotes(image)) {
    if (owner !== noteOwner || type !== noteType) continue;
    const bytes = image.source.read(descriptorOffset, Math.min(descriptorBytes, maximumNoteBytes));
    const parsed = parseNote(decodeBytes(bytes).replace(/\0+$/u, ''));
    if (parsed === null) brokenNotes.push(offset);
    else notes.push(...parsed);
  }
  return { notes: notes.slice(0, maximumNames), brokenNotes };
}

const priorities = ['required', 'recommended', 'suggested'] as const;

/** A JSON array of `{soname: [name, …], feature, description, priority}`; null where it is something else. */
function parseNote(text: string): readonly DlopenNote[] | null {
  let entries: unknown;
  try {
    entries = JSON.parse(text);
  } catch {
    return null;
  }
  if (!Array.isArray(entries)) return null;
  const notes = entries.map((entry: unknown) => toNote(entry));
  return notes.every(note => note !== null) ? notes : null;
}

function toNote(entry: unknown): DlopenNote | null {
  if (typeof entry !== 'object' || entry === null) return null;
  const fields = entry as Readonly<Record<string, unknown>>;
  const { soname, feature, description, priority } = fields;
  if (!Array.isArray(soname)) return null;
  const names = soname.filter((name: unknown) => typeof name === 'string' && name !== '' && !name.includes('\0'));
  if (names.length === 0) return null;
  return {
    names,
    feature: typeof feature === 'string' ? feature : null,
    description: typeof description === 'string' ? description : null,
    // "recommended" where nothing is said.
    priority: priorities.find(known => known === priority) ?? 'recommended',
  };
}

const functionNames = ['dlopen\0', 'dlmopen\0'];
const maximumStringsBytes = 64 << 20;
const maximumSymbols = 1 << 20;
const chunkSymbols = 4096;

/** Whether an undefined dynamic symbol has the name. First it must be in the string table, perhaps as the tail of another. */
function importsDlopen(image: ElfImage, dynamic: DynamicSection): boolean {
  const { source, fields } = image;
  const symbolsAt = dynamic.offsetOf(dynamicTag.symbolTable);
  const { strings } = dynamic;
  if (symbolsAt < 0 || strings === null) return false;
  const table = source.read(strings.offset, Math.min(strings.sizeBytes, maximumStringsBytes));
  const names = new Set(functionNames.flatMap(name => [...placesOf(table, name)]));
  if (names.size === 0) return false;
  const layout = symbolLayout(fields);
  // Undefined symbols stand before all that DT_GNU_HASH can find; the string table is where the symbols end at the latest.
  const end = strings.offset > symbolsAt ? Math.floor((strings.offset - symbolsAt) / layout.bytes) : maximumSymbols;
  for (let first = 0; first < Math.min(end, maximumSymbols); first += chunkSymbols) {
    const bytes = source.read(symbolsAt + first * layout.bytes, Math.min(chunkSymbols, end - first) * layout.bytes);
    for (let at = 0; at + layout.bytes <= bytes.length; at += layout.bytes) {
      if (names.has(fields.u32(bytes, at)) && fields.u16(bytes, at + layout.sectionIndex) === 0) return true;
    }
    if (bytes.length < layout.bytes) break;
  }
  return false;
}

function* placesOf(bytes: Buffer, text: string): Generator<number> {
  for (let at = bytes.indexOf(text, 0, 'latin1'); at >= 0; at = bytes.indexOf(text, at + 1, 'latin1')) yield at;
}

const maximumConstantBytes = 32 << 20;
const chunkBytes = 1 << 20;
/** Longer strings are no names of libraries. */
const maximumLiteralBytes = 512;

/** Whole strings of the read-only data that name a shared library: `libz.so.1`, `/opt/x/libx.so`, `$ORIGIN/libx.so`. */
function libraryLiterals(image: ElfImage): readonly ByteText[] {
  const found = new Set<ByteText>();
  let left = maximumConstantBytes;
  for (const section of image.firstSections()) {
    const isConstant = section.type === sectionType.progbits && (section.flags & sectionFlag.alloc) !== 0n;
    if (!isConstant || (section.flags & (sectionFlag.write | sectionFlag.execute)) !== 0n) continue;
    const { offset, sizeBytes } = sectionRange(image, section);
    for (let done = 0; done < sizeBytes && left > 0 && found.size < maximumNames; done += chunkBytes) {
      // Each chunk begins a little before the end of the one before, so that no string is cut.
      const start = Math.max(0, done - maximumLiteralBytes);
      const bytes = image.source.read(offset + start, Math.min(sizeBytes, done + chunkBytes) - start);
      left -= bytes.length;
      for (const literal of literalsIn(bytes)) if (found.size < maximumNames) found.add(literal);
    }
  }
  return [...found];
}

function* literalsIn(bytes: Buffer): Generator<ByteText> {
  for (let at = bytes.indexOf('.so'); at >= 0; ) {
    const end = bytes.indexOf(0, at);
    if (end < 0) return;
    const start = bytes.lastIndexOf(0, at) + 1;
    if (end - start <= maximumLiteralBytes) {
      const text = bytes.toString('latin1', start, end);
      if (isLibraryName(text)) yield text;
    }
    // Each string once, however often it has the letters.
    at = bytes.indexOf('.so', end);
  }
}

/** Neither spaces nor `%`: a format is no name. In steps of which each takes time in proportion, whatever the text is. */
function isLibraryName(text: string): boolean {
  if (!/^[\w+.@~${}/-]+$/u.test(text)) return false;
  const name = text.slice(text.lastIndexOf('/') + 1);
  const suffix = name.indexOf('.so', 4);
  return suffix >= 0 && /^lib[\w+.-]+$/u.test(name) && /^(?:\.[\w.]+)?$/u.test(name.slice(suffix + 3));
}
