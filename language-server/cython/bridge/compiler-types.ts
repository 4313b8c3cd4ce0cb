import type { Type } from '../binding/model.ts';
import type { Analysis } from './answers.ts';

/** The types of one cast as the compiler has them. Of a function of fused types there is one for each specialisation. */
export interface CompiledCast {
  readonly target: Type;
  readonly operand: Type;
  /** As a person writes them; empty where they are not known. */
  readonly targetText: string;
  readonly operandText: string;
}

/** What the compiler found out about one text. Lines and characters count from 0, in UTF-16 units. */
export interface CompilerTypes {
  /** Of the cast that begins there; empty where the compiler says nothing. */
  castsAt(line: number, character: number): readonly CompiledCast[];
  /** Of `.data` whose dot is there: the types of the object. */
  dataOwnersAt(line: number, character: number): readonly Type[];
  /** The same for a text in which lines were inserted, removed or changed: what stood on those is not known. */
  moved(change: LineChange): CompilerTypes;
  /** Equal where all that is known is equal. */
  readonly signature: string;
}

/** An edit, as lines: the first ones are as they were, the last ones are only elsewhere, and those between are new. */
export interface LineChange {
  readonly unchangedLines: number;
  /** The first line of the unchanged end, in the text before and after. */
  readonly endBefore: number;
  readonly endAfter: number;
}

interface Placed<T> {
  readonly line: number;
  readonly character: number;
  readonly fact: T;
}

export function compilerTypesOf({ casts, accesses, types }: Analysis): CompilerTypes {
  const typeAt = (index: number): { readonly type: Type; readonly text: string } =>
    types[index] ?? { type: { kind: 'unknown' }, text: '' };
  return viewOf(
    casts.map(([line, character, targetIndex, operandIndex]) => {
      const target = typeAt(targetIndex);
      const operand = typeAt(operandIndex);
      const texts = { targetText: target.text, operandText: operand.text };
      return { line, character, fact: { target: target.type, operand: operand.type, ...texts } };
    }),
    accesses.map(([line, character, owner]) => ({ line, character, fact: typeAt(owner).type })),
  );
}

function viewOf(casts: readonly Placed<CompiledCast>[], owners: readonly Placed<Type>[]): CompilerTypes {
  const castsByPlace = byPlace(casts);
  const ownersByPlace = byPlace(owners);
  let signature: string | undefined;
  return {
    castsAt: (line, character) => castsByPlace.get(placeKey(line, character)) ?? [],
    dataOwnersAt: (line, character) => ownersByPlace.get(placeKey(line, character)) ?? [],
    moved: change => viewOf(movedPlaces(casts, change), movedPlaces(owners, change)),
    get signature() {
      signature ??= JSON.stringify([casts, owners.map(({ line, character, fact }) => [line, character, fact.kind])]);
      return signature;
    },
  };
}

function movedPlaces<T>(places: readonly Placed<T>[], change: LineChange): readonly Placed<T>[] {
  const { unchangedLines, endBefore, endAfter } = change;
  return places.flatMap(place => {
    if (place.line < unchangedLines) return place;
    return place.line < endBefore ? [] : { ...place, line: place.line - endBefore + endAfter };
  });
}

function byPlace<T>(places: readonly Placed<T>[]): ReadonlyMap<string, readonly T[]> {
  const table = new Map<string, T[]>();
  for (const { line, character, fact } of places) {
    const key = placeKey(line, character);
    const known = table.get(key);
    if (known === undefined) table.set(key, [fact]);
    else known.push(fact);
  }
  return table;
}

function placeKey(line: number, character: number): string {
  return `${line}:${character}`;
}

/** Where two texts differ, in whole lines. */
export function lineChange(before: string, after: string): LineChange {
  const old = before.split('\n');
  const now = after.split('\n');
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start += 1;
  let endBefore = old.length;
  let endAfter = now.length;
  while (endBefore > start && endAfter > start && old[endBefore - 1] === now[endAfter - 1]) {
    endBefore -= 1;
    endAfter -= 1;
  }
  return { unchangedLines: start, endBefore, endAfter };
}
