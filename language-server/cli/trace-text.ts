import { displayText } from '../protocol/display-text.ts';
import type {
  TraceBinding,
  TraceBindingGroup,
  TraceDifference,
  TraceLibrary,
  TraceProcessDetail,
  TraceResult,
  TraceSearch,
  TraceSpan,
  TraceStatistics,
} from '../protocol/trace.ts';
import type { Printer } from './printer.ts';

/** A process with the single bindings that a filter names; null without a filter. */
export interface TracedWithBindings extends TraceProcessDetail {
  readonly named: { readonly rows: readonly TraceBinding[]; readonly matching: number } | null;
}

export interface TraceTextOptions {
  readonly style: Printer['style'];
  readonly trace: TraceResult;
  readonly processes: readonly TracedWithBindings[];
  readonly filtered: boolean;
}

/** A trace for a terminal: each process with its searches, what took time, how many symbols were bound, what differs. */
export function* traceLines({ style, trace, processes, filtered }: TraceTextOptions): Generator<string> {
  yield style('bold', displayText(trace.command));
  yield `  ${outcomeText(trace)} after ${Math.round(trace.durationMs)} ms; ${processes.length} ${processes.length === 1 ? 'program' : 'programs'}`;
  for (const process of processes) {
    if (filtered && isEmpty(process)) continue;
    yield '';
    yield* processLines(style, process);
  }
  yield '';
  for (const sentence of trace.incomplete) yield style('yellow', displayText(sentence));
  yield style('gray', trace.timing);
}

function outcomeText({ outcome }: TraceResult): string {
  switch (outcome.kind) {
    case 'exited':
      return outcome.signal === null ? `exit ${outcome.exitCode ?? '?'}` : `ended by ${outcome.signal}`;
    case 'cancelled':
      return 'cancelled';
    case 'failed':
      return outcome.message;
  }
}

function isEmpty({ searches, libraries, named, errors }: TracedWithBindings): boolean {
  return searches.length + libraries.length + errors.length === 0 && (named?.matching ?? 0) === 0;
}

function* processLines(style: Printer['style'], detail: TracedWithBindings): Generator<string> {
  const { process, searches, libraries, bindingGroups, errors, differences, statistics, named } = detail;
  const parent = process.parentPid === null ? '' : `, child of ${process.parentPid}`;
  const forked = process.forked ? ', forked' : '';
  yield style(
    'bold',
    `process ${process.pid}: ${displayText(process.name)} (${displayText(process.path ?? '?')}${parent}${forked})`,
  );
  for (const search of searches) yield* searchLines(style, search, differences);
  for (const error of errors) {
    yield `  ${style('red', 'error')} ${displayText(error.object)}: ${displayText(`${error.occasion}: ${error.message}`)}`;
  }
  if (process.failure !== null) yield `  ${style('red', 'the loader ended it')}: ${displayText(process.failure)}`;
  yield* constructorsLine(libraries);
  for (const library of libraries) yield* timeLine(style, library);
  yield* named === null ? groupLines(bindingGroups) : bindingLines(named);
  yield* statisticsLine(style, statistics);
  yield* predictionLines(style, detail);
}

const shownGroups = 20;

function* groupLines(groups: readonly TraceBindingGroup[]): Generator<string> {
  for (const { from, to, count } of groups.slice(0, shownGroups)) {
    yield `  ${String(count).padStart(7)} bindings of ${displayText(from)} to ${displayText(to)}`;
  }
  if (groups.length > shownGroups) yield `  … ${groups.length - shownGroups} more pairs`;
}

function* bindingLines({ rows, matching }: NonNullable<TracedWithBindings['named']>): Generator<string> {
  for (const { from, to, symbol, version } of rows) {
    const versioned = version === null ? symbol : `${symbol}@${version}`;
    yield `  bind ${displayText(versioned)}: ${displayText(from)} => ${displayText(to)}`;
  }
  if (matching > rows.length) yield `  … ${matching - rows.length} more`;
}

function* statisticsLine(style: Printer['style'], statistics: TraceStatistics): Generator<string> {
  const { startupCycles, relocationCycles, relocations, loadCycles } = statistics;
  if (startupCycles === null) return;
  const parts = `${relocationCycles ?? 0} of them for ${relocations ?? 0} relocations, ${loadCycles ?? 0} to load`;
  yield style('gray', `  ${startupCycles} cycles to start, ${parts}`);
}

function* predictionLines(style: Printer['style'], detail: TraceProcessDetail): Generator<string> {
  const { notPredicted, differences, process } = detail;
  if (notPredicted !== null) yield style('gray', `  not compared with a prediction: ${displayText(notPredicted)}`);
  else if (process.differences === 0) yield style('green', '  every search was as predicted');
  for (const difference of differences) yield* differenceLines(style, difference);
}

function* searchLines(
  style: Printer['style'],
  search: TraceSearch,
  differences: readonly TraceDifference[],
): Generator<string> {
  const { name, renamed, by, dynamic, outcome, path, tried, places } = search;
  const asked = `${displayText(name)}${renamed === null ? '' : ` as ${displayText(renamed)}`}`;
  const where = places.at(-1);
  const rule = where === undefined ? '' : ` [${where.kind}${where.from === null ? '' : ` ${displayText(where.from)}`}]`;
  const end = outcome === 'missing' ? style('red', 'not found') : `${displayText(path ?? '')}${style('gray', rule)}`;
  yield `  ${dynamic ? 'dlopen' : 'search'} ${asked} for ${displayText(by)} => ${end}`;
  const differs = differences.some(difference => difference.name === name && difference.by === by);
  if (outcome !== 'missing' && !differs) return;
  for (const attempt of tried) {
    yield style(
      'gray',
      `      tried ${displayText(attempt.path)}${attempt.remark === null ? '' : ` (${attempt.remark})`}`,
    );
  }
}

function* constructorsLine(libraries: readonly TraceLibrary[]): Generator<string> {
  const called = libraries
    .filter(({ initOrder }) => initOrder !== null)
    .toSorted((left, right) => (left.initOrder ?? 0) - (right.initOrder ?? 0));
  if (called.length === 0) return;
  const names = called.map(({ path }) => displayText(path.slice(path.lastIndexOf('/') + 1)));
  yield `  initialized in this order: ${names.join(', ')}`;
}

/** Below what two looks at the file can tell apart, a time says nothing. */
const tellingMs = 5;

function* timeLine(style: Printer['style'], { path, init, relocation }: TraceLibrary): Generator<string> {
  const times = [
    init === null ? null : (['init', init] as const),
    relocation === null ? null : (['relocation', relocation] as const),
  ];
  const told = times.filter(entry => entry !== null).filter(([, span]) => span.leastMs >= tellingMs);
  if (told.length === 0) return;
  yield `  ${style('cyan', told.map(([what, span]) => `${what} ${spanText(span)}`).join(', '))} ${displayText(path)}`;
}

function spanText({ leastMs, mostMs }: TraceSpan): string {
  return `${leastMs.toFixed(0)}–${mostMs.toFixed(0)} ms`;
}

function* differenceLines(style: Printer['style'], difference: TraceDifference): Generator<string> {
  const { name, by, predicted, traced, at, explanation } = difference;
  yield `  ${style('red', 'not as predicted')}: ${displayText(name)} for ${displayText(by)}`;
  yield `      predicted ${sideText(predicted, at)}`;
  yield `      traced    ${sideText(traced, at)}`;
  if (explanation !== null) yield `      ${displayText(explanation)}`;
}

/** Where the sides part, and what each comes to. */
function sideText(side: readonly string[] | null, at: number): string {
  if (side === null) return 'nothing';
  const last = at < side.length - 1 ? `, at last ${displayText(side.at(-1) ?? '')}` : '';
  return `${displayText(side[at] ?? 'no more paths')} (path ${at + 1} of ${side.length})${last}`;
}
