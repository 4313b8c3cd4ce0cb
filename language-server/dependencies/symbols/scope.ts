import { symbolBinding } from '../../elf/reader/symbol-table.ts';
import { createPause, type Pause } from '../pause.ts';
import type { ResolvedFile } from '../resolve-file.ts';
import { openDynamicSymbols } from './dynamic-symbols.ts';
import { createFilePool } from './file-pool.ts';
import { type Found, type LookUp, lookUpWithGlibc, lookUpWithMusl, type ScopeObject, type Wanted } from './look-up.ts';
import { type Reference, referencesOf } from './references.ts';

/** All objects of a tree with their symbols, while they are open. */
export interface SymbolScope {
  readonly objects: readonly ScopeObject[];
  readonly main: ScopeObject;
  /** What the loader relocates, in its order: what was loaded last first, the program last; not the loader itself. */
  readonly relocated: readonly ScopeObject[];
  readonly pause: Pause;
  /** Which definition a reference of an object is bound to. */
  bind(object: ScopeObject, reference: Reference): Found | null;
  /** The first definition in load order, whoever asks. */
  inScope(wanted: Wanted): Found | null;
  /** As {@link bind}, for a name that no relocation asks for. */
  find(from: ScopeObject, wanted: Wanted): Found | null;
  /** Whether the look-ups came to an end before everything was looked up. */
  isExhausted(): boolean;
}

/** Steps along chains: some seconds. A chain has one or two steps in a table that a linker made. */
const maximumSteps = 50_000_000;
const maximumRemembered = 200_000;

export async function withSymbolScope<T>(
  resolved: ResolvedFile,
  signal: AbortSignal | undefined,
  use: (scope: SymbolScope) => Promise<T>,
): Promise<T> {
  const pool = createFilePool();
  try {
    const pause = createPause(signal);
    const budget = { steps: maximumSteps };
    const objects: ScopeObject[] = [];
    for (const [place, map] of resolved.scope.entries()) {
      await pause();
      objects.push({ map, place, symbols: openDynamicSymbols(pool.source(map.file), budget) });
    }
    const main = objects.find(({ map }) => map === resolved.main);
    if (main === undefined) throw new Error('the file itself is not in its scope');
    const { kind, minorVersion } = resolved.loader;
    const lookUp = kind === 'musl' ? lookUpWithMusl : lookUpWithGlibc(minorVersion);
    const relocated = objects.filter(object => object.map.kind !== 'interpreter' && object !== main);
    return await use({
      objects,
      main,
      relocated: [...(kind === 'musl' ? relocated : relocated.reverse()), main],
      pause,
      ...binder(objects, main, lookUp, kind === 'musl'),
      isExhausted: () => budget.steps <= 0,
    });
  } finally {
    pool.close();
  }
}

/** Every reference of an object, with pauses. */
export async function* references({ pause }: SymbolScope, { symbols }: ScopeObject): AsyncGenerator<Reference> {
  if (symbols === null) return;
  let sincePause = 0;
  for (const reference of referencesOf(symbols)) {
    sincePause += 1;
    if (reference === null || sincePause > 256) {
      sincePause = 0;
      await pause();
    }
    if (reference !== null) yield reference;
  }
}

const protectedVisibility = 3;

function binder(
  objects: readonly ScopeObject[],
  main: ScopeObject,
  lookUp: LookUp,
  isMusl: boolean,
): Pick<SymbolScope, 'bind' | 'find' | 'inScope'> {
  const known = new Map<string, Found | null>();
  /** The first definition of a unique symbol that any look-up came upon is the one of the process (glibc `do_lookup_unique`). */
  const unique = new Map<string, Found>();
  const inScope = (wanted: Wanted): Found | null => {
    const { name, version, typeClass } = wanted;
    const key = `${typeClass}\0${name.bytes}\0${version === null ? '' : `${version.name}\0${version.file ?? ''}`}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const found = lookUp(objects, wanted);
    if (known.size >= maximumRemembered) known.clear();
    known.set(key, found);
    return found;
  };
  const find = (from: ScopeObject, wanted: Wanted): Found | null => {
    // For the program itself the whole scope is its own (glibc `_dl_map_object_from_fd`).
    const isSymbolic = !isMusl && from !== main && from.symbols?.isSymbolic === true;
    const found = (isSymbolic ? lookUp([from], wanted) : null) ?? inScope(wanted);
    if (found === null || isMusl || found.symbol.binding !== symbolBinding.gnuUnique) return found;
    const first = unique.get(wanted.name.bytes);
    if (first !== undefined) return first;
    unique.set(wanted.name.bytes, found);
    return found;
  };
  const bind = (object: ScopeObject, reference: Reference): Found | null => {
    const found = find(object, reference);
    if (isMusl || reference.symbol.visibility !== protectedVisibility || found === null) return found;
    return { object, symbol: reference.symbol };
  };
  return { bind, find, inScope };
}
