/** Names of the relocation types of one machine, by number. */
export type RelocationTypes = () => ReadonlyMap<number, string>;

type Run = readonly [first: number, names: string];

/**
 * Names that follow each other, one run of numbers each. Names are written without the prefix that all have; one with another
 * prefix stands whole behind "=". Taken apart when the first name is asked for.
 */
export function relocationTypes(prefix: string, runs: readonly Run[]): RelocationTypes {
  let names: ReadonlyMap<number, string> | undefined;
  return () => {
    names ??= new Map(runs.flatMap(([first, text]) => namesOfRun(prefix, first, text)));
    return names;
  };
}

function namesOfRun(prefix: string, first: number, text: string): readonly (readonly [number, string])[] {
  const words = text.trim().split(/\s+/u);
  return words.map((word, at) => [first + at, word.startsWith('=') ? word.slice(1) : prefix + word]);
}
