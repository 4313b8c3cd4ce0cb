import { UserError } from '../protocol/errors.ts';
import type { FaultMode } from '../protocol/faults.ts';

/** What fails in one run, as the shim is told. */
export interface Injection {
  /** {@link FaultRun.n} */
  readonly n: number;
  readonly variables: InjectionVariables;
}

export interface InjectionVariables {
  /** This many allocations succeed; empty: whatever the rules say. */
  readonly MALLOC_MAX_CALLED: string;
  /** The rules of shim/rules.c; empty: none. */
  readonly MALLOC_FAULTS_FAIL: string;
}

/** For counting: no program makes so many. */
export const nothingFails: InjectionVariables = {
  MALLOC_MAX_CALLED: String(Number.MAX_SAFE_INTEGER),
  MALLOC_FAULTS_FAIL: '',
};

export const nothingSaid: InjectionVariables = { MALLOC_MAX_CALLED: '', MALLOC_FAULTS_FAIL: '' };

/** As many rules as shim/rules.c has room for. */
const mostRules = 256;
const defaultSeeds = 10;
/** Of a probability, as the shim reads it: without an exponent. */
const digits = 15;

/** Whether the mode is one run for each allocation. */
export function isSwept({ kind }: FaultMode): boolean {
  return kind === 'fromNth' || kind === 'nth';
}

/**
 * The runs of a mode, in their order.
 * @param points Numbers of allocations, for the modes that are swept.
 * @param only The one run with this n, where it is a point or a seed.
 * Errors: invalidParams.
 */
export function injectionsOf(mode: FaultMode, points: readonly number[], only?: number): readonly Injection[] {
  switch (mode.kind) {
    case 'fromNth':
      return points.map(n => ({ n, variables: { MALLOC_MAX_CALLED: String(n), MALLOC_FAULTS_FAIL: '' } }));
    case 'nth':
      return points.map(n => byRule(n, String(n)));
    case 'list':
      return [byRule(firstOf(mode.numbers), requireRanges(mode.numbers, mostRules, 'a list of allocations'))];
    case 'size':
      return [byRule(firstOf(mode.bytes), `size:${requireRanges(mode.bytes, 1, 'a size in bytes')}`)];
    case 'budget':
    case 'total':
      if (!(Number.isSafeInteger(mode.bytes) && mode.bytes >= 0)) throw invalid('A budget is a whole number of bytes.');
      return [byRule(mode.bytes, `${mode.kind}:${mode.bytes}`)];
    case 'every':
      if (!(Number.isSafeInteger(mode.step) && mode.step > 0))
        throw invalid('The step must be a whole number from 1 on.');
      return [byRule(mode.step - 1, `every:${mode.step}`)];
    case 'probability': {
      const { probability, seed, seeds = defaultSeeds } = mode;
      const text = probability.toFixed(digits).replace(/\.?0+$/u, '');
      if (!(probability > 0 && probability <= 1) || text === '0') {
        throw invalid('The probability must be more than 0 and at most 1.');
      }
      const all = only === undefined ? Array.from({ length: seeds }, (_, index) => seed + index) : [only];
      return all.map(one => byRule(one, `probability:${text}:${one}`));
    }
  }
}

/** "MALLOC_FAULTS_FAIL=5" */
export function assignmentsOf(variables: InjectionVariables): readonly string[] {
  return Object.entries(variables)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}=${value}`);
}

function byRule(n: number, rule: string): Injection {
  return { n, variables: { MALLOC_MAX_CALLED: '', MALLOC_FAULTS_FAIL: rule } };
}

function firstOf(ranges: string): number {
  return Number.parseInt(ranges, 10);
}

/** What the shim would refuse is refused before anything runs. */
function requireRanges(text: string, most: number, what: string): string {
  const ranges = text.split(',').map(range => /^(\d{1,15})(?:-(\d{0,15}))?$/u.exec(range));
  const fits = ranges.every(range => range !== null && (!range[2] || Number(range[2]) >= Number(range[1])));
  if (fits && ranges.length <= most) return text;
  const example = most === 1 ? '"64", "64-4096" or "64-"' : `"5,8-20,30-", at most ${most} ranges`;
  throw invalid(`"${text}" is not ${what}. It is written like ${example}.`);
}

function invalid(message: string): UserError {
  return new UserError('invalidParams', message);
}
