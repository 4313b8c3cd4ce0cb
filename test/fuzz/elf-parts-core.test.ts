import fc from 'fast-check';
import { expect, test } from 'vitest';
import { coreNote, readCoreFile } from '../../language-server/elf/core/core-file.ts';
import { createMemorySource } from '../../language-server/elf/reader/byte-source.ts';
import { readElfImage } from '../../language-server/elf/reader/elf-image.ts';
import { readNotes } from '../../language-server/elf/reader/notes.ts';
import { coreFile, coreNoteBytes, threadNote } from '../support/elf-parts-cores.ts';
import { withoutHanging } from '../support/hang.ts';

function look(bytes: Buffer): void {
  const reading = readElfImage(createMemorySource(bytes));
  if (reading.kind !== 'image') return;
  const { image } = reading;
  const core = withoutHanging(() => readCoreFile(image, readNotes(image)));
  expect(core.mappedFiles.length).toBeLessThanOrEqual(bytes.length);
}

const shapes = [
  { machine: 62, class: 64, order: 'little' },
  { machine: 8, class: 32, order: 'big' },
  { machine: 4, class: 32, order: 'big' },
] as const;

test.each(shapes)('any notes of machine $machine', shape => {
  const note = fc.tuple(fc.constantFrom(...Object.values(coreNote)), fc.uint8Array({ maxLength: 200 }));
  fc.assert(
    fc.property(fc.array(note, { maxLength: 6 }), notes => {
      look(
        coreFile(
          shape,
          notes.map(([type, bytes]) => coreNoteBytes(shape, type, Buffer.from(bytes))),
        ),
      );
    }),
  );
});

test.each(shapes)('every truncation, every byte changed, on machine $machine', shape => {
  const files = Buffer.from(Array.from({ length: 64 }, (_, at) => (at % 8 === 0 ? 2 : 0)));
  const bytes = coreFile(shape, [
    coreNoteBytes(shape, coreNote.threadStatus, threadNote(shape, 1, 11, 45)),
    coreNoteBytes(shape, coreNote.mappedFiles, files),
    coreNoteBytes(shape, coreNote.signalInfo, Buffer.alloc(128, 1)),
  ]);
  for (let at = 0; at < bytes.length; at += 1) {
    look(bytes.subarray(0, at));
    for (const value of [0, 0x7f, 0xff]) {
      const copy = Buffer.from(bytes);
      copy[at] = value;
      look(copy);
    }
  }
});
