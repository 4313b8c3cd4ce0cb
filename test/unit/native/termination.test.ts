import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RunOutcome } from '../../../language-server/native/door.ts';
import { groupGone } from '../../../language-server/native/process-group.ts';
import { processesNaming, until } from '../../support/processes.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { exited, longMs, openDoor, scriptRunner, text, uniqueName } from './door-fixture.ts';

const folder = temporaryFolder();
const door = openDoor({ concurrency: 4 });
const sh = scriptRunner(door);

describe('deadline', () => {
  test('a program that ignores SIGTERM is killed, and what it printed is kept', async () => {
    const name = uniqueName();
    const script = "trap '' TERM; echo started; while :; do sleep 100; done";
    let outcome: RunOutcome;
    // On a busy machine it may not even have started at the first.
    for (let deadlineMs = 100; ; deadlineMs *= 2) {
      outcome = await sh(script, { deadlineMs }, name);
      expect(processesNaming(name)).toEqual([]);
      expect(outcome).toMatchObject({ kind: 'timedOut', deadlineMs, truncated: { stdout: false, stderr: false } });
      if (outcome.kind === 'timedOut' && text(outcome.stdout) === 'started\n') return;
    }
  });

  test('may be without end', async () => {
    expect(exited(await sh('exit 7', { deadlineMs: Number.POSITIVE_INFINITY })).exitCode).toBe(7);
  });
});

describe('cancel', () => {
  /** Cancels when the program has printed a line. */
  const cancelWhenUp = async (script: string, name: string): Promise<RunOutcome> => {
    const controller = new AbortController();
    return await sh(script, { signal: controller.signal, onLine: () => controller.abort() }, name);
  };

  test('kills the whole process group', async () => {
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

  test('kills a program that has stopped itself', async () => {
    const name = uniqueName();
    expect(await cancelWhenUp('echo up; kill -STOP $$; echo never', name)).toEqual({ kind: 'cancelled' });
    expect(processesNaming(name)).toEqual([]);
  });

  test('ends a program that forks without end', async () => {
    const name = uniqueName();
    const controller = new AbortController();
    // As many as the system may have to kill at once, and no more than it can bear.
    const script = `n=0; while [ $n -lt 200 ]; do n=$((n + 1)); sh -c 'sleep 1000; :' ${name} & done; while :; do sh -c : ${name}; done`;
    const run = sh(script, { signal: controller.signal }, name);
    await until(() => processesNaming(name).length >= 20);
    controller.abort();
    expect(await run).toEqual({ kind: 'cancelled' });
    expect(processesNaming(name)).toEqual([]);
  });

  test('leaves the children time to tidy up though their parent dies at once', async () => {
    const witness = join(folder, 'tidied');
    const child = `trap ': >${witness}; exit' TERM; echo up; while :; do sleep 1000 & wait; done`;
    const script = `sh -c '${child.replaceAll("'", `'\\''`)}' & wait`;
    expect(await cancelWhenUp(script, uniqueName())).toEqual({ kind: 'cancelled' });
    expect(existsSync(witness)).toBe(true);
  });

  test('before the start starts nothing', async () => {
    const witness = join(folder, 'witness');
    expect(await sh(`touch ${witness}`, { signal: AbortSignal.abort() })).toEqual({ kind: 'cancelled' });
    expect(existsSync(witness)).toBe(false);
  });

  test('after the end changes nothing', async () => {
    const controller = new AbortController();
    const outcome = exited(await sh('exit 3', { signal: controller.signal }));
    controller.abort();
    expect(outcome.exitCode).toBe(3);
  });
});

describe('no child outlives its request', () => {
  /** A script that starts the command in the background and ends, with 4, when the command has said that it is up. */
  const leaveBehind = (name: string, command: string): string => {
    const fifo = join(folder, name);
    execFileSync('mkfifo', [fifo]);
    return `${command} sh -c 'echo up >${fifo}; sleep 1000; :' ${name} & read up <${fifo}; exit 4`;
  };

  test.each([
    ['in the group', ''],
    ['that left the group', 'setsid'],
    ['that left the group and closed its pipes', '</dev/null >/dev/null 2>&1 setsid'],
    ['that ignores signals', "trap '' TERM HUP; setsid"],
  ])('one %s', async (_, command) => {
    const name = uniqueName();
    const outcome = exited(await sh(leaveBehind(name, command), {}, name));
    expect(outcome.exitCode).toBe(4);
    expect(processesNaming(name)).toEqual([]);
  });

  test('one in the group of a tool', async () => {
    const name = uniqueName();
    const tool = openDoor({ toolPath: () => '/bin/sh' });
    const outcome = await tool.runTool('objdump', { args: ['-c', leaveBehind(name, ''), name], deadlineMs: longMs });
    expect(exited(outcome).exitCode).toBe(4);
    expect(processesNaming(name)).toEqual([]);
  });

  test('one that left the group of a tool that runs code of the workspace', async () => {
    const name = uniqueName();
    const compiler = openDoor({ toolPath: () => '/bin/sh' });
    const args = ['-c', leaveBehind(name, 'setsid'), name];
    const outcome = await compiler.runTool('cc', { args, deadlineMs: longMs, executesWorkspaceCode: true });
    expect(exited(outcome).exitCode).toBe(4);
    expect(processesNaming(name)).toEqual([]);
  });

  test('one that cannot be known any more, and holds the pipes, does not hold up the answer', async () => {
    const name = uniqueName();
    const outcome = exited(await sh(leaveBehind(name, 'setsid env -i PATH="$PATH"'), {}, name));
    expect(outcome.exitCode).toBe(4);
    for (const pid of processesNaming(name)) process.kill(pid, 'SIGKILL');
  });

  test('a group that does not end is not waited for for ever', async () => {
    const controller = new AbortController();
    let group = 0;
    const run = sh('echo $$; sleep 1000; :', {
      signal: controller.signal,
      onLine: line => {
        group = Number(line);
      },
    });
    await until(() => group !== 0);
    expect(await groupGone(group, 20)).toBe(false);
    controller.abort();
    await run;
    expect(await groupGone(group, 0)).toBe(true);
  });
});

describe('close', () => {
  test('ends what runs and what waits, and lets nothing start again', async () => {
    const closing = openDoor({ concurrency: 1 });
    const run = scriptRunner(closing);
    const name = uniqueName();
    const witness = join(folder, 'closed');
    const running = run("trap '' TERM; sleep 1000; :", {}, name);
    const waiting = run(`touch ${witness}`);
    await until(() => processesNaming(name).length > 0);
    await closing.close();
    expect(processesNaming(name)).toEqual([]);
    expect(await Promise.all([running, waiting])).toEqual([{ kind: 'cancelled' }, { kind: 'cancelled' }]);
    expect(await run(`touch ${witness}`)).toEqual({ kind: 'cancelled' });
    expect(existsSync(witness)).toBe(false);
  });
});

describe('concurrency', () => {
  test('no more than the limit run at once, and they start in the order in which they came', async () => {
    const two = scriptRunner(openDoor({ concurrency: 2 }));
    const started: number[] = [];
    let finished = 0;
    let most = 0;
    const runs = Array.from({ length: 8 }, async (_, index) => {
      const controller = new AbortController();
      const outcome = await two('echo up; sleep 1000; :', {
        signal: controller.signal,
        onLine: () => {
          started.push(index);
          most = Math.max(most, started.length - finished);
          // The first goes only when a second is there, so that two are seen at once; then one by one.
          void until(() => started.length >= Math.min(index + 2, 8)).then(() => controller.abort());
        },
      });
      finished += 1;
      expect(outcome).toEqual({ kind: 'cancelled' });
    });
    await Promise.all(runs);
    expect(most).toBe(2);
    expect(started.toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    // Two neighbours may overtake each other in the time between start and first line.
    started.forEach((index, place) => {
      expect(Math.abs(index - place)).toBeLessThanOrEqual(1);
    });
  });

  test('a queued run that is cancelled leaves the queue at once and never starts', async () => {
    const one = scriptRunner(openDoor({ concurrency: 1 }));
    const first = new AbortController();
    const second = new AbortController();
    const witness = join(folder, 'queued');
    const blocking = one('sleep 1000; :', { signal: first.signal });
    const queued = one(`touch ${witness}`, { signal: second.signal });
    second.abort();
    expect(await queued).toEqual({ kind: 'cancelled' });
    first.abort();
    expect(await blocking).toEqual({ kind: 'cancelled' });
    expect(existsSync(witness)).toBe(false);
    expect(exited(await one('exit 6')).exitCode).toBe(6);
  });

  test('a sweep cancels all its runs by one signal, and Node warns of no leak', async () => {
    const warnings: string[] = [];
    const listen = (warning: Error): void => void warnings.push(warning.message);
    process.on('warning', listen);
    const controller = new AbortController();
    const runs = Array.from({ length: 50 }, () => sh('sleep 1000; :', { signal: controller.signal }));
    controller.abort();
    expect(new Set((await Promise.all(runs)).map(outcome => outcome.kind))).toEqual(new Set(['cancelled']));
    await new Promise(resolve => setImmediate(resolve));
    process.off('warning', listen);
    expect(warnings).toEqual([]);
  });

  test('of less than one counts as one', async () => {
    const none = scriptRunner(openDoor({ concurrency: 0 }));
    expect(exited(await none('exit 2')).exitCode).toBe(2);
  });

  test('a program that cannot be started gives its place back', async () => {
    const one = openDoor({ concurrency: 1 });
    const file = join(folder, 'not executable');
    writeFileSync(file, '');
    for (const command of ['/no/such', file, `${file}\uDCFF`]) {
      const outcome = await one.runProgram({ command, args: [], deadlineMs: longMs });
      expect(outcome.kind).toBe('spawnFailed');
    }
    expect(exited(await scriptRunner(one)('exit 0')).exitCode).toBe(0);
  });
});
