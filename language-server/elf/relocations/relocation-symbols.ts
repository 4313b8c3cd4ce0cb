import type { ByteText } from '../../protocol/elf.ts';
import type { ElfFile } from '../elf-file.ts';
import { findSection, sectionRange } from '../reader/elf-image.ts';
import { countWithin } from '../reader/record-table.ts';
import { sectionType } from '../reader/section-headers.ts';
import { corruptName, createStringTable, type StringTable } from '../reader/string-table.ts';
import { sectionIndex, symbolLayout, symbolType } from '../reader/symbol-table.ts';
import type { RelocationSection } from './relocation-sections.ts';

/** The symbols that the relocations of one section name by their numbers. */
export interface RelocationSymbols {
  /** Name with its version; of a section's symbol, the name of the section. Empty for number 0. */
  name(index: number): ByteText;
  /** Reads the names in one go, for one who is about to ask for most of them. */
  preload(): void;
}

interface Place {
  readonly offset: number;
  readonly count: number;
  readonly strings: StringTable;
  /** Where 32-bit section numbers are (SHT_SYMTAB_SHNDX); -1: nowhere. */
  readonly sectionNumbers: number;
  readonly isDynamic: boolean;
}

/** Null where the section names no symbol table; its relocations then have none. */
export function openRelocationSymbols(file: ElfFile, section: RelocationSection): RelocationSymbols | null {
  const place = section.symbolSection < 0 ? dynamicPlace(file) : sectionPlace(file, section.symbolSection);
  return place === null ? null : createSymbols(file, section, place);
}

function dynamicPlace(file: ElfFile): Place | null {
  const table = file.dynamicSymbols();
  if (table === null) return null;
  return { offset: table.offset, count: table.count, strings: table.strings, sectionNumbers: -1, isDynamic: true };
}

function sectionPlace({ image }: ElfFile, index: number): Place | null {
  const section = image.sections.at(index);
  const isDynamic = section?.type === sectionType.dynamicSymbols;
  if (section === undefined || (section.type !== sectionType.symbolTable && !isDynamic)) return null;
  const { bytes } = symbolLayout(image.fields);
  const { offset, sizeBytes } = sectionRange(image, section);
  const linked = image.sections.at(section.link);
  const strings = createStringTable(image.source, image.findings, {
    name: linked === undefined ? 'of the symbols' : image.sectionName(linked),
    ...(linked?.type === sectionType.stringTable ? sectionRange(image, linked) : { offset: 0, sizeBytes: 0 }),
  });
  const numbers = findSection(image, ({ type, link }) => type === sectionType.symbolSectionIndices && link === index);
  return {
    offset,
    count: countWithin(image.source.sizeBytes, offset, bytes, Math.floor(sizeBytes / bytes)),
    strings,
    sectionNumbers: numbers === undefined ? -1 : sectionRange(image, numbers).offset,
    isDynamic,
  };
}

function createSymbols(file: ElfFile, section: RelocationSection, place: Place): RelocationSymbols {
  const { image, versions } = file;
  const { source, fields, findings } = image;
  const layout = symbolLayout(fields);
  const number = (offset: number, length: 2 | 4): number | undefined => {
    const bytes = source.read(offset, length);
    if (bytes.length < length) return undefined;
    return length === 2 ? fields.u16(bytes, 0) : fields.u32(bytes, 0);
  };
  const versionOf = (index: number, isDefined: boolean): string => {
    if (!place.isDynamic) return '';
    const { symbolsOffset, suffix } = versions();
    const version = symbolsOffset < 0 ? undefined : number(symbolsOffset + 2 * index, 2);
    return version === undefined ? '' : suffix(version, isDefined);
  };
  const sectionNameAt = (index: number, claimed: number): ByteText => {
    const isExtended = claimed === sectionIndex.extended && place.sectionNumbers >= 0;
    const real = isExtended ? (number(place.sectionNumbers + 4 * index, 4) ?? claimed) : claimed;
    const target = image.sections.at(real);
    return target === undefined ? `<section 0x${real.toString(16)}>` : image.sectionName(target);
  };
  const name = (index: number): ByteText => {
    if (index === 0) return '';
    const bytes = index < place.count ? source.read(place.offset + index * layout.bytes, layout.bytes) : undefined;
    if (bytes === undefined || bytes.length < layout.bytes) {
      findings.add({
        code: 'elf/relocation-symbol',
        severity: 'warning',
        message: `A relocation in ${section.name} names a symbol that its symbol table does not have.`,
        offset: section.offset,
        expected: `less than ${place.count}`,
        actual: String(index),
        evidence: { rule: 'gABI: Relocation, r_info' },
      });
      return corruptName;
    }
    const nameOffset = fields.u32(bytes, 0);
    const definedIn = fields.u16(bytes, layout.sectionIndex);
    const type = bytes.readUInt8(layout.info) & 15;
    if (nameOffset === 0 && type === symbolType.section) return sectionNameAt(index, definedIn);
    return place.strings.at(nameOffset) + versionOf(index, definedIn !== sectionIndex.undefined);
  };
  return { name, preload: () => place.strings.preload() };
}
