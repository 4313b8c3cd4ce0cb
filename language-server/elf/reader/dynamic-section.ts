import type { ByteText } from '../../protocol/elf.ts';
import { type DynamicEntries, decodeDynamicEntries } from './dynamic-entries.ts';
import { type ElfImage, findSection, lastSegment, sectionRange } from './elf-image.ts';
import { hex } from './fields.ts';
import { type Segment, segmentType } from './program-headers.ts';
import { countWithin } from './record-table.ts';
import { sectionFlag, sectionType } from './section-headers.ts';
import { createStringTable, type StringTable } from './string-table.ts';

export interface DynamicSection {
  /** Offset in the file. */
  readonly offset: number;
  readonly entries: DynamicEntries;
  /** Whether there was a DT_NULL: else entries may be missing, and that one is not there says nothing. */
  readonly isComplete: boolean;
  /** The string table of DT_STRTAB; null where there is none within the file. */
  readonly strings: StringTable | null;
  /** Value of the last entry of a tag, which is the one that glibc uses (`elf_get_dynamic_info`). */
  value(tag: number): bigint | undefined;
  /** Offset in the file of what an entry's address leads to; -1 where there is no such entry or it leads nowhere. */
  offsetOf(tag: number): number;
  /** The strings that all entries of a tag name, in their order. */
  names(tag: number): readonly ByteText[];
}

/** `d_tag` of the entries that this reader itself acts on. */
export const dynamicTag = {
  null: 0,
  needed: 1,
  pltRelocationsBytes: 2,
  pltGlobalOffsets: 3,
  hash: 4,
  stringTable: 5,
  symbolTable: 6,
  rela: 7,
  relaBytes: 8,
  relaEntryBytes: 9,
  stringTableBytes: 10,
  symbolBytes: 11,
  init: 12,
  fini: 13,
  soname: 14,
  rpath: 15,
  rel: 17,
  relBytes: 18,
  relEntryBytes: 19,
  pltRelocationsKind: 20,
  debug: 21,
  textRelocations: 22,
  pltRelocations: 23,
  bindNow: 24,
  initArray: 25,
  finiArray: 26,
  initArrayBytes: 27,
  finiArrayBytes: 28,
  runpath: 29,
  flags: 30,
  preinitArray: 32,
  preinitArrayBytes: 33,
  relrBytes: 35,
  relr: 36,
  relrEntryBytes: 37,
  gnuHash: 0x6ffffef5,
  config: 0x6ffffefa,
  dependencyAudit: 0x6ffffefb,
  audit: 0x6ffffefc,
  versionSymbols: 0x6ffffff0,
  flags1: 0x6ffffffb,
  versionDefinitions: 0x6ffffffc,
  versionDefinitionCount: 0x6ffffffd,
  versionNeeds: 0x6ffffffe,
  versionNeedCount: 0x6fffffff,
  mipsSymbolCount: 0x70000011,
  auxiliary: 0x7ffffffd,
  used: 0x7ffffffe,
  filter: 0x7fffffff,
} as const;

/** DF_TEXTREL, DF_BIND_NOW of DT_FLAGS; DF_1_NOW, DF_1_PIE of DT_FLAGS_1. */
export const dynamicFlag = { textRelocations: 4n, bindNow: 8n } as const;
export const dynamicFlag1 = { now: 1n, pie: 0x08000000n } as const;

/** The linkers make some dozens; a broken file could fill itself with them. */
const maximumEntries = 1 << 16;

/** Null where the file has none, or, as a separate debug file, has only its header but not its bytes. */
export function readDynamicSection(image: ElfImage): DynamicSection | null {
  const place = locate(image);
  if (place === null) return null;
  const entries = readEntries(image, place);
  if (place.segment !== null && !isConsistent(entries) && liesOverNoBits(image, place.segment)) return null;
  if (!entries.isTerminated) addUnterminated(image, place, entries.count);
  const { value } = entries;
  const offsetOf = (tag: number): number => {
    const address = value(tag);
    return address === undefined ? -1 : image.offsetOfAddress(address);
  };
  const strings = openStrings(image, value, offsetOf);
  const names = (tag: number): readonly ByteText[] =>
    strings === null ? [] : entries.values(tag).map(index => strings.at(Number(index)));
  return { offset: place.offset, entries, isComplete: entries.isTerminated, strings, value, offsetOf, names };
}

interface Place {
  readonly offset: number;
  readonly sizeBytes: number;
  /** Null: found by its section. */
  readonly segment: Segment | null;
}

function locate(image: ElfImage): Place | null {
  // As glibc has it, the last one counts.
  const segment = lastSegment(image, segmentType.dynamic);
  if (segment === undefined) {
    const section = findSection(image, ({ type }) => type === sectionType.dynamic);
    return section === undefined ? null : { ...sectionRange(image, section), segment: null };
  }
  if (segment.fileBytes === 0n) return null;
  const mapped = image.offsetOfAddress(segment.virtualAddress);
  const offset = Number(segment.offset);
  if (mapped >= 0 && mapped !== offset) {
    image.findings.add({
      code: 'elf/dynamic-offset',
      severity: 'warning',
      message: 'The dynamic section is not at the offset that its program header says; the loader goes by the address.',
      offset: segment.headerOffset,
      expected: hex(mapped),
      actual: hex(offset),
      evidence: { rule: 'glibc elf/dl-load.c: PT_DYNAMIC' },
    });
  }
  return { offset: mapped >= 0 ? mapped : offset, sizeBytes: Number(segment.fileBytes), segment };
}

/**
 * Ends, and has what each dynamic section must have (gABI, "Dynamic Array Tags": mandatory). Then there is no need to ask the
 * section headers, which are far away in the file.
 */
function isConsistent(entries: DynamicEntries): boolean {
  return entries.isTerminated && entries.has(dynamicTag.stringTable) && entries.has(dynamicTag.symbolTable);
}

/** `objcopy --only-keep-debug` keeps the program headers and turns the sections that they cover into NOBITS. */
function liesOverNoBits(image: ElfImage, segment: Segment): boolean {
  const section = findSection(
    image,
    ({ address, type, flags, sizeBytes }) =>
      address === segment.virtualAddress &&
      (type === sectionType.nobits || type === sectionType.dynamic) &&
      (flags & sectionFlag.alloc) !== 0n &&
      (flags & sectionFlag.tls) === 0n &&
      sizeBytes > 0n,
  );
  return section?.type === sectionType.nobits;
}

function readEntries({ source, fields }: ElfImage, { offset, sizeBytes }: Place): DynamicEntries {
  const entryBytes = 2 * fields.wordBytes;
  const claimed = Math.floor(sizeBytes / entryBytes);
  const count = Math.min(countWithin(source.sizeBytes, offset, entryBytes, claimed), maximumEntries);
  return decodeDynamicEntries(fields, source.read(offset, count * entryBytes));
}

function addUnterminated({ findings }: ElfImage, { offset, sizeBytes }: Place, count: number): void {
  findings.add({
    code: 'elf/dynamic-unterminated',
    severity: 'error',
    message: 'The dynamic section does not end with a DT_NULL entry: the file is truncated or broken.',
    offset,
    expected: `DT_NULL within ${sizeBytes} bytes`,
    actual: `${count} entries`,
    evidence: { rule: 'gABI: Dynamic Section' },
  });
}

function openStrings(
  image: ElfImage,
  value: (tag: number) => bigint | undefined,
  offsetOf: (tag: number) => number,
): StringTable | null {
  const address = value(dynamicTag.stringTable);
  if (address === undefined) return null;
  const sizeBytes = Number(value(dynamicTag.stringTableBytes) ?? 0n);
  const mapped = offsetOf(dynamicTag.stringTable);
  if (mapped >= 0) {
    return createStringTable(image.source, image.findings, { name: 'of DT_STRTAB', offset: mapped, sizeBytes });
  }
  image.findings.add({
    code: 'elf/dynamic-strings',
    severity: 'error',
    message: 'The string table of the dynamic section (DT_STRTAB) is in no loadable segment: its names cannot be read.',
    actual: hex(address),
    evidence: { rule: 'gABI: Dynamic Section' },
  });
  // Without usable segments, the section headers may still know where it is.
  const section = findSection(
    image,
    candidate => candidate.type === sectionType.stringTable && candidate.address === address,
  );
  if (section === undefined) return null;
  return createStringTable(image.source, image.findings, { name: 'of DT_STRTAB', ...sectionRange(image, section) });
}
