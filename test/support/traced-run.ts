import { afterAll } from 'vitest';
import { readBindings } from '../../language-server/loader-trace/binding-rows.ts';
import { removeTraceFolder } from '../../language-server/loader-trace/trace-folder.ts';
import { traceProgram } from '../../language-server/loader-trace/trace-program.ts';
import { readProcess } from '../../language-server/loader-trace/trace-views.ts';
import { createNativeDoor } from '../../language-server/native/create-door.ts';
import type {
  TraceBinding,
  TraceProcessDetail,
  TraceProgress,
  TraceResult,
  TraceRunParams,
} from '../../language-server/protocol/trace.ts';
import type { LoaderLog } from './trace-oracle.ts';

export interface TracedRun {
  readonly result: TraceResult;
  readonly details: readonly TraceProcessDetail[];
}

const door = createNativeDoor({ toolPath: () => undefined, isTrusted: () => true, log: () => undefined });
const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) removeTraceFolder(folder);
  await door.close();
});

/** Traces a program as the server does; its records are removed when the test file is done. */
export async function trace(
  params: TraceRunParams,
  signal: AbortSignal = new AbortController().signal,
  onProgress: (progress: TraceProgress) => void = () => undefined,
): Promise<TracedRun> {
  const result = await traceProgram(params, { door, isTrusted: () => true, signal, onProgress });
  folders.push(result.log);
  const details = result.processes.map(({ id }) => readProcess({ log: result.log, process: id }));
  return { result, details };
}

/** All bindings of a process, page by page. */
export async function bindingsOf(run: TracedRun, process: number, pageRows = 1000): Promise<readonly TraceBinding[]> {
  const { signal } = new AbortController();
  const rows: TraceBinding[] = [];
  for (;;) {
    const page = await readBindings({ log: run.result.log, process, start: rows.length, count: pageRows }, signal);
    rows.push(...page.rows);
    if (page.rows.length === 0) return rows;
  }
}

/** What was recorded, as grep shows it in the loader's own output. */
export async function logOf(run: TracedRun): Promise<LoaderLog> {
  const searches = run.details.flatMap(detail => detail.searches);
  const bindings: string[] = [];
  for (const { id } of run.result.processes) {
    for (const { from, to, symbol, version } of await bindingsOf(run, id)) {
      bindings.push(`${from} ${to} ${symbol}${version === null ? '' : ` [${version}]`}`);
    }
  }
  const searched = searches.filter(
    ({ name, tried, renamed }) => !name.includes('/') || renamed !== null || tried.length > 0,
  );
  return {
    searches: byteSorted(searched.map(({ name, renamed }) => renamed ?? name)),
    tried: byteSorted(searches.flatMap(({ tried }) => tried.map(({ path }) => path))),
    inits: byteSorted(
      run.details.flatMap(({ libraries }) => libraries.filter(({ init }) => init !== null).map(({ path }) => path)),
    ),
    bindings: byteSorted(bindings),
    mapped: byteSorted(
      searches.filter(({ outcome }) => outcome === 'mapped').map(({ name, renamed }) => renamed ?? name),
    ),
  };
}

function byteSorted(lines: readonly string[]): readonly string[] {
  return lines.toSorted((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
}
