import { execFileSync, type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { shimLibrary } from '../../language-server/faults/shim.ts';
import { type SweepEnvironment, sweepFaults } from '../../language-server/faults/sweep.ts';
import { createNativeDoor, type DoorOptions } from '../../language-server/native/create-door.ts';
import type { NativeDoor } from '../../language-server/native/door.ts';
import type {
  FaultMode,
  FaultPoints,
  FaultProgress,
  FaultRun,
  FaultScope,
  FaultSweep,
} from '../../language-server/protocol/faults.ts';
import { temporaryFolder } from './temporary-folder.ts';

export const shimFolder = fileURLToPath(new URL('../../language-server/faults/shim', import.meta.url));
const sources = fileURLToPath(new URL('../unit/faults/programs', import.meta.url));

/** What a test of fault injection needs: a folder of its own, a door that trusts, and a compiled shim. */
export interface FaultsFixture {
  readonly folder: string;
  readonly cacheFolder: string;
  readonly door: NativeDoor;
  /** Compiles programs/NAME into the folder, with the flags behind it; gives its path. */
  compile(source: string, flags?: readonly string[], output?: string): string;
  /** A C program of programs/, linked with musl. */
  compileForMusl(source: string): string;
  shim(): Promise<string>;
  /** Runs a program by hand: the shim in LD_PRELOAD, and these variables. */
  byHand(command: readonly string[], variables: Readonly<Record<string, string | undefined>>): Promise<ByHand>;
  sweep(command: readonly string[], options?: SweepOptions): Promise<FaultSweep>;
  environment(options?: Partial<SweepEnvironment>): SweepEnvironment;
}

export type ByHand = SpawnSyncReturns<string>;

export interface SweepOptions extends Partial<SweepEnvironment> {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly build?: readonly string[];
  readonly mode?: FaultMode;
  readonly scope?: FaultScope;
  readonly points?: FaultPoints;
  readonly only?: number;
  readonly snapshot?: 'auto' | 'off' | 'only';
  readonly leaks?: boolean;
  readonly jobs?: number;
  readonly stdin?: string;
  readonly progress?: FaultProgress[];
}

export function faultsFixture(doorOptions: Partial<DoorOptions> = {}): FaultsFixture {
  const folder = temporaryFolder();
  const cacheFolder = join(folder, 'cache');
  const door = createNativeDoor({
    toolPath: () => undefined,
    isTrusted: () => true,
    log: () => undefined,
    ...doorOptions,
  });
  afterAll(() => door.close());
  const environment = (options: Partial<SweepEnvironment> = {}): SweepEnvironment => ({
    // No test waits for this deadline, and no slow machine makes a hang of what is none.
    ...{ door, shimFolder, cacheFolder, deadlineSeconds: 600, maxPoints: 2000, onProgress: () => undefined },
    ...options,
  });
  const shim = () => shimLibrary(environment());
  return {
    folder,
    cacheFolder,
    door,
    environment,
    shim,
    compile(source, flags = [], output = source.replace(/\.\w+$/u, '')) {
      const path = join(folder, output);
      const compiler = source.endsWith('.cc') ? 'g++' : 'cc';
      execFileSync(compiler, ['-g', '-O0', '-w', '-o', path, join(sources, source), '-pthread', ...flags]);
      return path;
    },
    compileForMusl(source) {
      const path = join(folder, `musl-${source.replace(/\.\w+$/u, '')}`);
      execFileSync('musl-gcc', ['-g', '-O0', '-w', '-o', path, join(sources, source), '-pthread']);
      return path;
    },
    async byHand([program = '', ...args], variables) {
      const env = {
        ...process.env,
        MALLOC_MAX_CALLED: undefined,
        MALLOC_FAULTS_FAIL: undefined,
        LD_PRELOAD: await shim(),
        ...variables,
      };
      return spawnSync(program, args, { encoding: 'utf8', env, cwd: folder });
    },
    sweep(
      command,
      { cwd = folder, env, build, stdin, mode, scope, points, only, snapshot, leaks, jobs, progress, ...more } = {},
    ) {
      const program = {
        ...{ command, cwd, ...(env && { env }), ...(build && { build }) },
        ...(stdin !== undefined && { stdin }),
      };
      const onProgress = (step: FaultProgress): void => {
        progress?.push(step);
      };
      return sweepFaults(
        {
          program,
          ...(mode && { mode }),
          ...(scope && { scope }),
          ...(points && { points }),
          ...(only !== undefined && { only }),
          ...(snapshot && { snapshot }),
          ...(leaks !== undefined && { leaks }),
          ...(jobs !== undefined && { jobs }),
        },
        environment({ onProgress: more.onProgress ?? onProgress, ...more }),
      );
    },
  };
}

/** From 1: the line of a source of programs/ that ends in the comment. */
export function markedLine(source: string, marker: string): number {
  const lines = readFileSync(join(sources, source), 'utf8').split('\n');
  const index = lines.findIndex(line => line.includes(`/* ${marker} */`));
  if (index < 0) throw new Error(`${source} has no line with the marker ${marker}`);
  return index + 1;
}

/** "crash 0,2 line 6": each group with its numbers, and where it died. */
export function bugsOf({ groups }: FaultSweep): readonly string[] {
  return groups.map(({ verdict, ns, crashStack }) => `${verdict} ${ns.join()} line ${crashStack[0]?.line}`);
}

export function runOf(sweep: FaultSweep, n: number): FaultRun {
  const run = sweep.runs.find(candidate => candidate.n === n);
  if (run === undefined) throw new Error(`No run with n = ${n}; there are ${sweep.runs.map(one => one.n).join(', ')}`);
  return run;
}

export function writeExecutable(path: string, text: string): string {
  writeFileSync(path, text, { mode: 0o755 });
  return path;
}
