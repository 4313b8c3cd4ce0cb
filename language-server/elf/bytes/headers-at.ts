import type { ByteStructure, FileRange } from '../../protocol/elf-bytes.ts';
import type { ElfFile } from '../elf-file.ts';
import { machineName } from '../names/machines.ts';
import { objectTypeName } from '../names/object-types.ts';
import { osAbiName } from '../names/os-abis.ts';
import { sectionFlagLetters } from '../names/section-flags.ts';
import { sectionTypeName } from '../names/section-types.ts';
import { segmentTypeName } from '../names/segment-types.ts';
import { type ElfImage, sectionRange } from '../reader/elf-image.ts';
import { hex } from '../reader/fields.ts';
import { programHeaderLayout } from '../reader/program-headers.ts';
import { sectionHeaderLayout } from '../reader/section-headers.ts';
import { segmentFlagLetters } from '../tables/segments-table.ts';
import { decimal, type FieldLayout, layOut, layoutBytes, meaning, record, recordsOn, touches } from './structure.ts';

const classNames = ['none', '32-bit', '64-bit'];
const byteOrders = ['none', 'little-endian', 'big-endian'];

/** Elf32_Ehdr, Elf64_Ehdr (gABI, "ELF Header"). */
export function* fileHeaderAt({ image }: ElfFile, range: FileRange): Generator<ByteStructure> {
  const { header, fields } = image;
  const layout = layOut(fields, [
    ['EI_MAG', 4],
    ['EI_CLASS', 'byte', meaning(value => classNames[value] ?? 'unknown')],
    ['EI_DATA', 'byte', meaning(value => byteOrders[value] ?? 'unknown')],
    ['EI_VERSION', 'byte'],
    ['EI_OSABI', 'byte', meaning(value => osAbiName(value, header.machine))],
    ['EI_ABIVERSION', 'byte'],
    ['EI_PAD', 7],
    ['e_type', 'half', meaning(objectTypeName)],
    ['e_machine', 'half', meaning(machineName)],
    ['e_version', 'u32'],
    ['e_entry', 'word'],
    ['e_phoff', 'word'],
    ['e_shoff', 'word'],
    ['e_flags', 'u32'],
    ['e_ehsize', 'half', decimal],
    ['e_phentsize', 'half', decimal],
    ['e_phnum', 'half', decimal],
    ['e_shentsize', 'half', decimal],
    ['e_shnum', 'half', decimal],
    ['e_shstrndx', 'half', decimal],
  ]);
  const length = layoutBytes(layout);
  if (!touches(range, 0, length)) return;
  const value = `ELF${fields.class}, ${machineName(header.machine)}, ${objectTypeName(header.type)}`;
  yield record(image, range, { kind: 'file-header', name: 'ELF header', start: 0, length, value }, layout);
}

/** Elf32_Phdr, Elf64_Phdr (gABI, "Program Header"). */
export function* programHeadersAt({ image }: ElfFile, range: FileRange): Generator<ByteStructure> {
  const { segments, fields, header } = image;
  const layout = programHeaderFields(image);
  const { bytes: length } = programHeaderLayout(fields);
  const { offset: start, entryBytes: bytes, count } = segments;
  for (const index of recordsOn(range, { start, bytes, count })) {
    const segment = segments.at(index);
    if (segment === undefined) return;
    const value = segmentTypeName(segment.type, header.machine, header.osAbi);
    const name = `program header ${index}`;
    yield record(image, range, { kind: 'program-header', name, start: segment.headerOffset, length, value }, layout);
  }
}

function programHeaderFields({ fields, header }: ElfImage): readonly FieldLayout[] {
  const type = ['p_type', 'u32', meaning(value => segmentTypeName(value, header.machine, header.osAbi))] as const;
  const flags = ['p_flags', 'u32', meaning(value => segmentFlagLetters(value).trim())] as const;
  const wide = fields.class === 64;
  // The flags moved up in 64-bit files so that the words are aligned.
  return layOut(fields, [
    type,
    ...(wide ? [flags] : []),
    ['p_offset', 'word'],
    ['p_vaddr', 'word'],
    ['p_paddr', 'word'],
    ['p_filesz', 'word'],
    ['p_memsz', 'word'],
    ...(wide ? [] : [flags]),
    ['p_align', 'word'],
  ]);
}

/** Elf32_Shdr, Elf64_Shdr (gABI, "Sections"). */
export function* sectionHeadersAt({ image }: ElfFile, range: FileRange): Generator<ByteStructure> {
  const { sections, fields, header } = image;
  const nameOf = (index: number): string => {
    const section = sections.at(index);
    return section === undefined ? '' : image.sectionName(section);
  };
  const { offset: start, entryBytes: bytes, count } = sections;
  const { bytes: length } = sectionHeaderLayout(fields);
  for (const index of recordsOn(range, { start, bytes, count })) {
    const section = sections.at(index);
    if (section === undefined) return;
    const layout = layOut(fields, [
      ['sh_name', 'u32', meaning(() => image.sectionName(section))],
      ['sh_type', 'u32', meaning(value => sectionTypeName(value, header.machine))],
      ['sh_flags', 'word', value => `${hex(value)} (${sectionFlagLetters(value, header.machine, header.osAbi)})`],
      ['sh_addr', 'word'],
      ['sh_offset', 'word'],
      ['sh_size', 'word'],
      ['sh_link', 'u32', value => (value === 0n ? '0' : `${value} (${nameOf(Number(value))})`)],
      ['sh_info', 'u32', decimal],
      ['sh_addralign', 'word', decimal],
      ['sh_entsize', 'word', decimal],
    ]);
    const value = image.sectionName(section);
    const name = `section header ${index}`;
    yield record(image, range, { kind: 'section-header', name, start: section.headerOffset, length, value }, layout);
  }
}

/** Segments by their contents. */
export function* segmentsAt({ image }: ElfFile, range: FileRange): Generator<ByteStructure> {
  const { header, source } = image;
  for (const segment of image.segments) {
    const start = Number(segment.offset);
    const length = Math.max(0, Math.min(Number(segment.fileBytes), source.sizeBytes - start));
    if (!touches(range, start, length)) continue;
    const type = segmentTypeName(segment.type, header.machine, header.osAbi);
    const value = `${segmentFlagLetters(segment.flags).trim()} at ${hex(segment.virtualAddress)}`;
    yield { kind: 'segment', name: `segment ${segment.index} (${type})`, start, length, value, fields: [] };
  }
}

/** Sections by their contents. */
export function* sectionsAt({ image }: ElfFile, range: FileRange): Generator<ByteStructure> {
  const { header } = image;
  for (const section of image.firstSections()) {
    const { offset: start, sizeBytes: length } = sectionRange(image, section);
    if (!touches(range, start, length)) continue;
    const type = sectionTypeName(section.type, header.machine);
    const value = section.address === 0n ? type : `${type} at ${hex(section.address)}`;
    const place = { kind: 'section', name: image.sectionName(section), start, length, value } as const;
    yield record(image, range, place, []);
  }
}
