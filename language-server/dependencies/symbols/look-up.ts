import { sectionIndex, symbolBinding, symbolType } from '../../elf/reader/symbol-table.ts';
import type { LinkMap } from '../loader/link-map.ts';
import type { DynamicSymbol, DynamicSymbols, LoaderVersion } from './dynamic-symbols.ts';
import type { HashLookup } from './hash-lookup.ts';
import type { TypeClass } from './relocation-classes.ts';
import type { SymbolName } from './symbol-name.ts';

/** An object of the scope, and its symbols; null where it has none that can be found. */
export interface ScopeObject {
  readonly map: LinkMap;
  readonly place: number;
  readonly symbols: DynamicSymbols | null;
}

/** What is looked for. */
export interface Wanted {
  readonly name: SymbolName;
  readonly version: LoaderVersion | null;
  readonly typeClass: TypeClass;
}

export interface Found {
  readonly object: ScopeObject;
  readonly symbol: DynamicSymbol;
  /** The version is asked of this very object, which has none at all: glibc ends with an assertion here (`check_match`). */
  readonly isAsserted?: true;
}

/** One loader's way to look a symbol up in objects, in their order. Null: none of them has it. */
export type LookUp = (scope: readonly ScopeObject[], wanted: Wanted) => Found | null;

const definitionTypes: ReadonlySet<number> = new Set([
  symbolType.none,
  symbolType.object,
  symbolType.function,
  symbolType.common,
  symbolType.tls,
  symbolType.gnuIfunc,
]);
/** musl has no indirect functions. */
const muslTypes: ReadonlySet<number> = new Set([...definitionTypes].filter(type => type !== symbolType.gnuIfunc));
const globalBindings: ReadonlySet<number> = new Set([
  symbolBinding.global,
  symbolBinding.weak,
  symbolBinding.gnuUnique,
]);
const hiddenVersion = 0x8000;
/** STV_INTERNAL, STV_HIDDEN */
const isLocalVisibility = ({ visibility }: DynamicSymbol): boolean => visibility === 1 || visibility === 2;

/**
 * glibc `do_lookup_x` and `check_match` of elf/dl-lookup.c. Up to glibc 2.29 the search ended at the object that the version is
 * asked of; since then a symbol may have moved to another library.
 *
 * @param minorVersion of glibc 2.x; null where it is not known, which is taken for a recent one.
 */
export function lookUpWithGlibc(minorVersion: number | null): LookUp {
  const endsAtFile = minorVersion !== null && minorVersion < firstWithMovedSymbols;
  return (scope, wanted) => lookUp(scope, wanted, endsAtFile);
}

const firstWithMovedSymbols = 30;

function lookUp(scope: readonly ScopeObject[], wanted: Wanted, endsAtFile: boolean): Found | null {
  for (const object of scope) {
    const { symbols, map } = object;
    const lookup = symbols?.lookup ?? null;
    // A copy is made of what others define.
    if (symbols === null || lookup === null || (wanted.typeClass === 'copy' && map.kind === 'program')) continue;
    const matched = lookup.mayHave(wanted.name) ? matchIn(symbols, lookup, wanted) : null;
    const found = matched === null ? null : foundIn(object, symbols, matched, wanted);
    if (found !== null) return found;
    if (matched === null && endsAtFile && isAskedOf(map, wanted.version)) return null;
  }
  return null;
}

function foundIn(object: ScopeObject, symbols: DynamicSymbols, symbol: DynamicSymbol, wanted: Wanted): Found | null {
  if (!symbols.hasVersions && isAskedOf(object.map, wanted.version)) return { object, symbol, isAsserted: true };
  return !isLocalVisibility(symbol) && globalBindings.has(symbol.binding) ? { object, symbol } : null;
}

function isAskedOf(map: LinkMap, version: LoaderVersion | null): boolean {
  return version !== null && version.file !== null && isNamed(map, version.file);
}

function matchIn(symbols: DynamicSymbols, lookup: HashLookup, wanted: Wanted): DynamicSymbol | null {
  let onlyVersioned: DynamicSymbol | null = null;
  let versioned = 0;
  for (const index of lookup.find(wanted.name)) {
    const symbol = symbols.symbol(index);
    if (symbol === null || !isDefinition(symbol, wanted.typeClass)) continue;
    if (symbols.nameOf(symbol) !== wanted.name.bytes) continue;
    switch (fitOf(symbols, index, wanted.version)) {
      case 'fits':
        return symbol;
      case 'default of another version':
        versioned += 1;
        onlyVersioned ??= symbol;
        break;
      case 'no':
        break;
    }
  }
  // Of a name without a version one default will do, since nothing else can be meant.
  return versioned === 1 ? onlyVersioned : null;
}

/** Has an address, or is absolute or of a thread; for a call it must not be a mere address of somebody else's function. */
export function isDefinition({ value, section, type }: DynamicSymbol, typeClass: TypeClass): boolean {
  if (value === 0n && section !== sectionIndex.absolute && type !== symbolType.tls) return false;
  if (typeClass !== 'other' && section === sectionIndex.undefined) return false;
  return definitionTypes.has(type);
}

/** The part of glibc's `check_match` about versions. */
export function fitOf(
  symbols: DynamicSymbols,
  index: number,
  version: LoaderVersion | null,
): 'fits' | 'default of another version' | 'no' {
  if (!symbols.hasVersions) return 'fits';
  const number = symbols.versionNumber(index);
  const isHidden = (number & hiddenVersion) !== 0;
  if (version !== null) {
    const own = symbols.version(number);
    if (own !== null && own.hash === version.hash && own.name === version.name) return 'fits';
    return own === null && !isHidden ? 'fits' : 'no';
  }
  if ((number & ~hiddenVersion) < 3) return 'fits';
  return isHidden ? 'no' : 'default of another version';
}

/** glibc `_dl_name_match_p` */
function isNamed(map: LinkMap, name: string): boolean {
  return map.name === name || map.names.includes(name) || map.object.soname === name;
}

/** musl `find_sym` of ldso/dynlink.c: no versions, but symbols of versions that are not the default cannot be found. */
export const lookUpWithMusl: LookUp = (scope, { name, typeClass }) => {
  for (const object of scope) {
    const { symbols, map } = object;
    if (typeClass === 'copy' && map.kind === 'program') continue;
    const lookup = symbols?.lookup ?? null;
    if (symbols === null || lookup === null || !lookup.mayHave(name)) continue;
    const symbol = matchWithMusl(symbols, lookup, name);
    if (symbol === null) continue;
    const isUndefined = symbol.section === sectionIndex.undefined;
    if (isUndefined && (typeClass === 'plt' || symbol.type === symbolType.tls)) continue;
    if (symbol.value === 0n && symbol.type !== symbolType.tls) continue;
    if (muslTypes.has(symbol.type) && globalBindings.has(symbol.binding)) return { object, symbol };
  }
  return null;
};

function matchWithMusl(symbols: DynamicSymbols, lookup: HashLookup, name: SymbolName): DynamicSymbol | null {
  for (const index of lookup.find(name)) {
    const symbol = symbols.symbol(index);
    if (symbol === null || symbols.nameOf(symbol) !== name.bytes) continue;
    if ((symbols.versionNumber(index) & hiddenVersion) === 0) return symbol;
  }
  return null;
}
