import * as v from 'valibot';
import { type FaultSweep, faultExportFormats } from '../protocol/faults.ts';

/**
 * What an answer about a sweep must look like, where it comes back to us: from a client, or from a file. What it has beside that is
 * handed on as it is.
 */
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const text = v.string();
const nullableText = v.nullable(text);
const exitCode = v.nullable(v.pipe(v.number(), v.safeInteger()));
const verdicts = [
  ...(['unaffected', 'cleanError', 'silentError', 'wrongOutput', 'crash', 'abort'] as const),
  ...(['hang', 'leak', 'sanitizer', 'notReached'] as const),
] as const;
const verdict = v.picklist(verdicts);

const frame = v.looseObject({
  module: text,
  offset: text,
  function: nullableText,
  file: nullableText,
  line: v.nullable(count),
  inlined: v.boolean(),
  source: v.exactOptional(text),
});
const stack = v.array(frame);

const leaks = v.exactOptional(
  v.array(
    v.variant('kind', [
      v.looseObject({ kind: v.literal('memory'), blocks: count, bytes: count, stack }),
      v.looseObject({ kind: v.literal('file'), file: text, count }),
    ]),
  ),
);

const run = v.looseObject({
  n: count,
  fails: text,
  verdict,
  exitCode,
  signal: nullableText,
  durationMs: v.number(),
  injectedStack: stack,
  crashStack: stack,
  message: text,
  leaks,
});

const group = v.looseObject({
  id: text,
  key: text,
  known: v.boolean(),
  verdict,
  signal: nullableText,
  smallestN: count,
  ns: v.array(count),
  shown: v.looseObject({ n: count, failed: count }),
  injectedStack: stack,
  crashStack: stack,
  message: text,
  leaks,
  reproduce: v.array(text),
});

const counts = v.looseObject({
  ...{ unaffected: count, cleanError: count, silentError: count, wrongOutput: count, crash: count },
  ...{ abort: count, hang: count, leak: count, sanitizer: count, notReached: count },
});

const positive = v.pipe(count, v.minValue(1));

const sweep = v.looseObject({
  command: v.array(text),
  clean: v.looseObject({
    exitCode,
    signal: nullableText,
    allocations: count,
    stacks: v.nullable(count),
    stable: v.boolean(),
    sameOutput: v.boolean(),
    countsEnvironment: v.exactOptional(v.boolean()),
    durationMs: v.number(),
  }),
  plan: v.looseObject({
    mode: text,
    points: count,
    firsts: count,
    snapshot: v.exactOptional(v.looseObject({ used: count, refused: nullableText })),
  }),
  verdicts: counts,
  runs: v.array(run),
  groups: v.array(group),
  skipped: v.array(
    v.looseObject({ reason: v.picklist(['hangs', 'budget', 'snapshot']), ns: v.array(count), message: text }),
  ),
  notes: v.array(text),
  stopped: v.nullable(v.picklist(['cancelled', 'budget', 'failed'])),
  shard: v.exactOptional(v.looseObject({ index: positive, count: positive })),
});

export const faultSweepAnswer = v.pipe(
  sweep,
  v.transform(value => value as unknown as FaultSweep),
);

/** As `faults --format json` prints it. */
export const printedFaultSweep = v.pipe(
  v.looseObject({ schema: v.literal('binary-detective/faults@1'), ...sweep.entries }),
  v.transform(({ schema: _schema, ...value }) => value as unknown as FaultSweep),
);

export const faultExportParams = v.object({
  sweep: faultSweepAnswer,
  format: v.picklist(faultExportFormats),
  root: v.exactOptional(text),
});
