import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeBytes } from '../../../language-server/native/byte-text.ts';
import { createNativeDoor, type DoorOptions } from '../../../language-server/native/create-door.ts';
import type { NativeDoor, RunOutcome } from '../../../language-server/native/door.ts';
import { processesNaming, until } from '../../support/processes.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder();
const longMs = 60_000;

const doors: NativeDoor[] = [];
function openDoor(options: Partial<DoorOptions> = {}): NativeDoor {
  const door = createNativeDoor({ toolPath: () => undefined, isTrusted: () => true, log: () => undefined, ...options });
  doors.push(door);
  return door;
}
afterAll(() => Promise.all(doors.map(door => door.close())));

const door = openDoor({ concurrency: 4 });

/** Runs a POSIX sh script; `$0` is a text by which its processes are found. */
function sh(
  script: string,
  more: Partial<Parameters<NativeDoor['runProgram']>[0]> = {},
  name = 'sh',
): Promise<RunOutcome> {
  return door.runProgram({ command: '/bin/sh', args: ['-c', script, name], deadlineMs: longMs, ...more });
}

function exited(outcome: RunOutcome): Extract<RunOutcome, { kind: 'exited' }> {
  if (outcome.kind !== 'exited') throw new Error(`Not exited but ${JSON.stringify(outcome)}`);
  return outcome;
}
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
let names = 0;
const uniqueName = (): string => {
  names += 1;
  return `bd-test-${process.pid}-${names}`;
};

describe('an ordinary run', () => {
  test('gives exit code, both streams and its time', async () => {
    const outcome = exited(await sh('echo out; echo err >&2; exit 3'));
    expect(outcome).toMatchObject({ exitCode: 3, signal: null, truncated: { stdout: false, stderr: false } });
    expect([text(outcome.stdout), text(outcome.stderr)]).toEqual(['out\n', 'err\n']);
    expect(outcome.durationMs).toBeGreaterThan(0);
  });

  test('names the signal that ended it', async () => {
    expect(exited(await sh('kill -SEGV $$'))).toMatchObject({ exitCode: null, signal: 'SIGSEGV' });
  });

  test('hands on input, environment and working folder', async () => {
    const outcome = await sh('cat; echo "$WORD"; pwd; echo "$GONE"', {
      input: Buffer.from('in\n'),
      env: { WORD: 'word', GONE: undefined },
      cwd: '/',
    });
    expect(text(exited(outcome).stdout)).toBe('in\nword\n/\n\n');
  });

  test('has an empty standard input otherwise', async () => {
    expect(text(exited(await sh('cat; echo end')).stdout)).toBe('end\n');
  });

  test('survives a program that does not read its input', async () => {
    expect(exited(await sh('exec 0<&-; exit 0', { input: Buffer.alloc(1 << 20) })).exitCode).toBe(0);
  });
});

describe('names arrive byte for byte', () => {
  const hostileNames: readonly (readonly [string, Uint8Array])[] = [
    ['space', Buffer.from('a b')],
    ['quotes', Buffer.from(`'"\`$(id)`)],
    ['newlines', Buffer.from('a\nb\n\n')],
    ['backslash and percent', Buffer.from('\\0101 %s \\n')],
    ['dash', Buffer.from('-rf')],
    ['not UTF-8', Buffer.from([0x61, 0xff, 0xc3, 0x2e, 0x0a])],
    ['UTF-8', Buffer.from('日本 é')],
  ];
  test.each(hostileNames)('%s', async (_, name) => {
    const outcome = await sh('printf %s "$1"', { args: ['-c', 'printf %s "$1"', 'sh', decodeBytes(name)] });
    expect(Buffer.from(exited(outcome).stdout)).toEqual(Buffer.from(name));
  });

  test('as program and as working folder', async () => {
    const bytes = Buffer.concat([Buffer.from(`${folder}/d`), Buffer.from([0xff, 0x20, 0x0a])]);
    mkdirSync(bytes);
    const program = Buffer.concat([bytes, Buffer.from('/p'), Buffer.from([0xfe])]);
    writeFileSync(program, '#!/bin/sh\npwd\nkill -ABRT $$\n');
    chmodSync(program, 0o755);
    const outcome = await door.runProgram({
      command: decodeBytes(program),
      args: [],
      cwd: decodeBytes(bytes),
      deadlineMs: longMs,
    });
    expect(Buffer.from(exited(outcome).stdout)).toEqual(Buffer.concat([bytes, Buffer.from('\n')]));
    expect(exited(outcome).signal).toBe('SIGABRT');
  });

  test('for a real tool: objdump reads a file whose name is not UTF-8', async () => {
    const path = Buffer.concat([Buffer.from(`${folder}/o`), Buffer.from([0xff]), Buffer.from('\n.o')]);
    writeFileSync(path, readFileSync(process.execPath).subarray(0, 0));
    execFileSync('cc', ['-c', '-x', 'c', '-', '-o', `${folder}/plain.o`], { input: 'int answer(void){return 42;}' });
    writeFileSync(path, readFileSync(`${folder}/plain.o`));
    const outcome = await door.runTool('objdump', { args: ['-d', '--', decodeBytes(path)], deadlineMs: longMs });
    expect(text(exited(outcome).stdout)).toContain('<answer>:');
  });
});

describe('deadline and cancel', () => {
  test('a program that ignores SIGTERM is killed at its deadline', async () => {
    const name = uniqueName();
    const outcome = await sh("trap '' TERM; echo started; while :; do sleep 100; done", { deadlineMs: 100 }, name);
    expect(outcome).toMatchObject({ kind: 'timedOut', deadlineMs: 100 });
    expect(outcome.kind === 'timedOut' && text(outcome.stdout)).toBe('started\n');
    expect(processesNaming(name)).toEqual([]);
  });

  test('cancel kills the whole process group', async () => {
    const name = uniqueName();
    const controller = new AbortController();
    const run = sh(
      `sh -c 'sleep 1000; :' ${name} & sh -c 'trap "" TERM; sleep 1000; :' ${name} & wait`,
      { signal: controller.signal },
      name,
    );
    await until(() => processesNaming(name).length >= 3);
    controller.abort();
    expect(await run).toEqual({ kind: 'cancelled' });
    expect(processesNaming(name)).toEqual([]);
  });

  test('a signal that was aborted before starts nothing', async () => {
    const witness = join(folder, 'witness');
    expect(await sh(`touch ${witness}`, { signal: AbortSignal.abort() })).toEqual({ kind: 'cancelled' });
    expect(existsSync(witness)).toBe(false);
  });

  test('children left behind die with the request, and their pipes do not hold it up', async () => {
    const name = uniqueName();
    const outcome = exited(await sh(`sh -c 'sleep 1000; :' ${name} & exit 4`, {}, name));
    expect(outcome.exitCode).toBe(4);
    expect(processesNaming(name)).toEqual([]);
  });

  test('a daemon that left the group dies with the request', async () => {
    const name = uniqueName();
    await sh(`setsid sh -c 'echo up; sleep 1000; :' ${name} & read x <&0; sleep 0.2`, {}, name);
    expect(processesNaming(name)).toEqual([]);
  });
});

describe('output', () => {
  test('without end is cut and the program killed, where asked', async () => {
    const outcome = exited(await sh('yes', { outputCapBytes: 100_000, whenCapped: 'kill' }));
    expect(outcome.stdout.length).toBe(100_000);
    expect(outcome).toMatchObject({ signal: 'SIGKILL', truncated: { stdout: true, stderr: false } });
  });

  test('beyond the cap is dropped and the exit code stays true, otherwise', async () => {
    const outcome = exited(await sh('head -c 1000000 /dev/zero >&2; exit 5', { outputCapBytes: 10 }));
    expect(outcome).toMatchObject({ exitCode: 5, truncated: { stdout: false, stderr: true } });
    expect(outcome.stderr.length).toBe(10);
  });

  test('of exactly the cap is whole', async () => {
    const outcome = exited(await sh('printf 0123456789', { outputCapBytes: 10 }));
    expect(outcome.truncated.stdout).toBe(false);
  });

  test('streams by line while the program runs, also lines that are not UTF-8, empty or unended', async () => {
    const lines: string[] = [];
    const controller = new AbortController();
    const run = sh("printf 'a\\n\\n\\377b\\nc'; sleep 1000", {
      signal: controller.signal,
      onLine: line => {
        lines.push(line);
        if (lines.length === 3) controller.abort();
      },
    });
    expect(await run).toEqual({ kind: 'cancelled' });
    expect(lines.slice(0, 3)).toEqual(['a', '', '\uDCFFb']);
  });

  test('without newline is handed on in bounded pieces', async () => {
    const lengths: number[] = [];
    await sh("head -c 5000000 /dev/zero | tr '\\0' x", { onLine: line => lengths.push(line.length) });
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(5_000_000);
    expect(Math.max(...lengths)).toBeLessThan(1_300_000);
  });
});

describe('concurrency', () => {
  test('no more than the limit run at once, and all run', async () => {
    const two = openDoor({ concurrency: 2 });
    const seconds = `0.05${process.pid}`;
    let most = 0;
    let finished = 0;
    const runs = Array.from({ length: 8 }, async () => {
      const run = two.runProgram({ command: '/bin/sleep', args: [seconds], deadlineMs: longMs });
      expect(exited(await run).exitCode).toBe(0);
      finished += 1;
    });
    await until(() => {
      most = Math.max(most, processesNaming(seconds).length);
      return finished === 8;
    });
    await Promise.all(runs);
    expect(most).toBeLessThanOrEqual(2);
    expect(most).toBeGreaterThan(0);
  });

  test('a queued run that is cancelled leaves the queue at once and never starts', async () => {
    const one = openDoor({ concurrency: 1 });
    const name = uniqueName();
    const first = new AbortController();
    const second = new AbortController();
    const run = (signal: AbortSignal, script: string): Promise<RunOutcome> =>
      one.runProgram({ command: '/bin/sh', args: ['-c', script, name], deadlineMs: longMs, signal });
    const witness = join(folder, 'queued');
    const blocking = run(first.signal, 'sleep 1000; :');
    const queued = run(second.signal, `touch ${witness}`);
    second.abort();
    expect(await queued).toEqual({ kind: 'cancelled' });
    first.abort();
    expect(await blocking).toEqual({ kind: 'cancelled' });
    expect(existsSync(witness)).toBe(false);
    expect(exited(await run(new AbortController().signal, 'exit 6')).exitCode).toBe(6);
  });
});

describe('what cannot be run', () => {
  test.each([
    ['no such program', { command: '/no/such/program' }, /program could not be started: there is no such file/u],
    ['a file that is not executable', { command: '/etc/passwd' }, /passwd could not be started: it is not executable/u],
    ['a folder that is not there', { command: '/bin/true', cwd: '/no/such/folder' }, /in \/no\/such\/folder/u],
    ['a NUL in an argument', { command: '/bin/true', args: ['a\0b'] }, /NUL/u],
    [
      'arguments beyond all limits',
      { command: '/bin/true', args: ['x'.repeat(3_000_000)] },
      /larger than the system allows/u,
    ],
  ])('%s is said in a sentence', async (_, request, sentence) => {
    const outcome = await door.runProgram({ args: [], deadlineMs: longMs, ...request });
    expect(outcome).toMatchObject({ kind: 'spawnFailed', message: expect.stringMatching(sentence) });
  });

  test('a missing tool is an answer with its remedy', async () => {
    const without = openDoor({ toolPath: () => '/no/such/tool' });
    const outcome = await without.runTool('addr2line', { args: [], deadlineMs: longMs });
    expect(outcome).toMatchObject({ kind: 'missing', tool: 'addr2line', remedy: expect.stringContaining('binutils') });
  });
});

describe('trust', () => {
  const witness = join(folder, 'untrusted');
  let trusted = false;
  const guarded = openDoor({ isTrusted: () => trusted });
  const touch = (): Promise<RunOutcome> =>
    guarded.runProgram({ command: '/usr/bin/touch', args: [witness], deadlineMs: longMs });

  test('a program of the workspace is refused until trust is granted', async () => {
    expect(await touch()).toMatchObject({ kind: 'untrusted' });
    const compile = { args: ['--version'], deadlineMs: longMs, executesWorkspaceCode: true };
    expect(await guarded.runTool('cc', compile)).toMatchObject({ kind: 'untrusted' });
    expect(existsSync(witness)).toBe(false);
    trusted = true;
    expect(exited(await touch()).exitCode).toBe(0);
    expect(existsSync(witness)).toBe(true);
  });

  test('a tool that only reads is not', async () => {
    const outcome = await openDoor({ isTrusted: () => false }).runTool('objdump', {
      args: ['--version'],
      deadlineMs: longMs,
    });
    expect(exited(outcome).exitCode).toBe(0);
  });
});

test('the report names every tool, its version as the tool itself says it, and where it was searched', async () => {
  const report = await door.report();
  expect(report.map(tool => tool.id)).toEqual(['objdump', 'addr2line', 'cc']);
  for (const tool of report) {
    expect(tool.path).not.toBeNull();
    expect(execFileSync(tool.path ?? '', ['--version'], { encoding: 'utf8' })).toContain(tool.version);
    expect(tool.searched).toContain(tool.path);
  }
});

describe('no child outlives the server', () => {
  const bundle = join(folder, 'server.cjs');
  beforeAll(async () => {
    await build({
      stdin: {
        contents: `
          import { createNativeDoor } from './language-server/native/create-door.ts';
          const door = createNativeDoor({ toolPath: () => undefined, isTrusted: () => true, log: () => undefined });
          const script = \`sh -c 'sleep 1000; :' \${process.argv[2]} & setsid sh -c 'sleep 1000; :' \${process.argv[2]} & wait\`;
          void door.runProgram({ command: '/bin/sh', args: ['-c', script, process.argv[2]], deadlineMs: 60000 });
          process.on('SIGUSR2', () => void door.close());
        `,
        resolveDir: join(import.meta.dirname, '../../..'),
        loader: 'ts',
      },
      bundle: true,
      platform: 'node',
      format: 'cjs',
      outfile: bundle,
    });
  });

  test.each(['SIGKILL', 'SIGTERM', 'SIGUSR2'] as const)('that ends by %s', async signal => {
    const name = uniqueName();
    const server = spawn(process.execPath, [bundle, name], { stdio: 'inherit' });
    const ended = new Promise(resolve => server.once('exit', resolve));
    await until(() => processesNaming(name).length >= 4);
    server.kill(signal);
    await ended;
    await until(() => processesNaming(name).length === 0);
    expect(processesNaming(name)).toEqual([]);
  });
});
