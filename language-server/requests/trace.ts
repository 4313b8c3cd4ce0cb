import { readBindings } from '../loader-trace/binding-rows.ts';
import { removeTraceFolder } from '../loader-trace/trace-folder.ts';
import { traceProgram } from '../loader-trace/trace-program.ts';
import { readProcess, readText } from '../loader-trace/trace-views.ts';
import * as schemas from '../lsp/schemas.ts';
import { traceBindings, traceDiscard, traceProcess, traceRun, traceText } from '../protocol/trace.ts';
import type { ServerContext } from './server-context.ts';

/** Runs a person's program with LD_DEBUG, once the workspace is trusted, and answers from what was recorded. */
export function answerTrace({ answer, door, isTrusted, reporter }: ServerContext): void {
  answer(traceRun, schemas.traceRunParams, ({ partialResultToken, ...params }, signal) =>
    traceProgram(params, { door, isTrusted, signal, onProgress: reporter(partialResultToken) }),
  );
  answer(traceProcess, schemas.traceProcessParams, params => Promise.resolve(readProcess(params)));
  answer(traceBindings, schemas.traceBindingsParams, readBindings);
  answer(traceText, schemas.traceProcessParams, readText);
  answer(traceDiscard, schemas.traceDiscardParams, ({ log }) => {
    removeTraceFolder(log);
    return Promise.resolve(null);
  });
}
