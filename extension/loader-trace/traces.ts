import * as vscode from 'vscode';
import {
  type TraceBinding,
  type TraceBindings,
  type TraceProcessDetail,
  type TraceProgram,
  type TraceProgress,
  type TraceResult,
  type TraceRunParams,
  traceBindings,
  traceDiscard,
  traceProcess,
  traceRun,
} from '../../language-server/protocol/trace.ts';
import type { Services } from '../services.ts';
import { readSetting, settingIds } from '../settings.ts';

/** A trace that is shown, until a person closes it. */
export interface Trace {
  readonly id: string;
  readonly name: string;
  readonly program: TraceProgram;
  readonly result: TraceResult;
}

export interface Traces {
  readonly all: () => readonly Trace[];
  readonly filter: () => string;
  readonly onDidChange: vscode.Event<void>;
  setFilter(filter: string): void;
  /** Runs the program, with progress that can end it; what was recorded until then is shown all the same. */
  run(name: string, program: TraceProgram, childrenOnly: boolean): Promise<Trace>;
  close(trace: Trace): void;
  detail(trace: Trace, process: number): Promise<TraceProcessDetail>;
  bindings(question: BindingQuestion, count: number): Promise<TraceBindings>;
}

export interface BindingQuestion {
  readonly trace: Trace;
  readonly process: number;
  readonly from?: string;
  readonly to?: string;
}

/** Older ones are closed by themselves: each may hold hundreds of megabytes on disk. */
const maximumTraces = 5;

export function createTraces({ server, log, context }: Services): Traces {
  const changed = new vscode.EventEmitter<void>();
  let traces: readonly Trace[] = [];
  let filter = '';
  let count = 0;
  context.subscriptions.push(changed);

  const discard = ({ result }: Trace): void => {
    // A server that has ended has removed it.
    server.request(traceDiscard, { log: result.log }).catch((error: unknown) => log.info(String(error)));
  };
  const filtered = (): { filter?: string } => (filter === '' ? {} : { filter });

  return {
    all: () => traces,
    filter: () => filter,
    onDidChange: changed.event,
    setFilter(next) {
      filter = next;
      changed.fire();
    },
    async run(name, program, childrenOnly) {
      const options = {
        location: vscode.ProgressLocation.Notification,
        cancellable: true,
        title: vscode.l10n.t('Tracing the loader of {0}', name),
      };
      const result = await vscode.window.withProgress(options, (progress, token) =>
        server.requestWithProgress(
          traceRun,
          { program, ...limitsOf(program), ...(childrenOnly && { childrenOnly }) },
          (value: TraceProgress) => progress.report({ message: progressText(value) }),
          token,
        ),
      );
      count += 1;
      const trace = { id: `trace ${count}`, name, program, result };
      const kept = [trace, ...traces];
      for (const old of kept.slice(maximumTraces)) discard(old);
      traces = kept.slice(0, maximumTraces);
      changed.fire();
      return trace;
    },
    close(trace) {
      traces = traces.filter(known => known !== trace);
      discard(trace);
      changed.fire();
    },
    detail: ({ result }, process) => server.request(traceProcess, { log: result.log, process, ...filtered() }),
    async bindings({ trace, ...question }, wanted) {
      const rows: TraceBinding[] = [];
      for (;;) {
        const page = { start: rows.length, count: wanted - rows.length };
        const answer = await server.request(traceBindings, {
          log: trace.result.log,
          ...question,
          ...filtered(),
          ...page,
        });
        rows.push(...answer.rows);
        if (answer.rows.length === 0 || rows.length >= Math.min(wanted, answer.matching)) return { ...answer, rows };
      }
    },
  };
}

/** What the settings say for the folder where the program runs; junk counts for nothing. */
function limitsOf({ cwd }: TraceProgram): Pick<TraceRunParams, 'bindings' | 'keptBytes'> {
  const folder = cwd === undefined ? undefined : vscode.Uri.file(cwd);
  const kept = readSetting(settingIds.loaderTraceKept, folder);
  return {
    bindings: readSetting(settingIds.loaderTraceBindings, folder) !== false,
    ...(typeof kept === 'number' && kept >= 1 && { keptBytes: Math.floor(kept) * 2 ** 20 }),
  };
}

function progressText({ processes, searches, bindings }: TraceProgress): string {
  return vscode.l10n.t('{0} programs, {1} searches, {2} bindings', processes, searches, bindings);
}
