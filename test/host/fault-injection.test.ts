import { deepStrictEqual, match, ok, strictEqual } from 'node:assert';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { FaultTestResult } from '../../extension/fault-injection/reported-run.ts';
import { settingIds } from '../../extension/settings.ts';
import { UserError } from '../../language-server/protocol/errors.ts';
import { faultSweep } from '../../language-server/protocol/faults.ts';
import { eventually } from './support/eventually.ts';
import { extensionApi } from './support/extension.ts';
import { newFolder, write } from './support/workspace.ts';

/** The first allocation is checked; the second is not, and line 11 writes through it. */
const source = `#include <stdio.h>
#include <stdlib.h>

int main(void) {
  char *name = malloc(16);
  if (name == NULL) {
    fputs("out of memory\\n", stderr);
    return 1;
  }
  volatile char *copy = malloc(16);
  copy[0] = 'x';
  free((void *)copy);
  free(name);
  return 0;
}
`;

describe('malloc fault injection', () => {
  if (process.env['BINARY_DETECTIVE_TEST_TRUST'] === 'untrusted') {
    it('is refused by the server itself, and nothing has run', async () => {
      const folder = newFolder('untrusted');
      const trace = join(folder, 'has-run');
      const touch = ['/usr/bin/touch', trace];
      const { request } = await extensionApi();
      const refusal = await request(faultSweep, { program: { command: touch, cwd: folder, build: touch } }).then(
        () => undefined,
        (error: unknown) => error,
      );
      ok(isUserError(refusal), String(refusal));
      strictEqual(refusal.kind, 'untrusted');
      strictEqual(existsSync(trace), false);
    });

    it('shows no programs that the workspace names', async () => {
      await nameProgram({ name: 'evil', command: ['/usr/bin/true'] });
      const { faultTests } = await extensionApi();
      strictEqual(faultTests.controller.items.size, 0);
      await nameProgram(undefined);
    });
    return;
  }

  it('is a test for each allocation, and a crash fails at its source line', async () => {
    const folder = newFolder('faults');
    const input = write(folder, 'copies.c', source);
    const program = join(folder, 'copies');
    await nameProgram({ name: 'copies', command: [program], cwd: folder, build: ['cc', '-g', '-o', program, input] });
    const { faultTests } = await extensionApi();
    const test = await eventually('the program is in the Testing view', () =>
      [...faultTests.controller.items].map(([, item]) => item).find(item => item.label === 'copies'),
    );

    const results = new Map<string, FaultTestResult>();
    const subscription = faultTests.onDidTest(result => results.set(result.test.id, result));
    await eventually('every point has run', async () => {
      // VS Code runs what its view knows of, and it learns of new tests a little later.
      if (results.size === 0) await vscode.commands.executeCommand('testing.runAll');
      return results.has(test.id);
    });
    subscription.dispose();
    ok(existsSync(program), 'The program was built.');

    strictEqual(results.get(test.id)?.outcome, 'failed');
    strictEqual(results.get('n=0')?.outcome, 'passed');
    const crash = results.get('n=1');
    ok(crash);
    strictEqual(crash.outcome, 'failed');
    match(String(crash.message?.message), /SIGSEGV/u);
    deepStrictEqual(
      [crash.message?.location?.uri.fsPath, crash.message?.location?.range.start.line],
      [input, source.split('\n').indexOf("  copy[0] = 'x';")],
    );
    strictEqual(test.children.get('n=1')?.uri?.fsPath, input);
    await nameProgram(undefined);
    await eventually('the program is gone from the view', () => faultTests.controller.items.size === 0);
  });
});

async function nameProgram(program: unknown): Promise<void> {
  const value = program === undefined ? undefined : [program];
  await vscode.workspace
    .getConfiguration()
    .update(settingIds.faultPrograms, value, vscode.ConfigurationTarget.Workspace);
}

/** Not `instanceof`: the extension is a bundle with a class of its own. */
function isUserError(error: unknown): error is UserError {
  return error instanceof Error && error.name === UserError.name;
}
