import type { ElfImage } from '../reader/elf-image.ts';

const debugSections = ['.debug_line', '.debug_info', '.zdebug_line', '.zdebug_info'];

/** Whether there is DWARF in the file itself. */
export function hasDebugInformation({ sectionNamed }: ElfImage): boolean {
  return debugSections.some(name => {
    const section = sectionNamed(name);
    return section !== undefined && section.sizeBytes > 0n;
  });
}
