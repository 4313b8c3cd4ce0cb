import { hex } from '../reader/fields.ts';
import { describeNote } from '../reader/note-description.ts';
import { column, type ElfTable } from './table.ts';

/** Notes, as `readelf -nW` prints them. */
export const notesTable: ElfTable = {
  id: 'notes',
  title: 'Notes',
  columns: [
    column('place', 'Section', 'text'),
    column('owner', 'Owner', 'name'),
    column('size', 'Data Size', 'size'),
    column('type', 'Type', 'text'),
    column('description', 'Description', 'text'),
    column('offset', 'Offset', 'address'),
  ],
  command: ['readelf', '-nW'],
  open(file) {
    const notes = file.notes();
    if (notes.length === 0) return null;
    return {
      count: notes.length,
      page: (first, count) =>
        notes.slice(first, first + count).map(note => {
          const { type, text } = describeNote(file.image, note);
          return [note.place, note.owner, String(note.descriptorBytes), type, text, hex(note.offset)];
        }),
    };
  },
};
