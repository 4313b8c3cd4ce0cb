import picomatch from 'picomatch';
import type { ByteText } from '../protocol/elf.ts';
import { UserError } from '../protocol/errors.ts';

/** Whether a file or folder is left out, by its path relative to the folder that is scanned. */
export type Exclusion = (relativePath: ByteText) => boolean;

export const nothingExcluded: Exclusion = () => false;

/** Longer ones are no globs that anybody wrote by hand. */
const maximumGlobLength = 4096;

/**
 * What globs leave out: a folder with all that is in it, or a file. `*` and `?` stay within one name, `**` does not; a glob
 * without a slash holds for a name anywhere, as in .gitignore. Names that begin with a dot are as good as any other.
 *
 * @throws UserError `invalidParams` for a glob that cannot be understood.
 */
export function createExclusion(globs: readonly string[]): Exclusion {
  if (globs.length === 0) return nothingExcluded;
  const names = new Set<ByteText>();
  const patterns: string[] = [];
  for (const glob of globs.map(plain)) {
    const anywhere = glob.replace(/^\*\*\//u, '');
    // Most globs are names, and most names are looked up faster than matched.
    if (/^[\w.@+-]+$/u.test(anywhere)) names.add(anywhere);
    else patterns.push(glob.includes('/') ? glob.replace(/^\.?\//u, '') : `**/${glob}`);
  }
  const matches = patterns.length === 0 ? nothingExcluded : matcher(patterns);
  return path => names.has(path.slice(path.lastIndexOf('/') + 1)) || matches(path);
}

/** `node_modules/` and `node_modules/**` mean the folder: what is in it is not looked for anyhow. */
function plain(glob: string): string {
  return glob.replace(/(?:\/\*\*)?\/*$/u, '');
}

function matcher(patterns: readonly string[]): Exclusion {
  try {
    return picomatch([...patterns], { dot: true, maxLength: maximumGlobLength, strictBrackets: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError('invalidParams', `What to leave out cannot be understood (${patterns.join(', ')}): ${reason}.`);
  }
}
