import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CancellationTokenSource, ProgressType } from 'vscode-languageserver/node';
import { pathToFileUri } from '../../language-server/native/file-uri.ts';
import { errorCodes } from '../../language-server/protocol/errors.ts';
import {
  type TraceProgress,
  traceBindings,
  traceDiscard,
  traceProcess,
  traceRun,
  traceText,
} from '../../language-server/protocol/trace.ts';
import { verifyTree } from '../../language-server/protocol/verify.ts';
import { trustGranted } from '../../language-server/protocol/workspace.ts';
import { startLanguageServer } from '../support/language-client.ts';
import { processesNaming, until } from '../support/processes.ts';
import { compileLibrary, compileProgram } from '../support/sample-files.ts';
import { refusal, sharedClient } from '../support/shared-client.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder();
const temporary = temporaryFolder();
const env = { TMPDIR: temporary };
const sideEffect = join(folder, 'it-ran');
/** A constructor: also a loader that is only to list the library's needs must not be let near it. */
const touch = `#include <stdio.h>\n__attribute__((constructor)) void touch(void) { fclose(fopen("${sideEffect}", "w")); }\n`;
compileLibrary(folder, 'libtouch.so', touch);
const program = compileProgram(folder, 'app', 'int main(void) { return 0; }', [
  '-Wl,--no-as-needed',
  `-L${folder}`,
  '-ltouch',
  '-Wl,-rpath,$ORIGIN',
]);
const params = { program: { command: [program], cwd: folder } };
const uri = pathToFileUri(program);

describe('in a workspace that is not trusted', () => {
  const client = sharedClient({ env });

  test('the server refuses to trace, and nothing has run', async () => {
    const { code, data } = await refusal(client().request(traceRun, params));
    expect([code, data?.kind]).toEqual([errorCodes.untrusted, 'untrusted']);
    expect(existsSync(sideEffect)).toBe(false);
    expect(readdirSync(temporary)).toEqual([]);
  });

  test('the server refuses to verify, and no loader has run', async () => {
    expect((await refusal(client().request(verifyTree, { uri }))).code).toBe(errorCodes.untrusted);
    expect(existsSync(sideEffect)).toBe(false);
  });

  test('what it says of a program tells nothing about files either', async () => {
    const gone = { program: { command: ['/no/such/program'] } };
    expect((await refusal(client().request(traceRun, gone))).code).toBe(errorCodes.untrusted);
  });

  test('it runs as soon as the person grants trust', async () => {
    const other = await startLanguageServer({ env });
    await other.connection.sendNotification(trustGranted.method, {});
    expect((await other.request(traceRun, params)).outcome).toEqual({ kind: 'exited', exitCode: 0, signal: null });
    expect(existsSync(sideEffect)).toBe(true);
    await other.close();
    expect(readdirSync(temporary)).toEqual([]);
  });
});

describe('in a trusted one', () => {
  const client = sharedClient({ env, initializationOptions: { trusted: true } });

  test('a trace is asked for piece by piece, until it is discarded', async () => {
    const { log, processes, timing } = await client().request(traceRun, params);
    expect(processes).toMatchObject([
      { id: 0, name: program, path: program, started: true, differences: 0, failure: null },
    ]);
    expect(timing).toContain('every 4 ms');
    const detail = await client().request(traceProcess, { log, process: 0 });
    expect(detail.searches.map(({ name }) => name)).toEqual(['libtouch.so', 'libc.so.6']);
    const question = { log, process: 0, from: program, start: 0, count: 2 };
    const page = await client().request(traceBindings, question);
    expect(page.rows).toHaveLength(2);
    expect(page.rows.every(({ from }) => from === program)).toBe(true);
    const { text } = await client().request(traceText, { log, process: 0, filter: 'find library' });
    expect(text).toBe('find library=libtouch.so [0]; searching\nfind library=libc.so.6 [0]; searching\n');
    expect(await client().request(traceDiscard, { log })).toBe(null);
    expect(readdirSync(temporary)).toEqual([]);
    expect((await refusal(client().request(traceProcess, { log, process: 0 }))).code).toBe(errorCodes.notFound);
  });

  test('a cancel is answered with what was recorded, and nothing is left running', async () => {
    const mark = `protocol-trace-${process.pid}`;
    const cancel = new CancellationTokenSource();
    const token = 'trace-1';
    const seen: TraceProgress[] = [];
    const subscription = client().connection.onProgress(new ProgressType<TraceProgress>(), token, value => {
      seen.push(value);
    });
    const command = ['/bin/sh', '-c', 'sleep 1000; true', mark];
    const running = client().request(
      traceRun,
      { program: { command, cwd: folder }, partialResultToken: token },
      cancel.token,
    );
    await until(() => seen.some(({ searches }) => searches === 2));
    cancel.cancel();
    const { outcome, processes, log } = await running;
    subscription.dispose();
    expect(outcome).toEqual({ kind: 'cancelled' });
    expect(processes.map(({ name }) => name)).toEqual(['/bin/sh', 'sleep']);
    expect(processesNaming(mark)).toEqual([]);
    await client().request(traceDiscard, { log });
  });

  test('other requests are answered while a program runs', async () => {
    const cancel = new CancellationTokenSource();
    const command = ['/bin/sh', '-c', 'sleep 1000; true'];
    const running = client().request(traceRun, { program: { command, cwd: folder } }, cancel.token);
    expect(await client().request(verifyTree, { uri })).toMatchObject({ kind: 'agrees', objects: 4 });
    cancel.cancel();
    await client().request(traceDiscard, { log: (await running).log });
  });

  test('the loader agrees with the tree of a file, and cannot be asked what if', async () => {
    expect(await client().request(verifyTree, { uri })).toEqual({
      kind: 'agrees',
      command: expect.stringContaining('LD_TRACE_LOADED_OBJECTS=1 /lib64/ld-linux-x86-64.so.2 '),
      objects: 4,
    });
    const whatIf = await client().request(verifyTree, { uri, hwcaps: 'none' });
    expect(whatIf).toMatchObject({ kind: 'notVerified', message: expect.stringContaining('another processor') });
  });
});

test('a server that is killed takes the traced program with it', async () => {
  const client = await startLanguageServer({ env, initializationOptions: { trusted: true } });
  const mark = `killed-server-${process.pid}`;
  const command = ['/bin/sh', '-c', 'sleep 1000; true', mark];
  client.request(traceRun, { program: { command, cwd: folder } }).catch(() => undefined);
  await until(() => processesNaming(mark).length === 1);
  client.process.kill('SIGKILL');
  await until(() => processesNaming(mark).length === 0);
  client.connection.dispose();
});
