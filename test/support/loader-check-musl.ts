import { expect } from 'vitest';
import { type ResolvedFile, resolveFile } from '../../language-server/dependencies/resolve-file.ts';
import type { Situation } from './loader-check.ts';
import { askLoader, muslLoader } from './loader-oracle.ts';

/** Resolves the file and asks musl's own `--list`: the same objects in the same order, and the same misses. */
export async function checkAgainstMusl({ file, cwd, libraryPath, preload }: Situation): Promise<ResolvedFile> {
  const variables = { ...(libraryPath !== undefined && { libraryPath }), ...(preload !== undefined && { preload }) };
  const resolved = await resolveFile(file, { cwd, ...variables }, undefined);
  const env = { LD_LIBRARY_PATH: libraryPath ?? '', LD_PRELOAD: preload ?? '' };
  const [answer] = await askLoader(muslLoader, { files: [file], cwd, env, mode: 'list' });
  if (answer === undefined) throw new Error('no answer');
  const absolute = (path: string): string =>
    path.startsWith('/') ? path : `${cwd}/${path.replace(/^(?:\.\/+)+/u, '')}`;
  const edges = resolved.loadOrder.flatMap(map => map.edges);
  expect({
    found: resolved.loadOrder.filter(({ kind }) => kind === 'library').map(({ shownPath }) => shownPath),
    missing: edges.filter(({ found, kind }) => found === null && kind === 'needed').map(({ name }) => name),
  }).toEqual({
    // musl always lists itself first, and again by each of the names that it answers to.
    found: answer.objects.flatMap(({ path }) => (path === null || path === muslLoader ? [] : [absolute(path)])),
    missing: answer.objects.filter(({ path }) => path === null).map(({ name }) => name),
  });
  expect(resolved.loader.kind).toBe('musl');
  return resolved;
}
