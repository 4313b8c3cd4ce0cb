import type { ByteText } from '../protocol/elf.ts';
import { functionName, nearestNames } from './similar-names.ts';
import type { World } from './world.ts';

/** Symbols of like names, and what the difference tells. */
export interface SimilarSymbols {
  /** Mangled, the nearest first. */
  readonly names: readonly ByteText[];
  readonly demangled: readonly ByteText[];
  readonly diagnosis: 'extern-c' | 'mangled' | 'cxx11' | 'signature' | 'name' | null;
}

const none: SimilarSymbols = { names: [], demangled: [], diagnosis: null };
const shown = 5;

/**
 * Looks among defined symbols for what was most likely meant: the same function with other parameters, the same name with or
 * without C++ mangling, a name with a small difference.
 */
export async function similarSymbols(
  world: World,
  name: ByteText,
  defined: Iterable<ByteText>,
): Promise<SimilarSymbols> {
  const names = [...defined];
  const isMangled = name.startsWith('_Z');
  if (!isMangled) {
    // Itanium ABI 5.1.3: a function outside of a namespace is _Z, the length of its name, its name, its parameters.
    const mangled = names.filter(candidate => candidate.startsWith(`_Z${name.length}${name}`));
    if (mangled.length > 0) return await readable(world, mangled, 'mangled');
    return await readable(
      world,
      nearestNames(
        name,
        names.filter(candidate => !candidate.startsWith('_Z')),
        shown,
      ),
      'name',
    );
  }
  const identifiers = identifiersOf(name);
  const last = identifiers.at(-1);
  if (last === undefined) return none;
  if (identifiers.length === 1 && names.includes(last)) return await readable(world, [last], 'extern-c');
  const plain = withoutCxx11(name);
  const otherAbi = names.filter(candidate => candidate !== name && withoutCxx11(candidate) === plain);
  if (otherAbi.length > 0) return await readable(world, otherAbi, 'cxx11');
  const candidates = names.filter(
    candidate => candidate.startsWith('_Z') && candidate.includes(`${last.length}${last}`),
  );
  const [wanted = '', ...read] = await world.demangle([name, ...candidates]);
  const sameFunction = candidates.filter((_, index) => functionName(read[index] ?? '') === functionName(wanted));
  if (sameFunction.length > 0) return await readable(world, sameFunction, 'signature');
  const distant = nearestNames(name, candidates, shown);
  return distant.length > 0 ? await readable(world, distant, 'name') : await readable(world, candidates, 'name');
}

async function readable(
  world: World,
  names: readonly ByteText[],
  diagnosis: SimilarSymbols['diagnosis'],
): Promise<SimilarSymbols> {
  const few = names.slice(0, shown);
  return few.length === 0 ? none : { names: few, demangled: await world.demangle(few), diagnosis };
}

/** The names in a mangled name, each behind its length: `_ZN3foo3barEi` has foo and bar. */
export function identifiersOf(mangled: ByteText): readonly ByteText[] {
  const found: ByteText[] = [];
  for (let at = 2; at < mangled.length; ) {
    const digits = /^\d+/u.exec(mangled.slice(at, at + 6))?.[0];
    if (digits === undefined) {
      // Parameters begin at the end of a nested name.
      if (mangled[at] === 'E' && found.length > 0) break;
      if (found.length > 0 && !mangled.startsWith('_ZN', 0)) break;
      at += 1;
      continue;
    }
    const length = Number(digits);
    found.push(mangled.slice(at + digits.length, at + digits.length + length));
    at += digits.length + length;
  }
  return found.filter(name => name !== '__cxx11');
}

/** With the C++11 strings and the old ones made equal, roughly: `St7__cxx11…` and `Ss`, and the tag `B5cxx11`. */
function withoutCxx11(mangled: ByteText): string {
  return mangled
    .replaceAll('B5cxx11', '')
    .replaceAll('NSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE', 'Ss')
    .replaceAll('St7__cxx11', 'St')
    .replace(/S\d*_/gu, 'S_');
}
