import { absolutePath } from '../dependencies/files/loader-files.ts';
import type { ByteText } from '../protocol/elf.ts';
import type { TraceDifference, TraceSearch } from '../protocol/trace.ts';
import type { PredictedSearch } from './predict.ts';
import type { LaterPrediction } from './predict-later.ts';

export interface ComparedSearches {
  /** With {@link TraceSearch.predicted} filled in. */
  readonly searches: readonly TraceSearch[];
  /** `explanation` is null in all. */
  readonly differences: readonly TraceDifference[];
}

export interface TracedProgram {
  readonly searches: readonly TraceSearch[];
  /** argv[0], as which the program itself asks. */
  readonly program: ByteText;
  readonly cwd: ByteText;
  /** The program was given control: so the loader has looked for everything. */
  readonly complete: boolean;
}

/**
 * Each search beside the one that our rules say: at the start of a program in the order in which an object asks for a name,
 * later as it comes.
 */
export async function compareSearches(
  traced: TracedProgram,
  predictions: readonly PredictedSearch[],
  later: LaterPrediction,
): Promise<ComparedSearches> {
  const { program, cwd } = traced;
  const atStart = createWaitingList(predictions, program);
  const differences: TraceDifference[] = [];
  const searches: TraceSearch[] = [];
  const predict = (search: TraceSearch): Promise<readonly ByteText[] | null> | readonly ByteText[] | null =>
    isOfStart(search) ? atStart.take(search) : later.predict(search.by, search.name);
  for (const search of traced.searches) {
    const predicted = isPredictable(search) ? await predict(search) : null;
    searches.push({ ...search, predicted });
    if (!isPredictable(search) || search.cut) continue;
    const paths = tracedPaths(search, predicted, cwd);
    const at = parting(predicted ?? [], paths);
    // Who asks later may be unknown: then nothing is predicted, and nothing differs.
    if (predicted === null ? isOfStart(search) : at !== null) {
      differences.push(difference(search, predicted, paths, at ?? 0));
    }
    tellMapped(search, later);
  }
  if (traced.complete) {
    for (const { by, name, tried } of atStart.rest()) {
      differences.push(difference({ name, by: by === '' ? program : by }, tried, null, 0));
    }
  }
  return { searches, differences };
}

function isOfStart({ dynamic, atStart }: TraceSearch): boolean {
  return atStart && !dynamic;
}

function tellMapped(search: TraceSearch, later: LaterPrediction): void {
  const { outcome, path, by, dynamic } = search;
  if (!isOfStart(search) && outcome === 'mapped' && path !== null) later.mapped(path, by, dynamic);
}

interface WaitingList {
  take(search: TraceSearch): readonly ByteText[] | null;
  rest(): readonly PredictedSearch[];
}

function createWaitingList(predictions: readonly PredictedSearch[], program: ByteText): WaitingList {
  const waiting = new Map<string, PredictedSearch[]>();
  for (const prediction of predictions) {
    const key = keyOf(prediction.by === '' ? program : prediction.by, prediction.name);
    waiting.set(key, [...(waiting.get(key) ?? []), prediction]);
  }
  return {
    take: ({ by, name }) => waiting.get(keyOf(by, name))?.shift()?.tried ?? null,
    rest: () => [...waiting.values()].flat(),
  };
}

/** An audit module is asked for by nobody, and what it needs is looked for in a namespace of its own. */
function isPredictable({ by, namespace }: TraceSearch): boolean {
  return namespace === 0 && by !== '';
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
