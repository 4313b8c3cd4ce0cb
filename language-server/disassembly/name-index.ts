import type { Listing } from './listing.ts';

/** Which functions and sections of each file of a listing have a name. */
export interface NameIndex {
  /** Indexes into `functions`. */
  readonly functions: (file: number, name: string) => readonly number[];
  /** Index into `sections`; undefined: none. */
  readonly section: (file: number, name: string) => number | undefined;
}

const indexes = new WeakMap<Listing, NameIndex>();

/** Made on first use and kept as long as the listing. */
export function nameIndex(listing: Listing): NameIndex {
  let index = indexes.get(listing);
  if (index === undefined) {
    index = makeIndex(listing);
    indexes.set(listing, index);
  }
  return index;
}

function makeIndex({ functions, sections }: Listing): NameIndex {
  const byFunction = new Map<string, number[]>();
  const bySection = new Map<string, number>();
  for (const [index, { name, section }] of functions.entries()) {
    const key = keyOf(sections[section]?.file ?? 0, name);
    const same = byFunction.get(key);
    if (same === undefined) byFunction.set(key, [index]);
    else same.push(index);
  }
  for (const [index, { name, file, firstInstruction, endInstruction }] of sections.entries()) {
    const key = keyOf(file, name);
    if (endInstruction > firstInstruction && !bySection.has(key)) bySection.set(key, index);
  }
  return {
    functions: (file, name) => byFunction.get(keyOf(file, name)) ?? [],
    section: (file, name) => bySection.get(keyOf(file, name)),
  };
}

function keyOf(file: number, name: string): string {
  return `${file} ${name}`;
}
