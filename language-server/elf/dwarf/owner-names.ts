import { posix } from 'node:path';
import type { ByteText } from '../../protocol/elf.ts';

/** Paths of source files, by numbers. */
export interface OwnerNames {
  readonly paths: readonly ByteText[];
  /** Number of a path; -1: there are more of them than can be kept. */
  numberOf(path: ByteText): number;
}

/** Far more than any program has. */
const maximumCharacters = 64 << 20;

export function createOwnerNames(): OwnerNames {
  const numbers = new Map<ByteText, number>();
  const paths: ByteText[] = [];
  let left = maximumCharacters;
  return {
    paths,
    numberOf(path) {
      const known = numbers.get(path);
      if (known !== undefined) return known;
      left -= path.length;
      if (left < 0) return -1;
      numbers.set(path, paths.length);
      return paths.push(path) - 1;
    },
  };
}

/** The path of a file that was in a folder, which was in another one. Null parts are not known, and left out. */
export function sourcePath(...parts: readonly (ByteText | null)[]): ByteText {
  let path = '';
  for (const part of parts) {
    if (part === null || part === '') continue;
    path = part.startsWith('/') || path === '' ? part : `${path}/${part}`;
  }
  const normal = posix.normalize(path === '' ? '.' : path);
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
}
