import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMemorySource } from '../../../language-server/elf/reader/byte-source.ts';
import type { ElfImage } from '../../../language-server/elf/reader/elf-image.ts';
import { openRelocations } from '../../../language-server/elf/relocations/open-relocations.ts';
import type { RelocationList } from '../../../language-server/elf/relocations/relocation-block.ts';
import { relocationSections } from '../../../language-server/elf/relocations/relocation-sections.ts';
import { relocationTypeName } from '../../../language-server/elf/relocations/relocation-type-name.ts';
import { type CompactRelocation, encodeCrel } from '../../support/elf-parts-crel.ts';
import { imageOf } from '../../support/elf-parts-files.ts';
import { fieldsOf, relocationFile } from '../../support/elf-parts-relocations.ts';

interface Opened {
  readonly image: ElfImage;
  readonly list: RelocationList;
}

function open(sectionType: number, contents: Buffer, bits: 32 | 64 = 64): Opened {
  const shape = { machine: bits === 64 ? 62 : 3, class: bits, order: 'little' } as const;
  const image = imageOf(createMemorySource(relocationFile({ ...shape, sectionType, contents })));
  const [section] = relocationSections(image, null);
  if (section === undefined) throw new Error('no relocations');
  return { image, list: openRelocations(image, section) };
}

function rows(list: RelocationList, first: number, count: number): readonly CompactRelocation[] {
  const { offsets, symbols, types, addends } = list.block(first, count);
  return [...offsets].map((offset, at) => ({
    offset,
    symbol: symbols[at] ?? -1,
    type: types[at] ?? -1,
    addend: addends?.[at] ?? 0n,
  }));
}

const crel = 0x40000014;
const relr = 19;

test('CREL, byte by byte', () => {
  // Three relocations with addends, offsets in units of 2: 16 with symbol 1, type 2, addend -4; 18; 1042 with symbol 0.
  const contents = Buffer.from([3 * 8 + 4 + 1, (8 << 3) | 7, 1, 2, 0x7c, 1 << 3, 0x81, 0x20, 0x7f]);
  const { list, image } = open(crel, contents);
  expect(rows(list, 0, 10)).toEqual([
    { offset: 16n, symbol: 1, type: 2, addend: -4n },
    { offset: 18n, symbol: 1, type: 2, addend: -4n },
    { offset: 1042n, symbol: 0, type: 2, addend: -4n },
  ]);
  expect(image.findings.list()).toEqual([]);
});

const relocation = (bits: 32 | 64) =>
  fc.record({
    offset: fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n }),
    symbol: fc.nat(0xffffffff),
    type: fc.nat(0xffffffff),
    addend: fc.bigInt({ min: -(1n << BigInt(bits - 1)), max: (1n << BigInt(bits - 1)) - 1n }),
  });

test.each([32, 64] as const)('CREL of %d bits gives back what was written', bits => {
  const samples = fc.array(relocation(bits), { maxLength: 40 });
  fc.assert(
    fc.property(samples, fc.boolean(), fc.nat(3), (written, hasAddends, shift) => {
      const aligned = written.map(one => ({
        ...one,
        offset: (one.offset >> BigInt(shift)) << BigInt(shift),
        addend: hasAddends ? one.addend : 0n,
      }));
      const { list, image } = open(crel, encodeCrel(aligned, { bits, shift, hasAddends }), bits);
      expect(list.count).toBe(written.length);
      expect(rows(list, 0, 100)).toEqual(aligned);
      expect(image.findings.list()).toEqual([]);
    }),
  );
});

test('CREL is read from the middle', () => {
  const written = Array.from({ length: 5000 }, (_, at) => ({
    offset: BigInt(at * 12 + (at % 7)),
    symbol: (at * 37) % 101,
    type: at % 5,
    addend: BigInt((at % 9) - 4),
  }));
  const { list } = open(crel, encodeCrel(written, { bits: 64, shift: 0, hasAddends: true }));
  for (const first of [0, 1, 1000, 1023, 1024, 2047, 4990]) {
    expect(rows(list, first, 30)).toEqual(written.slice(first, first + 30));
  }
  expect(rows(list, 1000, 3000)).toEqual(written.slice(1000, 4000));
  expect(rows(list, 5000, 10)).toEqual([]);
});

test('CREL that is cut, or claims more than it has', () => {
  const whole = encodeCrel([{ offset: 300n, symbol: 900, type: 1, addend: 5n }], {
    bits: 64,
    shift: 0,
    hasAddends: true,
  });
  for (let length = 0; length < whole.length; length += 1) {
    const { list, image } = open(crel, whole.subarray(0, length));
    expect(list.count).toBe(0);
    expect(image.findings.list().map(({ code }) => code)).toEqual(['elf/crel-truncated']);
  }
  const endless = open(crel, Buffer.alloc(100, 0xff));
  expect(endless.list.count).toBe(0);
  expect(endless.image.findings.list().map(({ code }) => code)).toEqual(['elf/crel-truncated']);
});

test('RELR by the example of the gABI, and one without an address', () => {
  const { word } = fieldsOf({ class: 64, order: 'little' });
  const example = open(relr, Buffer.concat([word(0x1000), word(0b1011), word(0x3), word(0x8000)]));
  expect([...example.list.block(0, 99).offsets]).toEqual([0x1000n, 0x1008n, 0x1018n, 0x1200n, 0x8000n]);
  expect(new Set(example.list.block(0, 99).types)).toEqual(new Set([8]));
  expect(example.image.findings.list()).toEqual([]);
  const broken = open(relr, word(7));
  expect([...broken.list.block(0, 9).offsets]).toEqual([0n, 8n]);
  expect(broken.image.findings.list().map(({ code }) => code)).toEqual(['elf/relr-bitmap']);
});

test('names of types that readelf at hand may not know, and of unknown ones', () => {
  expect(relocationTypeName(62, 64, 43)).toBe('R_X86_64_CODE_4_GOTPCRELX');
  expect(relocationTypeName(243, 64, 62)).toBe('R_RISCV_TLSDESC_HI20');
  expect(relocationTypeName(258, 64, 110)).toBe('R_LARCH_CALL36');
  expect(relocationTypeName(247, 64, 10)).toBe('R_BPF_64_32');
  expect(relocationTypeName(183, 64, 0x411)).toBe('R_AARCH64_AUTH_RELATIVE');
  expect(relocationTypeName(62, 64, 200)).toBe('unrecognized: c8');
  expect(relocationTypeName(0xffff, 64, 1)).toBe('unrecognized: 1');
  expect(relocationTypeName(8, 64, 0x051807)).toBe('R_MIPS_GPREL16/R_MIPS_SUB/R_MIPS_HI16');
  expect(relocationTypeName(43, 64, 0x123421)).toBe('R_SPARC_OLO10');
});
