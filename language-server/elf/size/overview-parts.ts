import type { OverviewPart } from '../../protocol/elf.ts';
import type { ElfImage } from '../reader/elf-image.ts';
import { largest } from './largest.ts';
import { partSizes } from './parts.ts';

const shownParts = 8;

/** The largest sections and other parts of a file, the rest in one. Reads the section headers only. */
export function overviewParts(image: ElfImage): readonly OverviewPart[] {
  const sections = image.firstSections();
  const parts = [...partSizes(image)].map(([key, sizes]) => {
    const section = typeof key === 'number' ? sections[key] : undefined;
    const name = typeof key === 'string' ? key : section === undefined ? '' : image.sectionName(section);
    return { name, kind: 'section' as const, ...sizes, children: [] };
  });
  return largest(parts, shownParts).map(({ name, fileBytes, memoryBytes, count }) =>
    count === undefined ? { name, fileBytes, memoryBytes } : { name, fileBytes, memoryBytes, count },
  );
}
