import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { beforeAll, expect, test } from 'vitest';
import { processesNaming, until } from '../../support/processes.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { uniqueName } from './door-fixture.ts';

/** A Node process that uses the door as the language server does, bundled as it is; each line of its input is a command. */
const server = `
  import { createInterface } from 'node:readline';
  import { createNativeDoor } from './language-server/native/create-door.ts';
  const door = createNativeDoor({ toolPath: () => undefined, isTrusted: () => true, log: () => undefined });
  const commands = {
    run(name) {
      const idle = "sh -c 'sleep 1000; :' " + name;
      const script = idle + ' & (setsid ' + idle + ' &) ; wait';
      void door.runProgram({ command: '/bin/sh', args: ['-c', script, name], deadlineMs: 600000 });
    },
    async quick() {
      await door.runProgram({ command: '/bin/true', args: [], deadlineMs: 600000 });
      console.log('done');
    },
    close: () => void door.close(),
    exit: () => process.exit(3),
    throw() { throw new Error('as a bug in the server would'); },
  };
  createInterface({ input: process.stdin }).on('line', line => {
    const [command, name] = line.split(' ');
    commands[command](name);
  });
`;

const bundle = join(temporaryFolder(), 'server.cjs');
beforeAll(async () => {
  await build({
    stdin: { contents: server, resolveDir: join(import.meta.dirname, '../../..'), loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile: bundle,
  });
});

interface Server {
  readonly process: ChildProcess;
  readonly ended: Promise<unknown>;
  say(line: string): void;
  /** Starts a program with a child in its group and a daemon that left both, and waits until the three are up. */
  run(name: string): Promise<void>;
}

function startServer(): Server {
  const process = spawn(globalThis.process.execPath, [bundle], { stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = new Promise(resolve => process.once('exit', resolve));
  const say = (line: string): void => void process.stdin.write(`${line}\n`);
  return {
    process,
    ended,
    say,
    async run(name) {
      say(`run ${name}`);
      await until(() => processesNaming(name).length >= 3);
    },
  };
}

const endings: Readonly<Record<string, (server: Server) => void>> = {
  SIGKILL: ({ process }) => process.kill('SIGKILL'),
  SIGTERM: ({ process }) => process.kill('SIGTERM'),
  'an exception that nobody catches': ({ say }) => say('throw'),
  'process.exit': ({ say }) => say('exit'),
  'a client that kills its whole tree': ({ process }) => killTree(process.pid ?? 0),
};

test.each(Object.keys(endings))('no child outlives a server that ends by %s', async how => {
  const name = uniqueName();
  const started = startServer();
  await started.run(name);
  endings[how]?.(started);
  await started.ended;
  await until(() => processesNaming(name).length === 0);
  expect(processesNaming(name)).toEqual([]);
});

test('a door that is closed leaves neither a child nor its guard behind', async () => {
  const name = uniqueName();
  const started = startServer();
  await started.run(name);
  const guard = guardOf(name);
  expect(processesNaming(guard)).not.toEqual([]);
  started.say('close');
  await until(() => processesNaming(name).length === 0 && processesNaming(guard).length === 0);
  expect(started.process.exitCode).toBeNull();
  started.process.kill('SIGKILL');
  await started.ended;
});

test('a command line that has done its work ends, though it does not close the door', async () => {
  const started = startServer();
  const done = new Promise(resolve => started.process.stdout?.once('data', resolve));
  started.say('quick');
  await done;
  started.process.stdin?.end();
  await started.ended;
  expect(started.process.exitCode).toBe(0);
});

test('a guard that was killed is replaced, and the new one knows of the children of the old', async () => {
  const name = uniqueName();
  const started = startServer();
  await started.run(name);
  const guard = guardOf(name);
  await until(() => processesNaming(guard).length === 1);
  const [first = 0] = processesNaming(guard);
  process.kill(first, 'SIGKILL');
  await until(() => processesNaming(guard).some(pid => pid !== first));
  started.process.kill('SIGKILL');
  await until(() => processesNaming(name).length === 0);
  expect(processesNaming(name)).toEqual([]);
});

/** What stands on the command line of the guard of the server that started a process. */
function guardOf(name: string): string {
  const [pid] = processesNaming(name);
  const marker = /\bBINARY_DETECTIVE_RUN=[^.]*\./u.exec(readFileSync(`/proc/${pid}/environ`, 'utf8'))?.[0];
  if (marker === undefined) throw new Error(`Process ${pid} carries no marker.`);
  return marker;
}

/** From the leaves up, as language clients do with a server that does not answer. */
function killTree(root: number): void {
  for (const pid of childrenOf(root)) killTree(pid);
  try {
    process.kill(root, 'SIGKILL');
  } catch {
    // It ended by itself when its child was killed.
  }
}

function childrenOf(parent: number): number[] {
  try {
    return readdirSync(`/proc/${parent}/task`).flatMap(thread =>
      readFileSync(`/proc/${parent}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}
