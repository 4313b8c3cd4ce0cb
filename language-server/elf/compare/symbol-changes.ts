import type { ComparedSymbol, SizeChange, SymbolChanges } from '../../protocol/compare.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { bounded } from './bounded-list.ts';

type Symbols = ReadonlyMap<ByteText, ComparedSymbol>;

/** All that changed, unbounded; by name. */
export interface SymbolDifference {
  readonly added: readonly ComparedSymbol[];
  readonly removed: readonly ComparedSymbol[];
  readonly changed: readonly { readonly before: ComparedSymbol; readonly after: ComparedSymbol }[];
}

export function differenceOf(before: Symbols, after: Symbols): SymbolDifference {
  const changed = [...before].flatMap(([key, old]) => {
    const young = after.get(key);
    return young === undefined || isSame(old, young) ? [] : [{ before: old, after: young }];
  });
  return {
    added: sorted([...after].flatMap(([key, symbol]) => (before.has(key) ? [] : [symbol]))),
    removed: sorted([...before].flatMap(([key, symbol]) => (after.has(key) ? [] : [symbol]))),
    changed,
  };
}

export function boundedDifference({ added, removed, changed }: SymbolDifference, limit: number): SymbolChanges {
  return { added: bounded(added, limit), removed: bounded(removed, limit), changed: bounded(changed, limit) };
}

/** Data is copied into programs by its size; that of code is nobody's business. */
function isSame(before: ComparedSymbol, after: ComparedSymbol): boolean {
  if (before.type !== after.type || before.binding !== after.binding) return false;
  return !isData(before) || before.sizeBytes === after.sizeBytes;
}

export function isData({ type }: ComparedSymbol): boolean {
  return type === 'OBJECT' || type === 'TLS' || type === 'COMMON';
}

function sorted(symbols: ComparedSymbol[]): readonly ComparedSymbol[] {
  return symbols.sort((left, right) => (left.name + left.version < right.name + right.version ? -1 : 1));
}

/** Sizes that differ; the largest difference first. */
export function sizeChanges(
  before: ReadonlyMap<ByteText, number>,
  after: ReadonlyMap<ByteText, number>,
): readonly SizeChange[] {
  const changes: SizeChange[] = [];
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const [old, young] = [before.get(name) ?? null, after.get(name) ?? null];
    if (old === young) continue;
    changes.push({ name, before: old, after: young, delta: (young ?? 0) - (old ?? 0) });
  }
  const order = (left: SizeChange, right: SizeChange): number =>
    Math.abs(right.delta) - Math.abs(left.delta) || (left.name < right.name ? -1 : 1);
  return changes.sort(order);
}
