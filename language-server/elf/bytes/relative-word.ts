import type { ElfImage } from '../reader/elf-image.ts';
import type { RelocationSection } from '../relocations/relocation-sections.ts';

const wordsAtOnce = 4096;

/**
 * The word that relocation `index` of a RELR section comes from: an even word is one relocation, an odd one as many as it has
 * bits beside the lowest (gABI, "Relative Relocation Table").
 */
export function relativeWordOf({ source, fields }: ElfImage, section: RelocationSection, index: number): number {
  const { wordBytes } = fields;
  const words = Math.floor(section.sizeBytes / wordBytes);
  let before = 0;
  for (let first = 0; first < words; first += wordsAtOnce) {
    const bytes = source.read(section.offset + first * wordBytes, Math.min(wordsAtOnce, words - first) * wordBytes);
    for (let at = 0; at + wordBytes <= bytes.length; at += wordBytes) {
      const word = fields.bigWord(bytes, at);
      before += (word & 1n) === 0n ? 1 : bitCount(word) - 1;
      if (before > index) return first + at / wordBytes;
    }
  }
  return 0;
}

function bitCount(word: bigint): number {
  let count = 0;
  for (let rest = word; rest !== 0n; rest &= rest - 1n) count += 1;
  return count;
}
