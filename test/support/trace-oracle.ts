import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface OracleRun {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** What grep(1) finds in the loader's own output of a run of its own, sorted; process ids and addresses left out. */
export interface LoaderLog {
  /** `NAME`, a line a search. */
  readonly searches: readonly string[];
  readonly tried: readonly string[];
  readonly inits: readonly string[];
  readonly bindings: readonly string[];
  readonly mapped: readonly string[];
}

export function askLoaderLog({ command, cwd, env = {} }: OracleRun): LoaderLog {
  const folder = mkdtempSync(join(tmpdir(), 'binary-detective-oracle-'));
  try {
    const [program = '', ...args] = command;
    spawnSync(program, args, {
      cwd,
      env: {
        ...process.env,
        ...env,
        LD_DEBUG: 'libs,files,versions,reloc,statistics,bindings',
        LD_DEBUG_OUTPUT: join(folder, 'log'),
      },
      stdio: 'ignore',
    });
    return {
      searches: grep(folder, 's/^ *[0-9]*:\\tfind library=\\(.*\\) \\[[0-9]*\\]; searching$/\\1/p'),
      tried: grep(folder, 's/^ *[0-9]*:\\t  trying file=//p'),
      inits: grep(folder, 's/^ *[0-9]*:\\tcalling init: //p'),
      bindings: grep(
        folder,
        "s/^ *[0-9]*:\\tbinding file \\(.*\\) \\[[0-9]*\\] to \\(.*\\) \\[[0-9]*\\]: [a-z]* symbol `\\(.*\\)'\\(.*\\)$/\\1 \\2 \\3\\4/p",
      ),
      mapped: grep(folder, 's/^ *[0-9]*:\\tfile=\\(.*\\) \\[[0-9]*\\];  generating link map$/\\1/p'),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function grep(folder: string, script: string): readonly string[] {
  const output = execFileSync('/bin/sh', ['-c', 'sed -n "$1" "$2"/log.* | LC_ALL=C sort', 'sh', script, folder], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return output.split('\n').filter(line => line !== '');
}
