import type { CythonFileKind } from '../lint.ts';

const kinds: ReadonlyMap<string, CythonFileKind> = new Map([
  ['.pyx', 'pyx'],
  ['.pxd', 'pxd'],
  ['.pxi', 'pxi'],
]);

/** What kind of Cython file a path or URI names, by its ending; null for any other file (`x.pyx.bak`, `x.py`). */
export function cythonFileKind(path: string): CythonFileKind | null {
  return kinds.get(path.slice(-4).toLowerCase()) ?? null;
}
