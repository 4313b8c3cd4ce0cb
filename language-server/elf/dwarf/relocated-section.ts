import { machine } from '../names/machines.ts';
import { type ByteSource, createMemorySource } from '../reader/byte-source.ts';
import { type ElfImage, sectionRange } from '../reader/elf-image.ts';
import type { FindingList } from '../reader/finding-list.ts';
import { type Section, sectionType } from '../reader/section-headers.ts';
import { sectionIndex, symbolLayout } from '../reader/symbol-table.ts';
import { openFixedRelocations } from '../relocations/fixed-relocations.ts';
import type { RelocationSection } from '../relocations/relocation-sections.ts';
import type { AddressSpace } from './address-space.ts';

/** Types of relocations that put in an address or an offset as it is, by their sizes in bytes. */
type Absolute = ReadonlyMap<number, 4 | 8>;

const absolute = (word: number, ...long: readonly number[]): Absolute =>
  new Map<number, 4 | 8>([[word, 4], ...long.map(type => [type, 8] as const)]);

/** R_…_32 and R_…_64 of the psABI of each machine. Others subtract symbols too (RISC-V, LoongArch): those are not known here. */
const absoluteTypes: ReadonlyMap<number, Absolute> = new Map([
  [machine.x86_64, absolute(10, 1)],
  [machine.i386, absolute(1)],
  [machine.aarch64, absolute(258, 257)],
  [machine.arm, absolute(2)],
  [machine.ppc, absolute(1)],
  [machine.ppc64, absolute(1, 38)],
  [machine.s390, absolute(4, 22)],
]);

const blockRelocations = 4096;
const maximumSectionBytes = 1 << 30;

/**
 * The bytes of a section of a relocatable file with its relocations carried out, as the debug information of one needs to be
 * read. What cannot be is a finding, and nothing is read from the section.
 */
export function relocated(
  image: ElfImage,
  section: Section,
  contents: ByteSource,
  space: AddressSpace,
  findings: FindingList,
): ByteSource {
  const lists = image
    .firstSections()
    .filter(({ type, info }) => info === section.index && (type === sectionType.rela || type === sectionType.rel));
  if (lists.length === 0 || contents.sizeBytes === 0) return contents;
  const types = absoluteTypes.get(image.header.machine);
  if (types === undefined || contents.sizeBytes > maximumSectionBytes) {
    findings.add({
      code: 'elf/debug-relocations',
      severity: 'information',
      message:
        'The debug information of this relocatable file cannot be read before it is linked: how its machine relocates is not known here.',
    });
    return createMemorySource(Buffer.alloc(0));
  }
  const bytes = Buffer.from(contents.read(0, contents.sizeBytes));
  for (const list of lists) apply(image, { ...relocationSection(image, list), name: '' }, bytes, { types, space });
  return createMemorySource(bytes);
}

function relocationSection(image: ElfImage, list: Section): Omit<RelocationSection, 'name'> {
  const kind = list.type === sectionType.rela ? 'rela' : 'rel';
  return { kind, ...sectionRange(image, list), symbolSection: list.link, targetSection: list.info };
}

interface Rules {
  readonly types: Absolute;
  readonly space: AddressSpace;
}

function apply(image: ElfImage, section: RelocationSection, bytes: Buffer, { types, space }: Rules): void {
  const little = image.fields.byteOrder === 'little';
  const symbolValue = symbolValues(image, section.symbolSection, space);
  const list = openFixedRelocations(image, section);
  for (let first = 0; first < list.count; first += blockRelocations) {
    const block = list.block(first, blockRelocations);
    if (block.count === 0) return;
    for (let index = 0; index < block.count; index += 1) {
      const size = types.get(block.types[index] ?? 0);
      const at = Number(block.offsets[index] ?? 0n);
      // Offsets in the memory of threads and the like: nothing that is asked for here.
      if (size === undefined || at + size > bytes.length) continue;
      const addend = block.addends === null ? readWord(bytes, at, size, little) : (block.addends[index] ?? 0n);
      writeWord(bytes, at, size, little, symbolValue(block.symbols[index] ?? 0) + addend);
    }
  }
}

function readWord(bytes: Buffer, at: number, size: 4 | 8, little: boolean): bigint {
  if (size === 4) return BigInt(little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  return little ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at);
}

function writeWord(bytes: Buffer, at: number, size: 4 | 8, little: boolean, value: bigint): void {
  if (size === 8) {
    if (little) bytes.writeBigUInt64LE(BigInt.asUintN(64, value), at);
    else bytes.writeBigUInt64BE(BigInt.asUintN(64, value), at);
    return;
  }
  const word = Number(BigInt.asUintN(32, value));
  if (little) bytes.writeUInt32LE(word, at);
  else bytes.writeUInt32BE(word, at);
}

/** Values of symbols by their numbers: addresses, where their sections have got some. */
function symbolValues(image: ElfImage, symbolSection: number, space: AddressSpace): (index: number) => bigint {
  const { fields, source } = image;
  const table = image.sections.at(symbolSection);
  if (table === undefined) return () => 0n;
  const layout = symbolLayout(fields);
  const { offset, sizeBytes } = sectionRange(image, table);
  const indices = image
    .firstSections()
    .find(({ type, link }) => type === sectionType.symbolSectionIndices && link === symbolSection);
  const known = new Map<number, bigint>();
  const read = (index: number): bigint => {
    if ((index + 1) * layout.bytes > sizeBytes) return 0n;
    const bytes = source.read(offset + index * layout.bytes, layout.bytes);
    if (bytes.length < layout.bytes) return 0n;
    let section = fields.u16(bytes, layout.sectionIndex);
    if (section === sectionIndex.extended && indices !== undefined) {
      const extended = source.read(Number(indices.offset) + 4 * index, 4);
      section = extended.length === 4 ? fields.u32(extended, 0) : 0;
    }
    return fields.bigWord(bytes, layout.value) + space.baseOf(section);
  };
  return index => {
    const value = known.get(index) ?? read(index);
    if (known.size < 1 << 16) known.set(index, value);
    return value;
  };
}
