import { sectionIndex, symbolBinding } from '../../elf/reader/symbol-table.ts';
import type { ObjectId } from '../../protocol/dependencies.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type {
  InterposedSymbol,
  InterposedSymbols,
  InterpositionReason,
  SymbolDefinition,
} from '../../protocol/loader-symbols.ts';
import { resolveFile } from '../resolve-file.ts';
import { bindingsCommand } from '../tree/loader-command.ts';
import { objectIds } from '../tree/object-ids.ts';
import type { TreeOptions } from '../tree/tree.ts';
import { effectiveEnvironment } from '../tree/what-if.ts';
import { definitionOf } from './definition.ts';
import type { DynamicSymbol, DynamicSymbols } from './dynamic-symbols.ts';
import { type Found, isDefinition, type ScopeObject } from './look-up.ts';
import { references, type SymbolScope, withSymbolScope } from './scope.ts';
import { nameText, type SymbolName, symbolName } from './symbol-name.ts';

export interface InterposedOptions extends TreeOptions {
  /** At most this many rows, strong ones first. */
  readonly limit?: number;
}

const defaultLimit = 1000;
const order: readonly InterpositionReason[] = ['strong', 'weak', 'copy', 'linker'];

/**
 * Symbols that more than one object of the tree defines, so that the first one takes the references of all. Hash tables tell
 * which names may be defined twice; only of those the names are read.
 *
 * @throws UserError as `resolveTree`.
 */
export async function findInterposed(
  path: ByteText,
  options: InterposedOptions,
  signal?: AbortSignal,
): Promise<InterposedSymbols> {
  const resolved = await resolveFile(path, effectiveEnvironment(options), signal, options.files);
  const ids = objectIds(resolved.loadOrder);
  const idOf = ({ map }: ScopeObject): ObjectId => ids.get(map) ?? map.shownPath;
  return await withSymbolScope(resolved, signal, async scope => {
    const groups = await shadowedDefinitions(scope);
    const copied = new Set<string>();
    for await (const { typeClass, name } of references(scope, scope.main))
      if (typeClass === 'copy') copied.add(name.bytes);
    const rebound = await reboundObjects(scope, groups);
    const rows = groups.map(group => toRow(group, scope.main, copied, rebound, idOf));
    const sorted = order.flatMap(reason => rows.filter(row => row.reason === reason));
    const count = (reason: InterpositionReason): number => rows.filter(row => row.reason === reason).length;
    return {
      symbols: sorted.slice(0, options.limit ?? defaultLimit),
      total: { strong: count('strong'), weak: count('weak'), copy: count('copy'), linker: count('linker') },
      command: bindingsCommand(resolved),
    };
  });
}

interface Definition {
  readonly object: ScopeObject;
  readonly symbols: DynamicSymbols;
  readonly symbol: DynamicSymbol;
}

interface Group {
  readonly name: SymbolName;
  readonly winner: Definition;
  readonly shadowed: Definition[];
}

/** Enough for all libraries of a desktop in one process. */
const maximumNames = 4 << 20;
const severalObjects = -1;

async function shadowedDefinitions(scope: SymbolScope): Promise<readonly Group[]> {
  const candidates = await namesOfSeveral(scope);
  const groups = new Map<string, Group>();
  for (const definitions of candidates.values()) {
    await scope.pause();
    const byName = groupByName(definitions);
    for (const [bytes, named] of byName) {
      if (new Set(named.map(({ object }) => object)).size < 2) continue;
      const name = symbolName(bytes);
      for (const definition of named) addShadowed(scope, groups, name, definition, named);
    }
  }
  return [...groups.values()].sort((a, b) => a.winner.object.place - b.winner.object.place);
}

/** A definition that a reference of its own object to it would not get. */
function addShadowed(
  scope: SymbolScope,
  groups: Map<string, Group>,
  name: SymbolName,
  definition: Definition,
  all: readonly Definition[],
): void {
  const { object, symbols, symbol } = definition;
  const version = symbols.hasVersions ? symbols.version(symbols.versionNumber(symbol.index)) : null;
  const found = scope.inScope({ name, version, typeClass: 'plt' });
  if (found === null || found.object === object) return;
  const winner = all.find(other => isFound(other, found));
  if (winner === undefined) return;
  const key = `${name.bytes}\0${found.object.place}\0${found.symbol.index}`;
  const group = groups.get(key) ?? { name, winner, shadowed: [] };
  group.shadowed.push(definition);
  groups.set(key, group);
}

function isFound({ object, symbol }: Definition, found: Found): boolean {
  return object === found.object && symbol.index === found.symbol.index;
}

/** The definitions of names that several objects may define, by the bits of their hash values. */
async function namesOfSeveral(scope: SymbolScope): Promise<ReadonlyMap<number, readonly Definition[]>> {
  const places = new Map<number, number>();
  for (const { place, bits } of hashBits(scope)) {
    const known = places.get(bits);
    if (known === undefined && places.size < maximumNames) places.set(bits, place);
    else if (known !== undefined && known !== place) places.set(bits, severalObjects);
    await scope.pause();
  }
  const several = new Map<number, Definition[]>();
  for (const { object, symbols, index, bits } of hashBits(scope)) {
    if (places.get(bits) !== severalObjects) continue;
    await scope.pause();
    const symbol = symbols.symbol(index);
    if (symbol === null || !isVisibleDefinition(symbols, symbol)) continue;
    const known = several.get(bits);
    if (known === undefined) several.set(bits, [{ object, symbols, symbol }]);
    else known.push({ object, symbols, symbol });
  }
  return several;
}

function* hashBits({ objects }: SymbolScope) {
  for (const object of objects) {
    const { symbols, place } = object;
    if (symbols === null) continue;
    for (const [index, bits] of symbols.lookup?.entries() ?? []) {
      yield { object, symbols, place, index, bits: bits ?? bitsOf(symbols, index) };
    }
  }
}

/** As DT_GNU_HASH has them, for a table that has none. */
function bitsOf(symbols: DynamicSymbols, index: number): number {
  const symbol = symbols.symbol(index);
  return symbol === null ? 0 : symbolName(symbols.nameOf(symbol)).gnuHash() >>> 1;
}

function isVisibleDefinition(symbols: DynamicSymbols, symbol: DynamicSymbol): boolean {
  const { section, visibility, binding, index } = symbol;
  if (section === sectionIndex.undefined || !isDefinition(symbol, 'plt')) return false;
  if (visibility === 1 || visibility === 2 || binding === symbolBinding.local) return false;
  // Each version is a symbol too, of its own name.
  const version = symbols.version(symbols.versionNumber(index));
  return section !== sectionIndex.absolute || version === null || version.name !== nameText(symbols.nameOf(symbol));
}

function groupByName(definitions: readonly Definition[]): ReadonlyMap<string, readonly Definition[]> {
  const byName = new Map<string, Definition[]>();
  for (const definition of definitions) {
    const name = definition.symbols.nameOf(definition.symbol);
    const known = byName.get(name);
    if (known === undefined) byName.set(name, [definition]);
    else known.push(definition);
  }
  return byName;
}

/** For each name the objects whose own definition is shadowed, and whose own references go to another. */
async function reboundObjects(
  scope: SymbolScope,
  groups: readonly Group[],
): Promise<ReadonlyMap<string, ReadonlySet<ScopeObject>>> {
  const shadowedNames = new Map<ScopeObject, Set<string>>();
  for (const { name, shadowed } of groups) {
    for (const { object } of shadowed) {
      const names = shadowedNames.get(object) ?? new Set<string>();
      names.add(name.bytes);
      shadowedNames.set(object, names);
    }
  }
  const rebound = new Map<string, Set<ScopeObject>>();
  for (const [object, names] of shadowedNames) {
    for await (const reference of references(scope, object)) {
      if (!names.has(reference.name.bytes)) continue;
      const found = scope.bind(object, reference);
      if (found === null || found.object === object) continue;
      const objects = rebound.get(reference.name.bytes) ?? new Set<ScopeObject>();
      objects.add(object);
      rebound.set(reference.name.bytes, objects);
    }
  }
  return rebound;
}

function toRow(
  { name, winner, shadowed }: Group,
  main: ScopeObject,
  copied: ReadonlySet<string>,
  rebound: ReadonlyMap<string, ReadonlySet<ScopeObject>>,
  idOf: (object: ScopeObject) => ObjectId,
): InterposedSymbol {
  const toWire = ({ object, symbols, symbol }: Definition): SymbolDefinition =>
    definitionOf(symbols, symbol, idOf(object));
  const first = toWire(winner);
  const others = shadowed.map(toWire);
  const isCopy = winner.object === main && copied.has(name.bytes);
  return {
    name: nameText(name.bytes),
    version: first.version,
    winner: first,
    shadowed: others,
    reason: isCopy ? 'copy' : reasonOf(name, [first, ...others]),
    rebound: [...(rebound.get(name.bytes) ?? [])]
      .filter(object => shadowed.some(definition => definition.object === object))
      .map(idOf),
  };
}

/** What the parts of glibc share among themselves. */
const privateVersion = 'GLIBC_PRIVATE';
/** GNU ld's scripts define these in every object that exports all symbols. */
const linkerNames = new Set([
  '_end',
  '_edata',
  '__bss_start',
  '__bss_start__',
  '__bss_end__',
  '__end__',
  '_bss_end__',
  '_etext',
  'etext',
  'edata',
  'end',
  '_init',
  '_fini',
]);

function reasonOf({ bytes }: SymbolName, definitions: readonly SymbolDefinition[]): InterpositionReason {
  if (linkerNames.has(bytes) || definitions[0]?.version === privateVersion) return 'linker';
  return definitions.some(({ binding }) => binding !== 'global') ? 'weak' : 'strong';
}
