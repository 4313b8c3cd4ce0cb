import type { LoaderEnvironment } from '../dependencies/loader/environment.ts';
import type { Edge } from '../dependencies/loader/link-map.ts';
import { type ResolvedFile, resolveFile } from '../dependencies/resolve-file.ts';
import type { ByteText } from '../protocol/elf.ts';
import { UserError } from '../protocol/errors.ts';

/** A name that the loader will look for while it starts a program, by our rules. */
export interface PredictedSearch {
  /** The asking object as the loader calls it; '' for the program itself. */
  readonly by: ByteText;
  readonly name: ByteText;
  /** Every path that is tried, absolute; where something is found, that comes last. */
  readonly tried: readonly ByteText[];
}

export type Prediction =
  | { readonly kind: 'searches'; readonly searches: readonly PredictedSearch[]; readonly resolved: ResolvedFile }
  | { readonly kind: 'none'; readonly reason: string };

/** What a program's start will look for, in the loader's order; nothing is run. */
export async function predictStart(
  path: ByteText,
  environment: LoaderEnvironment,
  signal: AbortSignal | undefined,
): Promise<Prediction> {
  try {
    const resolved = await resolveFile(path, environment, signal);
    const { loader, loadOrder } = resolved;
    if (loader.kind !== 'glibc') return { kind: 'none', reason: `Its loader is not glibc's.` };
    const searches = loadOrder.flatMap(({ name, edges }) =>
      edges.filter(isLookedFor).map(edge => predicted(name, edge)),
    );
    return { kind: 'searches', searches, resolved };
  } catch (error) {
    if (error instanceof UserError) return { kind: 'none', reason: error.message };
    throw error;
  }
}

/** What has the name of a loaded object is not looked for, and the loader says nothing of it. */
function isLookedFor({ path, tried }: Edge): boolean {
  return path !== null || tried.length > 0;
}

/** Tokens of a NEEDED name are expanded before the loader says that it looks for it (dl-deps.c), those of a preload are not. */
function predicted(by: ByteText, { kind, expandedName, name, path, tried }: Edge): PredictedSearch {
  const attempts = tried.map(candidate => candidate.path);
  return { by, name: kind === 'preload' ? name : expandedName, tried: path === null ? attempts : [...attempts, path] };
}
