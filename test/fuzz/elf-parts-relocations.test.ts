import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createElfFile } from '../../language-server/elf/elf-file.ts';
import { createMemorySource } from '../../language-server/elf/reader/byte-source.ts';
import { readElfImage } from '../../language-server/elf/reader/elf-image.ts';
import { relocationsTable } from '../../language-server/elf/relocations/relocations-table.ts';
import { relocationFile } from '../support/elf-parts-relocations.ts';
import { withoutHanging } from '../support/hang.ts';

function look(bytes: Buffer): void {
  const reading = readElfImage(createMemorySource(bytes));
  if (reading.kind !== 'image') return;
  const { image } = reading;
  withoutHanging(() => {
    const rows = relocationsTable.open(createElfFile('x', { version: '1', currentVersion: () => '1' }, image));
    if (rows === null) return;
    rows.prepareScan?.();
    for (const first of [0, rows.count - 3, Math.floor(rows.count / 2)]) {
      for (const cells of rows.page(Math.max(0, first), 50)) expect(cells.length).toBe(5);
    }
  });
}

const kinds = [4, 9, 19, 0x40000014];
const machines = [
  [62, 64, 'little'],
  [8, 64, 'big'],
  [43, 64, 'big'],
  [40, 32, 'little'],
  [22, 32, 'big'],
] as const;

test.each(machines)('any contents on machine %d', (machine, bits, order) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(...kinds), (contents, sectionType) => {
      look(
        relocationFile({
          machine,
          class: bits,
          order,
          sectionType,
          contents: Buffer.from(contents),
          symbols: ['a', 'b'],
        }),
      );
    }),
  );
});

test.each(kinds)('every byte of a file with relocations of kind %d changed, every truncation', sectionType => {
  const contents = Buffer.from(Array.from({ length: 48 }, (_, at) => (at * 29) & 0xff));
  const bytes = relocationFile({ machine: 62, class: 64, order: 'little', sectionType, contents, symbols: ['name'] });
  for (let at = 0; at < bytes.length; at += 1) {
    look(bytes.subarray(0, at));
    for (const value of [0, 1, 0x7f, 0xff]) {
      const copy = Buffer.from(bytes);
      copy[at] = value;
      look(copy);
    }
  }
});
