import { shellCommand } from '../../native/shell-quote.ts';
import type { ByteText } from '../../protocol/elf.ts';

/** An array, or a part of one, as a person can load it: which file, which array of an .npz file, what between the brackets. */
export interface LoadedPart {
  readonly path: ByteText;
  readonly member: string | null;
  readonly slice: string | undefined;
}

/**
 * A shell command that shows in Python what is said of an array. @param program What to do, with `{array}` in the place of the loaded
 * part; `np` and `sys` are imported. Names travel as arguments: they may hold any character.
 */
export function pythonCommand({ path, member, slice }: LoadedPart, program: string): string {
  const file = member === null ? 'np.load(sys.argv[1])' : 'np.load(sys.argv[1])[sys.argv[2]]';
  const chosen = slice === undefined ? '' : `[${slice.trim().replace(/^\[(?<inner>[\s\S]*)\]$/u, '$<inner>')}]`;
  const code = `import sys; import numpy as np; ${program.replace('{array}', () => `${file}${chosen}`)}`;
  return shellCommand(['python3', '-c', code, path, ...(member === null ? [] : [member])]);
}
