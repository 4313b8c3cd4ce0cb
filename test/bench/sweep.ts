import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { sweepFaults } from '../../language-server/faults/sweep.ts';
import { createNativeDoor } from '../../language-server/native/create-door.ts';
import type { NativeDoor } from '../../language-server/native/door.ts';
import type { FaultSweep, FaultSweepParams } from '../../language-server/protocol/faults.ts';
import { fact, heading, isInstalled, serverBundle } from './measure.ts';

/** Built beside the bundle. */
const shimFolder = join(dirname(serverBundle), 'shim');
/** As many runs as one after the other are timed; the rest would take as long each. */
const sequentialRuns = 200;

/**
 * Sweeps of programs that allocate some thousand times: one failure for each call stack as snapshots of one run, against a run
 * of its own for every allocation, side by side over all processors; and against one run after the other, as oomify does it.
 */
export async function benchSweep(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'binary-detective-bench-'));
  const door = createNativeDoor({ toolPath: () => undefined, isTrusted: () => true, log: () => undefined });
  try {
    for (const command of commandsIn(folder)) {
      if (isInstalled(command[0])) await measure(command, { door, cacheFolder: join(folder, 'cache') });
    }
  } finally {
    await door.close();
    rmSync(folder, { recursive: true });
  }
}

type Command = readonly [string, ...string[]];

function commandsIn(folder: string): readonly Command[] {
  const json = join(folder, 'data.json');
  writeFileSync(json, JSON.stringify({ a: [1, 2, { b: 3 }] }));
  const sums = join(folder, 'sums.bc');
  writeFileSync(sums, 'for (i = 1; i < 200; i++) { x = i ^ 9 / 7; x % 1000 }\nquit\n');
  const sql = 'create table t(a, b); insert into t select value, hex(value) from generate_series(1, 1500);';
  return [
    ['jq', '.', json],
    ['bc', '-q', sums],
    ['sqlite3', ':memory:', `${sql} select b, count(*) from t group by b order by a desc limit 3;`],
  ];
}

interface Place {
  readonly door: NativeDoor;
  readonly cacheFolder: string;
}

interface Timed {
  readonly swept: FaultSweep;
  readonly seconds: number;
}

async function timed(command: Command, more: Partial<FaultSweepParams>, place: Place, most: number): Promise<Timed> {
  const params = { program: { command }, mode: { kind: 'nth' as const }, ...more };
  const began = performance.now();
  const environment = { shimFolder, deadlineSeconds: 0, maxPoints: most, onProgress: () => undefined };
  const swept = await sweepFaults(params, { ...place, ...environment });
  return { swept, seconds: (performance.now() - began) / 1000 };
}

async function measure(command: Command, place: Place): Promise<void> {
  // Compiles the shim, and has addr2line's files in the machine's cache.
  await timed(command, { points: 'stacks' }, place, 10);
  const ours = await timed(command, { points: 'stacks' }, place, 100_000);
  const every = await timed(command, {}, place, 100_000);
  const alone = await timed(command, { snapshot: 'off' }, place, 100_000);
  const sequential = await timed(command, { snapshot: 'off', jobs: 1 }, place, sequentialRuns);
  const { clean } = ours.swept;
  heading(
    `${command[0]}: ${clean.allocations} allocations from ${clean.stacks} call stacks, ${availableParallelism()} processors`,
  );
  told('a snapshot for each stack', ours, alone);
  told('a snapshot for each', every, alone);
  told('a run for each, in parallel', alone, alone);
  const rate = (one: Timed): number => one.swept.runs.length / one.seconds;
  fact(
    `one run after the other: ${rate(sequential).toFixed(0)} runs a second; snapshots ${(rate(every) / rate(sequential)).toFixed(1)}× as many`,
  );
  const crashes = crashesOf(alone.swept);
  for (const [name, { swept }] of [
    ['each stack', ours],
    ['each', every],
  ] as const) {
    const found = crashesOf(swept);
    fact(
      `snapshots of ${name}: ${[...crashes].filter(key => found.has(key)).length} of ${crashes.size} distinct crashes`,
    );
  }
}

function told(name: string, { swept, seconds }: Timed, against: Timed): void {
  const { used, refused } = swept.plan.snapshot ?? { used: 0, refused: null };
  const why = refused === null ? '' : ` (${refused})`;
  const ratio = (against.seconds / seconds).toFixed(1);
  fact(
    `${name.padEnd(28)} ${seconds.toFixed(2).padStart(8)} s  ${ratio}×  ${swept.runs.length} runs, ${used} snapshots${why}`,
  );
}

/** Crashes by where they died and what had failed. */
function crashesOf({ groups }: FaultSweep): ReadonlySet<string> {
  return new Set(groups.filter(({ verdict }) => verdict === 'crash' || verdict === 'abort').map(({ id }) => id));
}
