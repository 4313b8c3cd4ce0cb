import { machine } from '../names/machines.ts';
import type { ElfImage } from '../reader/elf-image.ts';
import { createBlock, type RelocationBlock, type RelocationList, signed } from './relocation-block.ts';
import { entryBytes, type RelocationSection } from './relocation-sections.ts';

/** Elf32_Rel, Elf32_Rela, Elf64_Rel, Elf64_Rela. */
export function openFixedRelocations({ source, fields, header }: ElfImage, section: RelocationSection): RelocationList {
  const { wordBytes } = fields;
  const hasAddends = section.kind === 'rela';
  const size = entryBytes(section.kind, wordBytes);
  const total = Math.floor(section.sizeBytes / size);
  const isMips64 = wordBytes === 8 && (header.machine === machine.mips || header.machine === machine.mipsLittleEndian);
  const block = (first: number, wanted: number): RelocationBlock => {
    const asked = Math.max(0, Math.min(wanted, total - first));
    const bytes = source.read(section.offset + first * size, asked * size);
    const count = Math.floor(bytes.length / size);
    const result = createBlock(count, hasAddends);
    const { offsets, symbols, types, addends } = result;
    for (let index = 0; index < count; index += 1) {
      const at = index * size;
      offsets[index] = fields.bigWord(bytes, at);
      if (wordBytes === 4) {
        const info = fields.u32(bytes, at + 4);
        symbols[index] = info >>> 8;
        types[index] = info & 0xff;
      } else if (isMips64) {
        // No 64-bit number but a 32-bit one and four bytes: ssym, type3, type2, type (MIPS64 ELF specification, 2.9).
        symbols[index] = fields.u32(bytes, at + 8);
        types[index] = bytes.readUInt32BE(at + 12);
      } else {
        const info = fields.byteOrder === 'little' ? at + 8 : at + 12;
        types[index] = fields.u32(bytes, info);
        symbols[index] = fields.u32(bytes, fields.byteOrder === 'little' ? at + 12 : at + 8);
      }
      if (addends !== null) addends[index] = signed(fields.bigWord(bytes, at + 2 * wordBytes), wordBytes);
    }
    return result;
  };
  return { count: total, block };
}
