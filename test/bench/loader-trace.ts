import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { traceDiscard, traceRun } from '../../language-server/protocol/trace.ts';
import { startLanguageServer } from '../support/language-client.ts';
import { heading, report, run } from './measure.ts';

const rounds = 9;
const programs: readonly (readonly [name: string, command: readonly string[]])[] = [
  ['true', ['/bin/true']],
  ['git --version', ['/usr/bin/git', '--version']],
  ['python3, some modules', ['/usr/bin/python3', '-c', 'import ssl, sqlite3, ctypes, decimal']],
  ['a shell, true 50 times', ['/bin/sh', '-c', 'n=0; while [ $n -lt 50 ]; do /bin/true; n=$((n+1)); done']],
];

/** What a program costs as it is, with LD_DEBUG alone, and traced: in each round one after the other. */
export async function benchLoaderTrace(): Promise<void> {
  heading(`Loader trace: a program as it is, under LD_DEBUG alone, and traced, ${rounds} rounds (ratio: to the first)`);
  const here = dirname(fileURLToPath(import.meta.url));
  const bundlePath = join(here, 'binary-detective.cjs');
  const client = await startLanguageServer({ bundlePath, initializationOptions: { trusted: true } });
  const traced = async (command: readonly string[], bindings: boolean): Promise<number> => {
    const { log, durationMs } = await client.request(traceRun, { program: { command }, bindings });
    await client.request(traceDiscard, { log });
    return durationMs;
  };
  for (const [name, command] of programs) {
    const times = { plain: [] as number[], debug: [] as number[], ours: [] as number[], lean: [] as number[] };
    await traced(command, true);
    for (let round = 0; round < rounds; round += 1) {
      times.plain.push(timeOf(command));
      times.debug.push(timeUnderDebug(command));
      times.ours.push(await traced(command, true));
      times.lean.push(await traced(command, false));
    }
    report(name, times.plain);
    report('  LD_DEBUG to a file', times.debug, times.plain);
    report('  traced', times.ours, times.plain);
    report('  traced without bindings', times.lean, times.plain);
  }
  await client.close();
}

function timeOf([program = '', ...args]: readonly string[]): number {
  const began = performance.now();
  run(program, args);
  return performance.now() - began;
}

function timeUnderDebug([program = '', ...args]: readonly string[]): number {
  const folder = mkdtempSync(join(tmpdir(), 'binary-detective-bench-'));
  const variables = {
    LD_DEBUG: 'libs,files,versions,reloc,statistics,bindings',
    LD_DEBUG_OUTPUT: join(folder, 'log'),
  };
  const began = performance.now();
  spawnSync(program, args, { stdio: 'ignore', env: { ...process.env, ...variables } });
  const took = performance.now() - began;
  rmSync(folder, { recursive: true, force: true });
  return took;
}
