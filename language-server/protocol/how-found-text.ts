import type { HowFound } from './dependencies.ts';
import { displayText } from './display-text.ts';

/** Why the loader takes a file, in English: "RUNPATH entry 2 ($ORIGIN/../lib) of /usr/bin/app". */
export function howFoundText({ rule, from, entry, entryNumber }: HowFound): string {
  const which = entry === undefined ? '' : ` entry ${entryNumber ?? 1} (${displayText(entry) || 'empty'})`;
  const source = displayText(from);
  switch (rule) {
    case 'already-loaded':
      return `already loaded, for ${source}`;
    case 'path':
      return `by its path, from ${source}`;
    case 'rpath':
      return `RPATH${which} of ${source}`;
    case 'library-path':
      return `${source}${which}`;
    case 'runpath':
      return `RUNPATH${which} of ${source}`;
    case 'cache':
      return source;
    case 'default':
      return `system folder${which}`;
    case 'preload':
      return `preloaded by ${source}`;
    case 'interpreter':
      return 'the interpreter itself';
    case 'root':
      return 'the file itself';
  }
}
