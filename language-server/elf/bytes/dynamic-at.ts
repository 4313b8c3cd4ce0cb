import type { ByteStructure, FileRange } from '../../protocol/elf-bytes.ts';
import type { ElfFile } from '../elf-file.ts';
import { dynamicTagName } from '../names/dynamic-tags.ts';
import { hex } from '../reader/fields.ts';
import { dynamicValueText } from '../tables/dynamic-table.ts';
import { layOut, record, recordsOn } from './structure.ts';

/** Elf32_Dyn, Elf64_Dyn (gABI, "Dynamic Section"). */
export function* dynamicEntriesAt(file: ElfFile, range: FileRange): Generator<ByteStructure> {
  const dynamic = file.dynamic();
  if (dynamic === null) return;
  const { image } = file;
  const { machine } = image.header;
  const length = 2 * image.fields.wordBytes;
  const { offset, entries } = dynamic;
  for (const index of recordsOn(range, { start: offset, bytes: length, count: entries.count })) {
    const entry = entries.at(index);
    if (entry === undefined) return;
    const tag = dynamicTagName(entry.tag, machine);
    const text = dynamicValueText(dynamic, entry, tag, machine);
    const layout = layOut(image.fields, [
      ['d_tag', 'word', value => `${hex(value)} (DT_${tag.name})`],
      ['d_val', 'word', value => (text === '' || text === hex(value) ? hex(value) : `${hex(value)} (${text})`)],
    ]);
    const start = offset + index * length;
    const value = `DT_${tag.name} ${text}`.trimEnd();
    yield record(image, range, { kind: 'dynamic-entry', name: `dynamic entry ${index}`, start, length, value }, layout);
  }
}
