import { dirname, normalize } from 'node:path';
import type { ByteText } from '../protocol/elf.ts';

/** `$ORIGIN`, not `$ORIGINx` (gABI; glibc `is_dst`). */
const origin = /\$(?:\{ORIGIN\}|ORIGIN(?![A-Za-z0-9_]))/gu;

/** The entries of an RPATH or RUNPATH, those with `$ORIGIN` beside what they mean where the file lies now. */
export function expandedRunPath(runPath: ByteText | null, path: ByteText): readonly ByteText[] {
  if (runPath === null) return [];
  const folder = dirname(path);
  return runPath.split(':').map(entry => {
    const expanded = entry.replace(origin, () => folder);
    return expanded === entry || folder === '.' ? entry : `${entry} → ${normalize(expanded)}`;
  });
}
