import type { ByteText } from '../../protocol/elf.ts';
import { type DynamicSection, dynamicTag } from '../reader/dynamic-section.ts';
import { type ElfImage, sectionRange } from '../reader/elf-image.ts';
import { hex } from '../reader/fields.ts';
import type { Section } from '../reader/section-headers.ts';

/**
 * How relocations are written. REL and RELA: gABI, "Relocation". RELR: a list of addresses and bitmaps (gABI, "Relative
 * Relocation Table"). CREL: deltas in LEB128 (LLVM's "compact relocations").
 */
export type RelocationKind = 'rel' | 'rela' | 'relr' | 'crel';

/** Where relocations are. */
export interface RelocationSection {
  readonly kind: RelocationKind;
  /** Name of the section; of the entry of the dynamic section where there are no section headers. */
  readonly name: ByteText;
  /** Offset in the file. */
  readonly offset: number;
  /** Bytes that lie within the file. */
  readonly sizeBytes: number;
  /** The section with the symbols (`sh_link`); -1: the dynamic symbols, wherever they are. */
  readonly symbolSection: number;
  /** The section that is relocated (`sh_info`), by number; 0: all of the file. */
  readonly targetSection: number;
}

const kinds: ReadonlyMap<number, RelocationKind> = new Map([
  [4, 'rela'],
  [9, 'rel'],
  [19, 'relr'],
  [0x40000014, 'crel'],
  // SHT_ANDROID_RELR: the same from before it had a number of its own.
  [0x6fffff00, 'relr'],
]);

/** Size of one entry; 1 for CREL, whose entries have no fixed one. */
export function entryBytes(kind: RelocationKind, wordBytes: number): number {
  switch (kind) {
    case 'rel':
      return 2 * wordBytes;
    case 'rela':
      return 3 * wordBytes;
    case 'relr':
      return wordBytes;
    case 'crel':
      return 1;
  }
}

/** All relocation sections in the order of the section headers; where there are none, what the dynamic section leads to. */
export function relocationSections(image: ElfImage, dynamic: DynamicSection | null): readonly RelocationSection[] {
  if (image.sections.count === 0) return dynamic === null ? [] : dynamicRelocations(image, dynamic);
  const found: RelocationSection[] = [];
  for (const section of image.firstSections()) {
    const kind = kinds.get(section.type);
    if (kind === undefined) continue;
    checkEntrySize(image, section, kind);
    found.push({
      kind,
      name: image.sectionName(section),
      ...sectionRange(image, section),
      symbolSection: section.link,
      targetSection: section.info,
    });
  }
  return found;
}

function checkEntrySize(image: ElfImage, section: Section, kind: RelocationKind): void {
  const expected = entryBytes(kind, image.fields.wordBytes);
  if (kind === 'crel' || section.entryBytes === BigInt(expected)) return;
  image.findings.add({
    code: 'elf/relocation-size',
    severity: 'warning',
    message: `The section ${image.sectionName(section)} says that a relocation has another size than relocations have (sh_entsize).`,
    offset: section.headerOffset,
    expected: String(expected),
    actual: String(section.entryBytes),
    evidence: { rule: 'gABI: Relocation' },
  });
}

interface DynamicPlace {
  readonly name: string;
  readonly tag: number;
  readonly sizeTag: number;
  readonly kind: RelocationKind;
}

const places: readonly DynamicPlace[] = [
  { name: 'DT_REL', tag: dynamicTag.rel, sizeTag: dynamicTag.relBytes, kind: 'rel' },
  { name: 'DT_RELA', tag: dynamicTag.rela, sizeTag: dynamicTag.relaBytes, kind: 'rela' },
  { name: 'DT_RELR', tag: dynamicTag.relr, sizeTag: dynamicTag.relrBytes, kind: 'relr' },
  { name: 'DT_ANDROID_RELR', tag: 0x6fffe000, sizeTag: 0x6fffe001, kind: 'relr' },
];

/** DT_CREL, whose size is in its own header. */
const tagCrel = 0x40000026;

function dynamicRelocations(image: ElfImage, dynamic: DynamicSection): readonly RelocationSection[] {
  const kind = dynamic.value(dynamicTag.pltRelocationsKind) === BigInt(dynamicTag.rela) ? 'rela' : 'rel';
  const { pltRelocations: tag, pltRelocationsBytes: sizeTag } = dynamicTag;
  const all: readonly DynamicPlace[] = [...places, { name: 'DT_JMPREL', tag, sizeTag, kind }];
  const found = all.flatMap((place): readonly RelocationSection[] => {
    const claimed = Number(dynamic.value(place.sizeTag) ?? 0n);
    return claimed === 0 ? [] : placeAt(image, dynamic, { ...place, claimed });
  });
  const crel = placeAt(image, dynamic, {
    name: 'DT_CREL',
    tag: tagCrel,
    kind: 'crel',
    claimed: image.source.sizeBytes,
  });
  return [...found, ...crel];
}

function placeAt(
  image: ElfImage,
  dynamic: DynamicSection,
  { name, tag, kind, claimed }: { name: string; tag: number; kind: RelocationKind; claimed: number },
): readonly RelocationSection[] {
  const address = dynamic.value(tag);
  if (address === undefined) return [];
  const offset = dynamic.offsetOf(tag);
  const sizeBytes = offset < 0 ? 0 : Math.max(0, Math.min(claimed, image.source.sizeBytes - offset));
  if (offset < 0 || (sizeBytes < claimed && kind !== 'crel')) {
    image.findings.add({
      code: 'elf/relocations-truncated',
      severity: 'error',
      message: `The relocations of ${name} do not lie within the file.`,
      expected: `${hex(claimed)} bytes at ${hex(address)}`,
      actual: `${hex(sizeBytes)} bytes`,
      evidence: { rule: 'gABI: Dynamic Section' },
    });
  }
  return sizeBytes === 0 ? [] : [{ kind, name, offset, sizeBytes, symbolSection: -1, targetSection: 0 }];
}
