import type { ByteText } from '../protocol/elf.ts';
import type { Finding } from '../protocol/finding.ts';
import { resolveTree, type TreeOptions } from './tree.ts';

/** What the loader would complain of when it loads the file: what belongs under Problems. Errors: as {@link resolveTree}. */
export async function dependencyFindings(
  path: ByteText,
  options: TreeOptions,
  signal?: AbortSignal,
): Promise<readonly Finding[]> {
  const { problems } = await resolveTree(path, options, signal);
  return problems
    .filter(({ severity }) => severity === 'error' || severity === 'warning')
    .map(({ object: _object, edge: _edge, ...finding }) => finding);
}
