/**
 * How much a verdict on a protection protects. Undefined for `unknown` and `notApplicable`, which are neither a gain nor a loss,
 * and for words that an older version of ours may have remembered.
 */
export function verdictStrength(verdict: string): number | undefined {
  return strengths.get(verdict);
}

const strengths: ReadonlyMap<string, number> = new Map([
  ['no', 0],
  ['none', 0],
  ['partial', 1],
  ['yes', 2],
  ['full', 2],
]);
