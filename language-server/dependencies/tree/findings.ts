import type { ByteText } from '../../protocol/elf.ts';
import type { Finding } from '../../protocol/finding.ts';
import { resolveTree, type TreeOptions } from './tree.ts';
import { truncatedCode } from './tree-problems.ts';

/** What the loader would complain of when it loads the file: what belongs under Problems. Errors: as {@link resolveTree}. */
export async function dependencyFindings(
  path: ByteText,
  options: TreeOptions,
  signal?: AbortSignal,
): Promise<readonly Finding[]> {
  const { root, problems } = await resolveTree(path, options, signal);
  return (
    problems
      // Of the file itself its reader says so, segment by segment.
      .filter(({ code, object }) => code !== truncatedCode || object !== root)
      .filter(({ severity }) => severity === 'error' || severity === 'warning')
      .map(({ object: _object, edge: _edge, ...finding }) => finding)
  );
}
