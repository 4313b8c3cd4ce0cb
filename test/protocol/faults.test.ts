import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CancellationTokenSource, ProgressType } from 'vscode-languageserver/node';
import { errorCodes } from '../../language-server/protocol/errors.ts';
import {
  type FaultProgress,
  faultExport,
  faultExportFormats,
  faultSweep,
} from '../../language-server/protocol/faults.ts';
import { trustGranted } from '../../language-server/protocol/workspace.ts';
import { startLanguageServer } from '../support/language-client.ts';
import { processesNaming, until } from '../support/processes.ts';
import { compileProgram, writeScript } from '../support/sample-files.ts';
import { refusal, sharedClient } from '../support/shared-client.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder();
const cache = temporaryFolder();
const env = { XDG_CACHE_HOME: cache };
const sideEffect = join(folder, 'it-ran');
const program = compileProgram(
  folder,
  'crasher',
  `#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int main(void) {
  fclose(fopen("${sideEffect}", "w"));
  char *first = malloc(10);
  if (first == NULL) { fputs("no memory\\n", stderr); return 1; }
  char *second = malloc(20);
  strcpy(second, "crash here"); /* CRASH */
  puts(second);
  return 0;
}
`,
);
const params = { program: { command: [program], cwd: folder } };

describe('in a workspace that is not trusted', () => {
  const client = sharedClient({ env });

  test('the server refuses, and nothing has run', async () => {
    rmSync(sideEffect, { force: true });
    const { code, data } = await refusal(client().request(faultSweep, params));
    expect(code).toBe(errorCodes.untrusted);
    expect(data?.kind).toBe('untrusted');
    expect(existsSync(sideEffect)).toBe(false);
  });

  test('not even what builds the program runs', async () => {
    const built = join(folder, 'it-was-built');
    const build = [writeScript(folder, 'build.sh', `#!/bin/sh\ntouch ${built}\n`)];
    const { code } = await refusal(client().request(faultSweep, { program: { ...params.program, build } }));
    expect(code).toBe(errorCodes.untrusted);
    expect(existsSync(built)).toBe(false);
  });

  test.each([{ trusted: 'true' }, { trusted: 1 }, null, 'trusted', []])(
    '%j does not make it trusted',
    async options => {
      const other = await startLanguageServer({ env, initializationOptions: options });
      expect((await refusal(other.request(faultSweep, params))).code).toBe(errorCodes.untrusted);
      await other.close();
    },
  );

  test('it runs as soon as the person grants trust', async () => {
    const other = await startLanguageServer({ env });
    await other.connection.sendNotification(trustGranted.method, {});
    const { verdicts } = await other.request(faultSweep, params);
    expect(verdicts.crash).toBeGreaterThan(0);
    await other.close();
  });
});

describe('in a trusted one', () => {
  const client = sharedClient({ env, initializationOptions: { trusted: true } });

  test('the sweep tells each verdict, and the line of a crash', async () => {
    const seen: FaultProgress[] = [];
    const token = 'sweep-1';
    const subscription = client().connection.onProgress(new ProgressType<FaultProgress>(), token, value => {
      seen.push(value);
    });
    const sweep = await client().request(faultSweep, { ...params, partialResultToken: token });
    subscription.dispose();
    const [zero, one] = sweep.runs;
    expect(zero).toMatchObject({ n: 0, verdict: expect.stringMatching(/crash|cleanError/u) });
    const crash = sweep.runs.find(({ verdict, crashStack }) => {
      return verdict === 'crash' && crashStack.some(({ line }) => line === 9);
    });
    expect(crash).toMatchObject({ signal: 'SIGSEGV' });
    expect(one).toBeDefined();
    // Everything in the answer was streamed before.
    const streamed = seen.flatMap(progress => (progress.kind === 'run' ? [progress.run.n] : []));
    expect(streamed.toSorted((a, b) => a - b)).toEqual(sweep.runs.map(({ n }) => n).toSorted((a, b) => a - b));
    expect(seen.find(({ kind }) => kind === 'clean')).toMatchObject({ points: sweep.plan.points });
  });

  test('a sweep is exported in each format, as it came back', async () => {
    const sweep = await client().request(faultSweep, params);
    const starts = {
      json: '{\n  "schema": "binary-detective/faults@1"',
      sarif: '{',
      junit: '<?xml',
      html: '<!DOCTYPE html>',
    };
    for (const format of faultExportFormats) {
      const { text } = await client().request(faultExport, { sweep, format, root: folder });
      expect(text.startsWith(starts[format]), format).toBe(true);
    }
    const { text } = await client().request(faultExport, { sweep, format: 'json' });
    expect(JSON.parse(text)).toEqual({ schema: 'binary-detective/faults@1', ...sweep });
    const sarif = await client().request(faultExport, { sweep, format: 'sarif', root: folder });
    expect(sarif.text).toContain('"uri": "crasher.c"');
  });

  test('what is no sweep is not exported', async () => {
    const sweep = { ...(await client().request(faultSweep, params)), runs: [{ n: 'three' }] };
    const { code } = await refusal(client().request(faultExport, { sweep, format: 'html' } as never));
    expect(code).toBe(errorCodes.invalidParams);
  });

  test('one point alone', async () => {
    const sweep = await client().request(faultSweep, { ...params, only: 1 });
    expect(sweep.runs).toHaveLength(1);
    expect(sweep.runs[0]?.n).toBe(1);
  });

  test('exactly one failure at each point, the first of each call stack alone', async () => {
    const sweep = await client().request(faultSweep, { ...params, mode: { kind: 'nth' }, points: 'stacks' });
    expect(sweep.plan).toMatchObject({ mode: 'nth', points: sweep.clean.stacks, firsts: sweep.clean.stacks });
    expect(sweep.runs.map(({ fails }) => fails)).toEqual(sweep.runs.map(({ n }) => `MALLOC_FAULTS_FAIL=${n}`));
    expect(sweep.groups.some(({ crashStack }) => crashStack.some(({ line }) => line === 9))).toBe(true);
  });

  test('a mode that means nothing is refused', async () => {
    const mode = { kind: 'list', numbers: '5-3' } as const;
    const { code, message } = await refusal(client().request(faultSweep, { ...params, mode }));
    expect(code).toBe(errorCodes.invalidParams);
    expect(message).toContain('"5-3" is not a list of allocations');
  });

  test('a program that is not there is a sentence', async () => {
    const command = [join(folder, 'absent')];
    const { message } = await refusal(client().request(faultSweep, { program: { command, cwd: folder } }));
    expect(message).toContain('absent');
  });

  test('a cancelled sweep leaves no process behind', async () => {
    const name = 'sleeps-for-ever';
    const sleeper = compileProgram(
      folder,
      name,
      '#include <stdlib.h>\n#include <unistd.h>\nint main(void) { free(malloc(1)); for (;;) pause(); }\n',
    );
    const cancel = new CancellationTokenSource();
    const answer = client().request(faultSweep, { program: { command: [sleeper], cwd: folder } }, cancel.token);
    await until(() => processesNaming(name).length > 0);
    cancel.cancel();
    await answer.catch(() => undefined);
    await until(() => processesNaming(name).length === 0);
  });
});

test('without a compiler the answer says how to get one', async () => {
  const settings = { tools: { cc: join(folder, 'no-such-compiler') } };
  const client = await startLanguageServer({
    env: { XDG_CACHE_HOME: temporaryCache() },
    initializationOptions: { trusted: true },
    settings,
  });
  const { data, message } = await refusal(client.request(faultSweep, params));
  expect(data?.kind).toBe('toolMissing');
  expect(message).toContain('binaryDetective.tools.cc');
  await client.close();
});

function temporaryCache(): string {
  return join(cache, 'empty');
}
