import type { ElfFile } from './elf-file.ts';
import { readGnuProperties } from './reader/gnu-properties.ts';
import { gnuNote } from './reader/note-description.ts';

/** A GNU property of bits, by its type; null: there is none of that type. Of several notes the loader takes all. */
export function propertyBits(file: ElfFile, type: number): number | null {
  const { fields, source } = file.image;
  let bits: number | null = null;
  for (const note of file.notes()) {
    if (note.owner !== 'GNU' || note.type !== gnuNote.property) continue;
    const descriptor = source.read(note.descriptorOffset, Math.min(note.descriptorBytes, 1 << 16));
    for (const property of readGnuProperties(descriptor, fields)) {
      if (property.type === type && property.data.length === 4) bits = (bits ?? 0) | fields.u32(property.data, 0);
    }
  }
  return bits;
}
