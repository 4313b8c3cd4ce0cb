import type { ByteStructure, FileRange } from '../../protocol/elf-bytes.ts';
import type { ElfFile } from '../elf-file.ts';
import { hex } from '../reader/fields.ts';
import { openFixedRelocations } from '../relocations/fixed-relocations.ts';
import { entryBytes, type RelocationSection, relocationSections } from '../relocations/relocation-sections.ts';
import { openRelocationSymbols } from '../relocations/relocation-symbols.ts';
import { relocationTypeName } from '../relocations/relocation-type-name.ts';
import { layOut, record, recordsOn, touches } from './structure.ts';

/** Relocations whose entries have a size of their own: REL, RELA and RELR (gABI, "Relocation"). */
export function* relocationsAt(file: ElfFile, range: FileRange): Generator<ByteStructure> {
  for (const section of relocationSections(file.image, file.dynamic())) {
    if (!touches(range, section.offset, section.sizeBytes)) continue;
    if (section.kind === 'rel' || section.kind === 'rela') yield* fixedAt(file, range, section);
    if (section.kind === 'relr') yield* relativeAt(file, range, section);
  }
}

function* fixedAt(file: ElfFile, range: FileRange, section: RelocationSection): Generator<ByteStructure> {
  const { image } = file;
  const { fields, header } = image;
  const list = openFixedRelocations(image, section);
  const symbols = openRelocationSymbols(file, section);
  const length = entryBytes(section.kind, fields.wordBytes);
  for (const index of recordsOn(range, { start: section.offset, bytes: length, count: list.count })) {
    const { symbols: numbers, types, addends } = list.block(index, 1);
    const symbol = numbers[0] ?? 0;
    const type = relocationTypeName(header.machine, fields.class, types[0] ?? 0);
    const name = symbol === 0 ? '' : (symbols?.name(symbol) ?? String(symbol));
    const addend = addends?.[0] ?? 0n;
    const layout = layOut(fields, [
      ['r_offset', 'word'],
      ['r_info', 'word', value => `${hex(value)} (${`${type} ${name}`.trimEnd()})`],
      ...(section.kind === 'rela' ? [['r_addend', 'word', () => String(addend)] as const] : []),
    ]);
    const start = section.offset + index * length;
    const value = `${type} ${name}`.trimEnd();
    const place = { kind: 'relocation', name: `${section.name} entry ${index}`, start, length, value } as const;
    yield record(image, range, place, layout);
  }
}

function* relativeAt({ image }: ElfFile, range: FileRange, section: RelocationSection): Generator<ByteStructure> {
  const { fields, source } = image;
  const length = fields.wordBytes;
  const count = Math.floor(section.sizeBytes / length);
  for (const index of recordsOn(range, { start: section.offset, bytes: length, count })) {
    const start = section.offset + index * length;
    const bytes = source.read(start, length);
    if (bytes.length < length) return;
    const word = fields.bigWord(bytes, 0);
    const value = (word & 1n) === 0n ? `address ${hex(word)}` : `bitmap ${hex(word)}`;
    yield { kind: 'relocation', name: `${section.name} word ${index}`, start, length, value, fields: [] };
  }
}
