import type { HowFound } from '../protocol/dependencies.ts';
import { displayText } from '../protocol/display-text.ts';

/** By which rule the loader finds a file: "RUNPATH entry 2 ($ORIGIN/../lib) of /opt/app/bin/app". */
export function howText({ rule, from, entry, entryNumber }: HowFound): string {
  const source = displayText(from);
  const which = entry === undefined ? '' : ` entry ${entryNumber ?? 1} (${displayText(entry) || 'empty'})`;
  switch (rule) {
    case 'already-loaded':
      return `already loaded for ${source}`;
    case 'path':
      return `its path, from ${source}`;
    case 'rpath':
      return `RPATH${which} of ${source}`;
    case 'library-path':
      return `${source}${which}`;
    case 'runpath':
      return `RUNPATH${which} of ${source}`;
    case 'cache':
      return `the loader's cache ${source}`;
    case 'default':
      return `the system folder${which}`;
    case 'preload':
      return `preloaded by ${source}`;
    case 'interpreter':
      return 'the program interpreter itself';
    case 'root':
      return 'the file itself';
  }
}
