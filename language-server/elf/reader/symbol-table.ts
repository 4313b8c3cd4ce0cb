import { type DynamicSection, dynamicTag } from './dynamic-section.ts';
import { type ElfImage, findSection, sectionRange } from './elf-image.ts';
import { type FieldReader, hex } from './fields.ts';
import { countWithin } from './record-table.ts';
import { type Section, sectionType } from './section-headers.ts';
import { createStringTable, type StringTable } from './string-table.ts';
import { countDynamicSymbols } from './symbol-count.ts';

/** A symbol table (gABI, "Symbol Table"): where it is, not its contents. Symbols are decoded from blocks of its bytes. */
export interface SymbolTable {
  readonly offset: number;
  /** Symbols that lie within the file. */
  readonly count: number;
  readonly layout: SymbolLayout;
  readonly strings: StringTable;
  /** SHT_SYMTAB_SHNDX: where 32-bit section indices are; -1: nowhere. */
  readonly sectionIndicesOffset: number;
  /**
   * The bytes of at most `count` symbols from `first` on, whole ones.
   * @param into Memory for them, as {@link ByteSource.read} takes it.
   */
  block(first: number, count: number, into?: Buffer): Buffer;
}

/** Where the fields of Elf32_Sym and Elf64_Sym are. */
export interface SymbolLayout {
  readonly bytes: number;
  readonly value: number;
  readonly size: number;
  readonly info: number;
  readonly other: number;
  readonly sectionIndex: number;
}

const layout32: SymbolLayout = { bytes: 16, value: 4, size: 8, info: 12, other: 13, sectionIndex: 14 };
const layout64: SymbolLayout = { bytes: 24, value: 8, size: 16, info: 4, other: 5, sectionIndex: 6 };

export const symbolBinding = { local: 0, global: 1, weak: 2, gnuUnique: 10 } as const;
export const symbolType = {
  none: 0,
  object: 1,
  function: 2,
  section: 3,
  file: 4,
  common: 5,
  tls: 6,
  gnuIfunc: 10,
} as const;
/** SHN_UNDEF and the reserved indices (gABI, "Special Section Indexes"). */
export const sectionIndex = {
  undefined: 0,
  reserved: 0xff00,
  absolute: 0xfff1,
  common: 0xfff2,
  extended: 0xffff,
} as const;

export function symbolLayout(fields: FieldReader): SymbolLayout {
  return fields.class === 64 ? layout64 : layout32;
}

/** `.symtab`; null where the file is stripped, or has none. */
export function openStaticSymbols(image: ElfImage): SymbolTable | null {
  const section = findSection(image, ({ type }) => type === sectionType.symbolTable);
  return section === undefined ? null : openSymbolSection(image, section);
}

/**
 * The dynamic symbols: the section SHT_DYNSYM where it is what the loader uses too, else what DT_SYMTAB leads to, counted by
 * the hash tables.
 */
export function openDynamicSymbols(image: ElfImage, dynamic: DynamicSection | null): SymbolTable | null {
  const section = findSection(image, ({ type }) => type === sectionType.dynamicSymbols);
  const offset = dynamic?.offsetOf(dynamicTag.symbolTable) ?? -1;
  if (section !== undefined && (offset < 0 || offset === Number(section.offset)))
    return openSymbolSection(image, section);
  if (dynamic === null || offset < 0 || dynamic.strings === null) return null;
  if (section !== undefined) {
    image.findings.add({
      code: 'elf/dynamic-symbols-elsewhere',
      severity: 'warning',
      message:
        'The section headers and the dynamic section disagree on where the dynamic symbols are; the loader goes by the dynamic section.',
      offset: section.headerOffset,
      expected: hex(offset),
      actual: hex(section.offset),
      evidence: { rule: 'gABI: Dynamic Section, DT_SYMTAB' },
    });
  }
  const claimed = countDynamicSymbols(image, dynamic);
  if (claimed === null) {
    image.findings.add({
      code: 'elf/symbol-count',
      severity: 'warning',
      message:
        'The number of dynamic symbols cannot be known: there are no section headers, and no hash table that can be read.',
      offset,
      evidence: { rule: 'gABI: Hash Table' },
    });
    return null;
  }
  return createSymbolTable(image, { offset, claimed, strings: dynamic.strings, sectionIndicesOffset: -1 });
}

function openSymbolSection(image: ElfImage, section: Section): SymbolTable {
  const { source, findings, fields } = image;
  const linked = image.sections.at(section.link);
  if (linked === undefined || linked.type !== sectionType.stringTable) {
    findings.add({
      code: 'elf/section-link',
      severity: 'warning',
      message: `The symbol table ${image.sectionName(section)} names no string table for its symbols (sh_link).`,
      offset: section.headerOffset,
      expected: `a string table below section ${image.sections.count}`,
      actual: String(section.link),
      evidence: { rule: 'gABI: Sections, sh_link' },
    });
  }
  const strings = createStringTable(source, findings, {
    name: linked === undefined ? 'of the symbols' : image.sectionName(linked),
    offset: linked?.type === sectionType.stringTable ? Number(linked.offset) : source.sizeBytes,
    sizeBytes: Number(linked?.sizeBytes ?? 0n),
  });
  const indices = findSection(
    image,
    ({ type, link }) => type === sectionType.symbolSectionIndices && link === section.index,
  );
  const { bytes } = symbolLayout(fields);
  if (Number(section.entryBytes) !== bytes) {
    findings.add({
      code: 'elf/symbol-size',
      severity: 'warning',
      message: `The symbol table ${image.sectionName(section)} says that a symbol has another size than symbols have (sh_entsize).`,
      offset: section.headerOffset,
      expected: String(bytes),
      actual: String(section.entryBytes),
      evidence: { rule: 'gABI: Symbol Table' },
    });
  }
  return createSymbolTable(image, {
    offset: Number(section.offset),
    claimed: Math.floor(Number(section.sizeBytes) / bytes),
    strings,
    sectionIndicesOffset: indices === undefined ? -1 : sectionRange(image, indices).offset,
  });
}

interface SymbolTablePlace {
  readonly offset: number;
  readonly claimed: number;
  readonly strings: StringTable;
  readonly sectionIndicesOffset: number;
}

function createSymbolTable(
  image: ElfImage,
  { offset, claimed, strings, sectionIndicesOffset }: SymbolTablePlace,
): SymbolTable {
  const { source, findings } = image;
  const layout = symbolLayout(image.fields);
  const count = countWithin(source.sizeBytes, offset, layout.bytes, claimed);
  if (count < claimed) {
    findings.add({
      code: 'elf/symbols-truncated',
      severity: 'error',
      message: 'A symbol table does not lie within the file: the file is truncated, or its headers are broken.',
      offset,
      expected: `${claimed} symbols`,
      actual: `${count} before the end of the file`,
      evidence: { rule: 'gABI: Symbol Table' },
    });
  }
  const block = (first: number, length: number, into?: Buffer): Buffer => {
    const wanted = Math.min(length, count - first);
    const bytes = source.read(offset + first * layout.bytes, wanted * layout.bytes, into);
    return bytes.subarray(0, bytes.length - (bytes.length % layout.bytes));
  };
  return { offset, count, layout, strings, sectionIndicesOffset, block };
}
