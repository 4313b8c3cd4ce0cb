import { absolutePath } from '../dependencies/loader-files.ts';
import type { ByteText } from '../protocol/elf.ts';
import type { TraceDifference, TraceSearch } from '../protocol/trace.ts';
import type { PredictedSearch } from './predict.ts';

export interface ComparedSearches {
  /** With {@link TraceSearch.predicted} filled in. */
  readonly searches: readonly TraceSearch[];
  /** `explanation` is null in all. */
  readonly differences: readonly TraceDifference[];
}

export interface TracedStart {
  readonly searches: readonly TraceSearch[];
  /** argv[0], as which the program itself asks. */
  readonly program: ByteText;
  readonly cwd: ByteText;
  /** The program was given control: so the loader has looked for everything. */
  readonly complete: boolean;
}

/** Each search of the start of a program beside the one that our rules say, in the order in which an object asks for a name. */
export function compareSearches(traced: TracedStart, predictions: readonly PredictedSearch[]): ComparedSearches {
  const { program, cwd } = traced;
  const waiting = new Map<string, PredictedSearch[]>();
  for (const prediction of predictions) {
    const key = keyOf(prediction.by === '' ? program : prediction.by, prediction.name);
    waiting.set(key, [...(waiting.get(key) ?? []), prediction]);
  }
  const differences: TraceDifference[] = [];
  const searches = traced.searches.map(search => {
    if (!isOfStart(search)) return search;
    const prediction = waiting.get(keyOf(search.by, search.name))?.shift();
    const predicted = prediction?.tried ?? null;
    const paths = tracedPaths(search, predicted, cwd);
    const at = parting(predicted ?? [], paths);
    if (predicted === null || at !== null) {
      differences.push(difference(search, predicted, paths, at ?? 0));
    }
    return { ...search, predicted };
  });
  if (traced.complete) {
    for (const { by, name, tried } of [...waiting.values()].flat()) {
      differences.push(difference({ name, by: by === '' ? program : by }, tried, null, 0));
    }
  }
  return { searches, differences };
}

/** An audit module is asked for by nobody, and what it needs is looked for in a namespace of its own. */
function isOfStart({ atStart, by, dynamic, namespace }: TraceSearch): boolean {
  return atStart && !dynamic && namespace === 0 && by !== '';
}

function keyOf(by: ByteText, name: ByteText): string {
  return `${by}\0${name}`;
}

/** The paths that the loader tried. Of a name with a slash it tells none, and so not what tokens in it became. */
function tracedPaths(
  { name, tried, outcome }: TraceSearch,
  predicted: readonly ByteText[] | null,
  cwd: ByteText,
): readonly ByteText[] {
  if (tried.length > 0) return tried.map(({ path }) => absolutePath(path, cwd));
  if (!name.includes('/')) return [];
  if (name.includes('$') && predicted !== null && outcome !== 'missing') return predicted;
  return [absolutePath(name, cwd)];
}

/** The first place where the lists are not the same; null where they are. */
function parting(left: readonly ByteText[], right: readonly ByteText[]): number | null {
  const length = Math.max(left.length, right.length);
  for (let at = 0; at < length; at += 1) if (left[at] !== right[at]) return at;
  return null;
}

function difference(
  { name, by }: Pick<TraceSearch, 'name' | 'by'>,
  predicted: readonly ByteText[] | null,
  traced: readonly ByteText[] | null,
  at: number,
): TraceDifference {
  return { name, by, predicted, traced, at, explanation: null };
}
