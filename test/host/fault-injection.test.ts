import { deepStrictEqual, match, ok, strictEqual } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { commandIds } from '../../extension/command-ids.ts';
import type { KeptSweep } from '../../extension/fault-injection/kept-sweep.ts';
import type { FaultTestResult } from '../../extension/fault-injection/reported-run.ts';
import { settingIds } from '../../extension/settings.ts';
import { UserError } from '../../language-server/protocol/errors.ts';
import { faultDebug } from '../../language-server/protocol/fault-debug.ts';
import { verdictOrder } from '../../language-server/protocol/fault-picture.ts';
import { faultTargets } from '../../language-server/protocol/fault-targets.ts';
import { type FaultSweep, faultSweep } from '../../language-server/protocol/faults.ts';
import { printLine } from './reporter.ts';
import { codeOf } from './support/diagnostic.ts';
import { eventually } from './support/eventually.ts';
import { extensionApi } from './support/extension.ts';
import { compile, newFolder, write } from './support/workspace.ts';

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
const lineOf = (text: string): number => source.split('\n').indexOf(text);
const allocationLine = lineOf('  volatile char *copy = malloc(16);');
const crashLine = lineOf("  copy[0] = 'x';");

/** Allocates so often that its allocations are too many for a person to read, from two places; one is not checked. */
const manySource = `#include <stdlib.h>

static void *checked(void) {
  void *block = malloc(8);
  if (block == NULL) exit(0);
  return block;
}

static void *unchecked(void) {
  char *block = malloc(8);
  *(volatile char *)block = 1;
  return block;
}

int main(void) {
  for (int round = 0; round < 200; round++) {
    free(checked());
    free(unchecked());
  }
  return 0;
}
`;

describe('malloc fault injection', () => {
  if (process.env['BINARY_DETECTIVE_TEST_TRUST'] === 'untrusted') {
    it('is refused by the server itself, and nothing has run', async () => {
      const folder = newFolder('untrusted');
      const trace = join(folder, 'has-run');
      const touch = ['/usr/bin/touch', trace];
      const program = { command: touch, cwd: folder, build: touch };
      const { request } = await extensionApi();
      const refusals = await Promise.all(
        [
          request(faultSweep, { program }),
          request(faultDebug, { program, n: 0 }),
          request(faultTargets, { folder, targets: [{ program: 'true' }], tests: true }),
        ].map(answer =>
          answer.then(
            () => undefined,
            (error: unknown) => error,
          ),
        ),
      );
      for (const refusal of refusals) {
        ok(isUserError(refusal), String(refusal));
        strictEqual(refusal.kind, 'untrusted');
      }
      strictEqual(existsSync(trace), false);
    });

    it('shows no programs that the workspace names', async () => {
      await setTargets([{ name: 'evil', program: '/usr/bin/true' }]);
      const { faultTests } = await extensionApi();
      await vscode.commands.executeCommand('testing.refreshTests');
      strictEqual(faultTests.controller.items.size, 0);
      await setTargets(undefined);
    });
    return;
  }

  afterEach(() => setTargets(undefined));

  it('is a test for each target, bug and allocation, and a crash fails at its source line', async () => {
    const folder = newFolder('faults');
    const input = write(folder, 'copies.c', source);
    const program = join(folder, 'copies');
    await setTargets([{ name: 'copies', program, cwd: folder, build: ['cc', '-g', '-o', program, input] }]);
    const { faultTests } = await extensionApi();
    const test = await targetItem('copies');
    const results = await runAll(test);
    ok(existsSync(program), 'The program was built.');

    strictEqual(results.get(test.id)?.outcome, 'failed');
    strictEqual(results.get('n=0')?.outcome, 'passed');
    const crash = results.get('n=1');
    ok(crash);
    strictEqual(crash.outcome, 'failed');
    match(String(crash.message?.message), /SIGSEGV/u);
    const place = [crash.message?.location?.uri.fsPath, crash.message?.location?.range.start.line];
    deepStrictEqual(place, [input, crashLine]);
    const frames = crash.message?.stackTrace?.map(frame => frame.position?.line);
    ok(frames?.includes(crashLine) && frames.includes(allocationLine), JSON.stringify(frames));
    const bug = crash.test.parent;
    ok(bug !== undefined && bug.parent === test, 'The point is below its bug, and the bug below its target.');
    strictEqual(bug.uri?.fsPath, input);
    match(bug.label, /^crash: SIGSEGV/u);
    strictEqual(bug.description, 'n = 1');

    // Under Problems, with the allocation that failed.
    const uri = vscode.Uri.file(input);
    const problem = await eventually('the crash is a problem', () => faultProblem(uri));
    deepStrictEqual([codeOf(problem), problem.range.start.line], ['faults/crash', crashLine]);
    strictEqual(problem.severity, vscode.DiagnosticSeverity.Error);
    ok(problem.relatedInformation?.some(({ location }) => location.range.start.line === allocationLine));
    const document = await vscode.workspace.openTextDocument(uri);
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      uri,
      problem.range,
    );
    ok(actions.some(({ command }) => command?.command === commandIds.debugFault));

    // Beside the lines that ask for memory.
    const marks = await eventually('both allocations are marked', () => {
      const found = faultTests.marks.marksOf(uri);
      return found.length === 2 ? found : undefined;
    });
    const kinds = marks.map(({ line, kind }) => [line, kind]);
    deepStrictEqual(kinds, [
      [lineOf('  char *name = malloc(16);'), 'handled'],
      [allocationLine, 'bug'],
    ]);
    match(marks[1]?.hover.value ?? '', /n = 1: crash: SIGSEGV at copies/u);

    // The kept results outlive the window.
    const kept = faultTests.store.of(test.id);
    deepStrictEqual([kept?.n, kept?.points], [[0, 1], 2]);

    // An edit of the line takes its mark away, one above moves it.
    const editor = await vscode.window.showTextDocument(document);
    await editor.edit(edit => edit.insert(new vscode.Position(0, 0), '// one more line\n'));
    deepStrictEqual(
      faultTests.marks.marksOf(uri).map(({ line }) => line),
      kinds.map(([line]) => Number(line) + 1),
    );
    await editor.edit(edit => edit.insert(new vscode.Position(allocationLine + 1, 0), '  '));
    deepStrictEqual(
      faultTests.marks.marksOf(uri).map(({ kind }) => kind),
      ['handled'],
    );
    await vscode.commands.executeCommand('workbench.action.files.revert');

    // Another build: what was found is not about it.
    utimesSync(program, new Date(), new Date());
    await eventually('the problem of the old build is gone', () => faultProblem(uri) === undefined);
    strictEqual(faultTests.store.of(test.id), undefined);
    deepStrictEqual(faultTests.marks.marksOf(uri), []);

    // One point alone.
    const again = await runItem(bug.children.get('n=1') ?? bug);
    strictEqual(again.get('n=1')?.outcome, 'failed');

    await setTargets(undefined);
    await eventually('the program is gone from the view', () => faultTests.controller.items.size === 0);
  });

  it('shows bugs only where the allocations are many, each once', async () => {
    const folder = newFolder('many');
    const program = compile(folder, 'many', manySource);
    await setTargets([{ name: 'many', program, cwd: folder, mode: 'nth' }]);
    const test = await targetItem('many');
    const results = await runAll(test);
    strictEqual(results.get(test.id)?.outcome, 'failed');
    const children = [...test.children].map(([, child]) => child);
    const labels = children.map(({ label, children: below }) => [label.replace(/:.*/u, ''), below.size]);
    // exit(0) without a word where the clean run says nothing either: that is unaffected.
    deepStrictEqual(labels, [['crash', 0]]);
    const { faultTests } = await extensionApi();
    strictEqual(faultTests.store.of(test.id)?.n.length, 400);
  });

  it('finds launch configurations, and the tests of a CMake build', async () => {
    const folder = newFolder('found');
    const program = compile(folder, 'found', source);
    const launch = vscode.workspace.getConfiguration('launch');
    const here = `\${workspaceFolder}/${folder.slice(folder.lastIndexOf('/') + 1)}`;
    await launch.update(
      'configurations',
      [
        { type: 'cppdbg', request: 'launch', name: 'Launch found', program: `${here}/found`, cwd: folder },
        { type: 'cppdbg', request: 'launch', name: 'Ask', program: `\${command:pickProgram}` },
      ],
      vscode.ConfigurationTarget.Workspace,
    );
    try {
      write(folder, 'CMakeCache.txt', '');
      write(folder, 'CTestTestfile.cmake', `add_test(found_by_ctest "${program}")\n`);
      await targetItem('Launch found');
      const item = await eventually('the test of CTest is there', async () => {
        await vscode.commands.executeCommand('testing.refreshTests');
        const { faultTests } = await extensionApi();
        return [...faultTests.controller.items]
          .map(([, one]) => one)
          .find(({ label }) => label.endsWith('found_by_ctest'));
      });
      match(String(item.description), /^CTest: /u);
    } finally {
      await launch.update('configurations', undefined, vscode.ConfigurationTarget.Workspace);
      rmSync(join(folder, 'CTestTestfile.cmake'));
    }
  });

  it('is cancelled in the middle, and keeps what was found', async () => {
    const folder = newFolder('cancelled');
    const program = compile(
      folder,
      'slow',
      '#include <stdlib.h>\n#include <unistd.h>\nint main(void) { for (int i = 0; i < 250; i++) { free(malloc(8)); } usleep(100000); return 0; }\n',
    );
    await setTargets([{ name: 'slow', program, cwd: folder, mode: 'nth' }]);
    const { faultTests } = await extensionApi();
    const test = await targetItem('slow');
    let seen = 0;
    const ended = new Promise<FaultTestResult>(resolve => {
      const subscription = faultTests.onDidTest(result => {
        seen += 1;
        if (seen === 10) void vscode.commands.executeCommand('testing.cancelRun');
        if (result.test.id !== test.id) return;
        subscription.dispose();
        resolve(result);
      });
    });
    await startAll();
    strictEqual((await ended).outcome, 'skipped');
    const kept = await eventually('the results are kept', () => faultTests.store.of(test.id));
    ok(kept.n.length >= 5 && kept.n.length < 250, String(kept.n.length));
    strictEqual(kept.stopped, 'cancelled');
  });

  it('shows a sweep as a picture in one tab, and keeps and marks one of 100,000 runs', async () => {
    const folder = newFolder('picture');
    const program = compile(folder, 'picture', source);
    await setTargets([{ name: 'picture', program, cwd: folder }]);
    const { faultTests } = await extensionApi();
    const test = await targetItem('picture');
    await runAll(test);
    const kept = faultTests.store.of(test.id);
    ok(kept);
    await vscode.commands.executeCommand(commandIds.showFaultPicture, { target: test.id, n: 1 });
    const session = await eventually('the page shows the sweep', () =>
      faultTests.pictures().find(one => one.target === test.id && one.state === 'sweep'),
    );
    strictEqual(faultTests.pictures().filter(one => one.target === test.id).length, 1);
    // The same tab, for whoever asks again.
    await vscode.commands.executeCommand(commandIds.showFaultPicture, { target: test.id, n: 0 });
    deepStrictEqual(faultTests.pictures(), [session]);

    const many = Array.from({ length: 100_000 }, (_, n) => n);
    const large: KeptSweep = {
      ...kept,
      points: many.length,
      n: many,
      verdict: many.map(n => (n % 1000 === 7 ? verdictOrder.indexOf('crash') : verdictOrder.indexOf('cleanError'))),
      group: many.map(n => (n % 1000 === 7 ? 0 : -1)),
      stack: many.map(() => 0),
    };
    const told = new Promise<void>(resolve => {
      const subscription = faultTests.store.onDidChange(() => {
        subscription.dispose();
        resolve();
      });
    });
    const began = performance.now();
    await faultTests.store.keep(large);
    await told;
    printLine(`   100,000 runs kept in ${(performance.now() - began).toFixed(0)} ms`);
    strictEqual(faultTests.store.of(test.id)?.n.length, many.length);
    // Its marks are one a line, however many runs there are.
    const marks = await eventually('the line is marked', () =>
      faultTests.marks.marksOf(vscode.Uri.file(join(folder, 'picture.c'))).at(0),
    );
    match(marks.hover.value, /n = 0–6, 8–1006/u);
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    await eventually('the page is closed', () => faultTests.pictures().length === 0);
    faultTests.store.forget(test.id);
  });

  it('exports what it found in each format', async () => {
    const folder = newFolder('export');
    const program = compile(folder, 'export', source);
    await setTargets([{ name: 'export', program, cwd: folder }]);
    const test = await targetItem('export');
    await runAll(test);
    const texts = new Map<string, string>();
    for (const ending of ['json', 'sarif', 'xml', 'html']) {
      const path = join(folder, `faults.${ending}`);
      await vscode.commands.executeCommand(commandIds.exportFaults, { target: test.id, n: 1 }, vscode.Uri.file(path));
      texts.set(ending, readFileSync(path, 'utf8'));
    }
    const json = JSON.parse(texts.get('json') ?? '') as FaultSweep & { readonly schema: string };
    strictEqual(json.schema, 'binary-detective/faults@1');
    deepStrictEqual(
      json.runs.map(({ n, verdict }) => [n, verdict]),
      [
        [0, 'cleanError'],
        [1, 'crash'],
      ],
    );
    match(texts.get('sarif') ?? '', /"ruleId": ?"faults\/crash"/u);
    match(texts.get('xml') ?? '', /<failure/u);
    match(texts.get('html') ?? '', /SIGSEGV at export\.c:11/u);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('runs on a program of the explorer, and on a broken one says why not', async () => {
    const folder = newFolder('chosen');
    const program = compile(folder, 'chosen', source);
    const { faultTests } = await extensionApi();
    const results = new Map<string, FaultTestResult>();
    const subscription = faultTests.onDidTest(result => results.set(result.test.id, result));
    const uri = vscode.Uri.file(program);
    await vscode.commands.executeCommand(commandIds.runFaultInjection, uri);
    strictEqual(results.get(uri.toString())?.outcome, 'failed');
    const script = vscode.Uri.file(write(folder, 'notes.txt', 'no program'));
    await vscode.commands.executeCommand(commandIds.runFaultInjection, script);
    subscription.dispose();
    const refused = results.get(script.toString());
    strictEqual(refused?.outcome, 'errored');
    match(String(refused.message?.message), /may not be executed/u);
    // The command line that reproduces the crash is that of the sweep.
    await vscode.commands.executeCommand(commandIds.copyFaultCommand, { target: uri.toString(), n: 1 });
    const line = await vscode.env.clipboard.readText();
    match(line, /MALLOC_MAX_CALLED=1 /u);
    const { status, signal } = spawnSync('sh', ['-c', `exec ${line}`]);
    deepStrictEqual([status, signal], [null, 'SIGSEGV']);
  });

  it('debugs a failure in gdb, in a terminal that no shell has part in', async () => {
    const folder = newFolder('debugged');
    const program = compile(folder, 'debugged', source);
    await setTargets([{ name: 'debugged', program, cwd: folder }]);
    const test = await targetItem('debugged');
    await runAll(test);
    const opened = new Promise<vscode.Terminal>(resolve => {
      const subscription = vscode.window.onDidOpenTerminal(terminal => {
        subscription.dispose();
        resolve(terminal);
      });
    });
    await vscode.commands.executeCommand(commandIds.debugFault, { target: test.id, n: 1 });
    const terminal = await opened;
    const { shellPath, shellArgs } = terminal.creationOptions as vscode.TerminalOptions;
    match(String(shellPath), /\/gdb$/u);
    ok(shellArgs?.includes('tbreak malloc_faults_injected'));
    strictEqual(shellArgs?.at(-1), program);
    // gdb runs it: the program is stopped as gdb's child.
    await eventually('the program is held by gdb', async () => isHeld(await terminal.processId, program));
    terminal.dispose();
  });
});

/** Whether a process below another runs this program and is stopped by a debugger (proc(5): state "t"). */
async function isHeld(parent: number | undefined, program: string): Promise<boolean> {
  const { readFileSync, readdirSync, readlinkSync } = await import('node:fs');
  return readdirSync('/proc').some(pid => {
    if (!/^\d+$/u.test(pid)) return false;
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      const isChild = parent !== undefined && status.includes(`PPid:\t${parent}\n`);
      return isChild && /^State:\tt/mu.test(status) && readlinkSync(`/proc/${pid}/exe`) === program;
    } catch {
      // It has ended meanwhile.
      return false;
    }
  });
}

function faultProblem(uri: vscode.Uri): vscode.Diagnostic | undefined {
  return vscode.languages.getDiagnostics(uri).find(diagnostic => String(codeOf(diagnostic)).startsWith('faults/'));
}

async function targetItem(label: string): Promise<vscode.TestItem> {
  const { faultTests } = await extensionApi();
  return await eventually(`${label} is in the Testing view`, async () => {
    await vscode.commands.executeCommand('testing.refreshTests');
    return [...faultTests.controller.items].map(([, item]) => item).find(item => item.label === label);
  });
}

/** VS Code runs what its view knows of, and it learns of new tests a little later. */
async function startAll(): Promise<void> {
  const { faultTests } = await extensionApi();
  let hasStarted = false;
  const first = new Promise<void>(resolve => {
    const subscription = faultTests.onDidTest(() => {
      hasStarted = true;
      subscription.dispose();
      resolve();
    });
  });
  await eventually('the tests have begun', async () => {
    await Promise.race([vscode.commands.executeCommand('testing.runAll'), first]);
    return hasStarted;
  });
}

async function runAll(test: vscode.TestItem): Promise<ReadonlyMap<string, FaultTestResult>> {
  const { faultTests } = await extensionApi();
  const results = new Map<string, FaultTestResult>();
  const subscription = faultTests.onDidTest(result => results.set(result.test.id, result));
  await eventually('every point has run', async () => {
    if (results.size === 0) await vscode.commands.executeCommand('testing.runAll');
    return results.has(test.id);
  });
  subscription.dispose();
  await eventually('the results are kept', () => faultTests.store.of(test.id));
  return results;
}

/** As the button beside an item does: VS Code names items by the way from the controller. */
async function runItem(item: vscode.TestItem): Promise<ReadonlyMap<string, FaultTestResult>> {
  const way: string[] = [];
  for (let at: vscode.TestItem | undefined = item; at !== undefined; at = at.parent) way.unshift(at.id);
  const { faultTests } = await extensionApi();
  const results = new Map<string, FaultTestResult>();
  const subscription = faultTests.onDidTest(result => results.set(result.test.id, result));
  await eventually('it has run', async () => {
    const id = ['binaryDetective.faults', ...way].join('\0');
    if (results.size === 0) await vscode.commands.executeCommand('vscode.runTestsById', runGroup, id);
    return results.size > 0;
  });
  subscription.dispose();
  return results;
}

/** VS Code's own number of the profiles that run, and neither debug nor measure coverage. */
const runGroup = 2;

async function setTargets(targets: readonly unknown[] | undefined): Promise<void> {
  await vscode.workspace
    .getConfiguration()
    .update(settingIds.faultTargets, targets, vscode.ConfigurationTarget.Workspace);
}

/** Not `instanceof`: the extension is a bundle with a class of its own. */
function isUserError(error: unknown): error is UserError {
  return error instanceof Error && error.name === UserError.name;
}
