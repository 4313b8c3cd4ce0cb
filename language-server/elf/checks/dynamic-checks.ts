import type { ElfFile } from '../elf-file.ts';
import { dynamicTagName } from '../names/dynamic-tags.ts';
import { type DynamicSection, dynamicTag } from '../reader/dynamic-section.ts';
import type { ElfImage } from '../reader/elf-image.ts';
import { hex } from '../reader/fields.ts';
import { symbolLayout } from '../reader/symbol-table.ts';

/** Adds a finding for each entry of the dynamic section that contradicts the segments, or what it counts. */
export function checkDynamic(file: ElfFile): void {
  const dynamic = file.dynamic();
  if (dynamic === null || file.image.loads.length === 0) return;
  for (const [tag, sizeTag] of areas) checkArea(file.image, dynamic, tag, sizeTag);
  checkSizes(file.image, dynamic);
  checkCounts(file, dynamic);
}

/** Tags whose value is an address, each with that of the size of what is there. */
const areas: readonly (readonly [tag: number, sizeTag: number | null])[] = [
  [dynamicTag.pltGlobalOffsets, null],
  [dynamicTag.hash, null],
  [dynamicTag.symbolTable, null],
  [dynamicTag.rela, dynamicTag.relaBytes],
  [dynamicTag.init, null],
  [dynamicTag.fini, null],
  [dynamicTag.rel, dynamicTag.relBytes],
  [dynamicTag.pltRelocations, dynamicTag.pltRelocationsBytes],
  [dynamicTag.initArray, dynamicTag.initArrayBytes],
  [dynamicTag.finiArray, dynamicTag.finiArrayBytes],
  [dynamicTag.preinitArray, dynamicTag.preinitArrayBytes],
  [dynamicTag.relr, dynamicTag.relrBytes],
  [dynamicTag.stringTable, dynamicTag.stringTableBytes],
  [dynamicTag.gnuHash, null],
  [dynamicTag.versionSymbols, null],
  [dynamicTag.versionDefinitions, null],
  [dynamicTag.versionNeeds, null],
];

function checkArea(image: ElfImage, dynamic: DynamicSection, tag: number, sizeTag: number | null): void {
  const address = dynamic.value(tag);
  if (address === undefined || address === 0n) return;
  const size = sizeTag === null ? 0n : (dynamic.value(sizeTag) ?? 0n);
  const load = image.loads.find(
    ({ virtualAddress, memoryBytes }) => address >= virtualAddress && address <= virtualAddress + memoryBytes,
  );
  const name = nameOf(image, tag);
  const { machine } = image.header;
  if (load === undefined) {
    // Without its strings the section says nothing: that is told by itself.
    if (tag === dynamicTag.stringTable) return;
    image.findings.add({
      code: 'elf/dynamic-address',
      severity: 'error',
      message: `The dynamic section says that something is at an address which is in no loadable segment (DT_${name}).`,
      offset: dynamic.offset,
      actual: hex(address),
      evidence: { rule: 'gABI: Dynamic Section' },
    });
    return;
  }
  const end = load.virtualAddress + load.memoryBytes;
  if (address + size <= end || sizeTag === null) return;
  image.findings.add({
    code: 'elf/dynamic-address',
    severity: 'error',
    message: `The dynamic section says that something reaches beyond its segment (DT_${name} with DT_${dynamicTagName(BigInt(sizeTag), machine).name}).`,
    offset: dynamic.offset,
    expected: `an end at ${hex(end)} or before`,
    actual: hex(address + size),
    evidence: { rule: 'gABI: Dynamic Section' },
  });
}

/** What DT_PLTREL can name. */
const relocationTags = [BigInt(dynamicTag.rela), BigInt(dynamicTag.rel)];

function checkSizes(image: ElfImage, dynamic: DynamicSection): void {
  const { wordBytes } = image.fields;
  const sizes: readonly (readonly [tag: number, allowed: readonly bigint[]])[] = [
    [dynamicTag.relaEntryBytes, [BigInt(3 * wordBytes)]],
    [dynamicTag.symbolBytes, [BigInt(symbolLayout(image.fields).bytes)]],
    [dynamicTag.relEntryBytes, [BigInt(2 * wordBytes)]],
    [dynamicTag.pltRelocationsKind, relocationTags],
    [dynamicTag.relrEntryBytes, [BigInt(wordBytes)]],
  ];
  for (const [tag, allowed] of sizes) {
    const value = dynamic.value(tag);
    if (value !== undefined && !allowed.includes(value)) {
      wrongValue(image, dynamic, tag, allowed.map(String).join(' or '), String(value));
    }
  }
}

function checkCounts({ image, versions }: ElfFile, dynamic: DynamicSection): void {
  const { needs, definitions } = versions();
  for (const [tag, count, place] of [
    [dynamicTag.versionNeedCount, needs.length, dynamicTag.versionNeeds],
    [dynamicTag.versionDefinitionCount, definitions.length, dynamicTag.versionDefinitions],
  ] as const) {
    const claimed = dynamic.value(tag);
    if (claimed === undefined || dynamic.offsetOf(place) < 0 || claimed === BigInt(count)) continue;
    wrongValue(image, dynamic, tag, String(count), String(claimed));
  }
}

function wrongValue(image: ElfImage, dynamic: DynamicSection, tag: number, expected: string, actual: string): void {
  image.findings.add({
    code: 'elf/dynamic-value',
    severity: 'warning',
    message: `The dynamic section gives something another size or number than it has (DT_${nameOf(image, tag)}).`,
    offset: dynamic.offset,
    expected,
    actual,
    evidence: { rule: 'gABI: Dynamic Section' },
  });
}

function nameOf({ header }: ElfImage, tag: number): string {
  return dynamicTagName(BigInt(tag), header.machine).name;
}
