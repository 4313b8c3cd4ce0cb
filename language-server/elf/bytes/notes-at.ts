import type { ByteStructure, FileRange } from '../../protocol/elf-bytes.ts';
import type { ElfFile } from '../elf-file.ts';
import type { ElfImage } from '../reader/elf-image.ts';
import { hex } from '../reader/fields.ts';
import { describeNote } from '../reader/note-description.ts';
import type { Note } from '../reader/notes.ts';
import { decimal, layOut, record, touches } from './structure.ts';

/** Notes (gABI, "Note Section"): three words, the owner, the description. */
export function* notesAt(file: ElfFile, range: FileRange): Generator<ByteStructure> {
  const { image } = file;
  for (const [index, note] of file.notes().entries()) {
    const length = noteBytes(note);
    if (!touches(range, note.offset, length)) continue;
    yield noteStructure(image, range, note, index);
  }
}

/** From its header to the end of its description; what fills up to the next one does not count. */
export function noteBytes({ offset, descriptorOffset, descriptorBytes }: Note): number {
  return descriptorOffset + descriptorBytes - offset;
}

function noteStructure(image: ElfImage, range: FileRange, note: Note, index: number): ByteStructure {
  const { type, text } = describeNote(image, note);
  const ownerBytes = image.fields.u32(padded(image.source.read(note.offset, 4)), 0);
  const place = {
    kind: 'note',
    name: `note ${index}`,
    start: note.offset,
    length: noteBytes(note),
    value: `${note.owner} ${type}`,
  } as const;
  const layout = layOut(image.fields, [
    ['n_namesz', 'u32', decimal],
    ['n_descsz', 'u32', decimal],
    ['n_type', 'u32', value => `${hex(value)} (${type})`],
  ]);
  const found = record(image, range, place, layout);
  const parts = [
    { name: 'name', start: note.offset + 12, length: ownerBytes, value: note.owner },
    { name: 'desc', start: note.descriptorOffset, length: note.descriptorBytes, value: text },
  ]
    .filter(({ start, length }) => touches(range, start, length))
    .map(part => ({ ...record(image, range, { ...part, kind: 'note' }, []) }))
    .map(({ name, start, length, value }) => ({ name, start, length, value }));
  return { ...found, fields: [...found.fields, ...parts] };
}

function padded(bytes: Buffer): Buffer {
  return bytes.length === 4 ? bytes : Buffer.alloc(4);
}
