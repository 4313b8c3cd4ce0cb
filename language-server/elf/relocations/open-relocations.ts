import type { ElfImage } from '../reader/elf-image.ts';
import { openCompactRelocations } from './compact-relocations.ts';
import { openFixedRelocations } from './fixed-relocations.ts';
import { openRelativeRelocations } from './relative-relocations.ts';
import type { RelocationList } from './relocation-block.ts';
import type { RelocationSection } from './relocation-sections.ts';

export function openRelocations(image: ElfImage, section: RelocationSection): RelocationList {
  switch (section.kind) {
    case 'rel':
    case 'rela':
      return openFixedRelocations(image, section);
    case 'relr':
      return openRelativeRelocations(image, section);
    case 'crel':
      return openCompactRelocations(image, section);
  }
}
