import { execFile, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Log } from 'sarif';
import { describe, expect, test } from 'vitest';
import type { FaultSweep } from '../../language-server/protocol/faults.ts';
import { commandLineIn } from '../support/command-line.ts';
import { essenceOf } from '../support/fault-essence.ts';
import { bundle } from '../support/language-client.ts';
import { processesNaming, until } from '../support/processes.ts';
import { compileProgram } from '../support/sample-files.ts';
import { sarifProblems } from '../support/sarif-schema.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const env: NodeJS.ProcessEnv = { ...process.env, XDG_CACHE_HOME: at('cache'), NO_COLOR: '1', HOME: folder };
const { run, json } = commandLineIn(folder, env);

/** Two bugs in three rounds, from 0 on: a crash, and from 3 on a failure without a word. */
const source = `#include <stdlib.h>
static void fill(void) {
  char *volatile block = malloc(4);
  block[0] = 1; /* crash */
}
int main(void) {
  for (int i = 0; i < 3; i++) fill();
  return malloc(5) == NULL ? 3 : 0;
}
`;
compileProgram(folder, 'bugs', source);
const sleeper = compileProgram(
  folder,
  'crashes-then-sleeps',
  '#include <stdlib.h>\n#include <unistd.h>\nint main(void) {\n  *(char *volatile)malloc(1) = 1;\n  if (malloc(2) == NULL) for (;;) pause();\n  return 0;\n}\n',
);

const many = compileProgram(
  folder,
  'waits-eight-times',
  '#include <stdlib.h>\n#include <unistd.h>\nint main(void) { for (int i = 0; i < 8; i++) if (!malloc(9)) for (;;) pause(); return 0; }\n',
);

describe('a baseline', () => {
  test('fails the run on new bugs only', async () => {
    const options = ['faults', '--baseline', 'known.json'];
    expect((await run(...options, '--', './bugs')).exitCode).toBe(1);
    expect((await run(...options, '--update-baseline', '--', './bugs')).exitCode).toBe(0);
    expect(JSON.parse(readFileSync(at('known.json'), 'utf8'))).toMatchObject({ groups: [{}, {}] });
    const known = await run(...options, '--', './bugs');
    expect(known.exitCode).toBe(0);
    expect(known.stdout).toMatch(/crash \(SIGSEGV\), known, at n = 0-2/u);

    compileProgram(folder, 'bugs', source.replace('malloc(5) == NULL', '*(char *volatile)malloc(6)'));
    expect((await run(...options, '--', './bugs')).exitCode).toBe(1);
    compileProgram(folder, 'bugs', `// One line more.\n${source}`);
    expect((await run(...options, '--', './bugs')).exitCode).toBe(0);
    compileProgram(folder, 'bugs', source);
  });
});

describe('formats', () => {
  test('of all kinds have the bugs, and the same exit status', async () => {
    const outputs = new Map<string, string>();
    for (const format of ['text', 'json', 'sarif', 'junit', 'html']) {
      const { exitCode, stdout } = await run('faults', '--format', format, '--', './bugs');
      expect(exitCode, format).toBe(1);
      outputs.set(format, stdout);
    }
    expect(outputs.get('text')).toMatch(/4 of 4 runs: 1 silent error, 3 crash[\s\S]*block\[0\] = 1; \/\* crash \*\//u);
    const log = JSON.parse(outputs.get('sarif') ?? '') as Log;
    expect(sarifProblems(log)).toBeNull();
    expect(log.runs[0]?.results?.map(({ ruleId }) => ruleId)).toEqual(['faults/crash', 'faults/silent-error']);
    expect(outputs.get('junit')).toContain('<testsuites tests="2" failures="2"');
    expect(outputs.get('html')).toMatch(/^<!DOCTYPE html>/u);
  });

  test('bugs are told as soon as they are seen, and kept by Ctrl-C', async () => {
    const options = ['faults', '--deadline', '600', '--format', 'json', '--', sleeper];
    const child = spawn(process.execPath, [bundle, ...options], { env, cwd: folder });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', chunk => (stdout += String(chunk)));
    child.stderr.on('data', chunk => (stderr += String(chunk)));
    const ended = new Promise(resolve => child.on('close', resolve));
    await until(
      () => stderr.includes('n = 0: crash (SIGSEGV): SIGSEGV at ') && processesNaming('then-sleeps').length > 1,
    );
    expect(stdout).toBe('');
    child.kill('SIGINT');
    expect(await ended).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      stopped: 'cancelled',
      runs: [{ n: 0 }],
      groups: [{ verdict: 'crash' }],
    });
    expect(processesNaming('then-sleeps')).toEqual([]);
  });
});

describe('a sweep that is cut short', () => {
  test('goes on with --resume, and refuses another program', async () => {
    const options = ['--resume', 'journal', '--points', 'all'];
    const first = await json<FaultSweep>('faults', ...options, '--budget', '2', '--', './bugs');
    expect(first.answer.runs).toHaveLength(2);
    const { answer } = await json<FaultSweep>('faults', ...options, '--', './bugs');
    const whole = await json<FaultSweep>('faults', '--', './bugs');
    expect(essenceOf(answer)).toEqual(essenceOf(whole.answer));
    const { exitCode, stderr } = await run('faults', ...options, '--', sleeper);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/cannot go on: its command line is another/u);
  });

  test('by time says what was left out', async () => {
    const options = ['--deadline', '0.5', '--budget', '0.3s', '--jobs', '1', '--hangs', '0'];
    const { stdout } = await run('faults', ...options, '--', many);
    expect(stdout).toMatch(
      /1 of 8 runs: 1 hang\n(?: {2}.* snapshots .*\n)? {2}7 more were not run: the 0\.3 s that the sweep was given are over\./u,
    );
  });
});

test('--jobs is how many run at once, also beyond the processors', async () => {
  const options = ['--jobs', '8', '--hangs', '0', '--deadline', '600', '--', many];
  const child = spawn(process.execPath, [bundle, 'faults', ...options], { env, cwd: folder, stdio: 'ignore' });
  const ended = new Promise(resolve => child.on('close', resolve));
  // The command line itself names the program too.
  await until(() => processesNaming('waits-eight-times').length >= 9);
  child.kill('SIGINT');
  expect(await ended).toBe(2);
});

describe('parts', () => {
  test('of GNU parallel make the answer of the whole, as docs/farms.md has it', async () => {
    const out = temporaryFolder();
    const whole = await json<FaultSweep>('faults', '--mode', 'nth', '--', './bugs');
    const sweep = `"$NODE" "$CLI" faults --mode nth --shard {}/3 --format json -- ./bugs 2>/dev/null > "$OUT"/part-{}.json`;
    const script = `parallel --jobs 2 '${sweep}' ::: 1 2 3; "$NODE" "$CLI" faults merge "$OUT"/part-*.json --format json`;
    const shell = { cwd: folder, env: { ...env, NODE: process.execPath, CLI: bundle, OUT: out } };
    const merged = await promisify(execFile)('/bin/sh', ['-c', script], shell).catch((error: unknown) => error);
    expect(merged).toMatchObject({ code: 1 });
    expect(essenceOf(JSON.parse((merged as { stdout: string }).stdout))).toEqual(essenceOf(whole.answer));

    const parts = [1, 2, 3].map(part => join(out, `part-${part}.json`));
    const baseline = ['--baseline', join(out, 'known.json')];
    expect((await run('faults', 'merge', ...parts, ...baseline, '--update-baseline')).exitCode).toBe(0);
    const known = await run('faults', 'merge', ...parts, ...baseline, '--format', 'junit');
    expect([known.exitCode, known.stdout.match(/<skipped message="It is in the baseline\."\/>/gu)?.length]).toEqual([
      0, 2,
    ]);

    const told = async (...files: readonly string[]): Promise<string> => {
      const { exitCode, stderr } = await run('faults', 'merge', ...files);
      expect(exitCode).toBe(2);
      return stderr;
    };
    expect(await told(...parts.slice(1))).toContain('There is no answer for part 1/3');
    writeFileSync(join(out, 'cut.json'), readFileSync(parts[0] ?? '', 'utf8').slice(0, 400));
    expect(await told(join(out, 'cut.json'))).toMatch(
      /cut\.json is no answer of `faults --format json`\. Did the sweep/u,
    );
    writeFileSync(join(out, 'odd.json'), '{"schema": "binary-detective/scan@1"}');
    expect(await told(join(out, 'odd.json'))).toMatch(/odd\.json is no answer of `faults --format json`, at "schema"/u);
    expect(await told(join(out, 'nowhere.json'))).toMatch(/cannot be read \(ENOENT\)/u);
  });

  test('a program of the name "merge" stands behind "--"', async () => {
    copyFileSync(at('bugs'), at('merge'));
    chmodSync(at('merge'), 0o755);
    const { exitCode, stdout } = await commandLineIn(folder, { ...env, PATH: `${folder}:${env['PATH']}` }).run(
      'faults',
      '--',
      'merge',
    );
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^merge\n {2}4 allocations/u);
    expect((await run('faults', 'merge', '--help')).stdout).toContain('joins the answers');
  });
});

test.each([
  [['--budget', 'soon'], /number of runs \(500\) or a time/u],
  [['--shard', '3/2'], /such as 2\/8/u],
  [['--jobs', '0'], /whole number from 1/u],
  [['--clean-exit', 'all'], /list of exit statuses/u],
  [['--clean-error', '('], /not a regular expression/u],
  [['--update-baseline'], /needs --baseline FILE/u],
  [['--format', 'xml'], /Allowed choices are text, json, sarif, junit, html/u],
  [['--stdin', 'nowhere'], /no file .*nowhere/u],
])('%j is refused with a sentence', async (options, sentence) => {
  const { exitCode, stderr } = await run('faults', ...options, '--', './bugs');
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(sentence);
});

test('what counts as a clean error can be said, also where it is said on standard output', async () => {
  compileProgram(
    folder,
    'talks',
    '#include <stdlib.h>\n#include <unistd.h>\nint main(void) { if (malloc(9) == NULL) { write(1, "no memory\\n", 10); return 2; } return 0; }\n',
  );
  const silent = await run('faults', '--only', '0', '--', './talks');
  expect(silent.stdout).toContain('Failed without a word on standard error (exit status 2; printed "no memory")');
  expect((await run('faults', '--only', '0', '--clean-output', 'no memory', '--', './talks')).exitCode).toBe(0);
  const options = ['--only', '3', '--clean-exit', '3'];
  const { exitCode, answer } = await json<FaultSweep>('faults', ...options, '--', './bugs');
  expect([exitCode, answer.verdicts.cleanError]).toEqual([0, 1]);
});

describe('what is left behind', () => {
  test('is nothing, also when the process is killed', async () => {
    const temporary = at('temporary');
    mkdirSync(temporary);
    const options = ['faults', '--private-folder', '--deadline', '600', '--', sleeper];
    const own = at('small');
    mkdirSync(own);
    writeFileSync(join(own, 'data'), 'x');
    const child = spawn(process.execPath, [bundle, ...options], {
      env: { ...env, TMPDIR: temporary },
      cwd: own,
      stdio: 'ignore',
    });
    await until(() => processesNaming('then-sleeps').length > 1 && readdirSync(temporary).length > 0);
    child.kill('SIGKILL');
    await until(() => processesNaming('then-sleeps').length === 0 && readdirSync(temporary).length === 0);
    expect(existsSync(join(own, 'data'))).toBe(true);
  });

  test('is nothing on a full disk, which is said', async () => {
    const disk = at('disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', disk]);
    try {
      const onDisk = commandLineIn(folder, { ...env, TMPDIR: disk });
      const { exitCode, stderr } = await onDisk.run('faults', '--', './bugs');
      expect(exitCode).toBe(2);
      expect(stderr).toMatch(/^binary-detective: The file for what a run does cannot be made in .*ENOSPC/u);
      expect(readdirSync(disk)).toEqual([]);
      rmSync(at('cache'), { recursive: true, force: true });
      const noCache = await commandLineIn(folder, { ...env, XDG_CACHE_HOME: disk }).run('faults', '--', './bugs');
      expect(noCache.exitCode).toBe(2);
      expect(noCache.stderr).toMatch(/^binary-detective: The fault shim could not be compiled/u);
    } finally {
      execFileSync('umount', [disk]);
    }
  });

  test('a journal on a full disk is given up, the sweep is not', async () => {
    const disk = at('journals');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8k', 'none', disk]);
    try {
      const options = ['--resume', join(disk, 'journal')];
      const { exitCode, answer } = await json<FaultSweep>('faults', ...options, '--', './bugs');
      expect([exitCode, answer.runs.length]).toEqual([1, 4]);
      expect(answer.notes).toContain(
        'The journal could not be written to its end: the sweep cannot go on from it later.',
      );
    } finally {
      execFileSync('umount', [disk]);
    }
  });
});
