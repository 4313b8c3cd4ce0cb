import { deepStrictEqual, match, ok, strictEqual } from 'node:assert';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { commandIds } from '../../extension/command-ids.ts';
import type { GroupNode, Phase, TraceNode } from '../../extension/loader-trace/model.ts';
import type { LoaderTraceFeature } from '../../extension/loader-trace/register.ts';
import { UserError } from '../../language-server/protocol/errors.ts';
import { traceRun } from '../../language-server/protocol/trace.ts';
import { verifyTree } from '../../language-server/protocol/verify.ts';
import { eventually } from './support/eventually.ts';
import { extensionApi } from './support/extension.ts';
import { compile, newFolder } from './support/workspace.ts';

/** A program that needs a library, opens one that is not there, and starts itself in another environment. */
function changingProgram(): string {
  const folder = newFolder('trace');
  const here = [`-L${folder}`, '-Wl,-rpath,$ORIGIN'];
  compile(folder, 'libx.so', 'int x(void) { return 0; }', ['-shared', '-fPIC', '-Wl,-soname,libx.so']);
  mkdirSync(join(folder, 'other'));
  compile(folder, 'other/libx.so', 'int x(void) { return 0; }', ['-shared', '-fPIC', '-Wl,-soname,libx.so']);
  const source = `#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>
int x(void);
int main(int count, char **words) {
  dlopen("libgone.so", RTLD_NOW);
  if (getenv("LD_LIBRARY_PATH")) return x();
  setenv("LD_LIBRARY_PATH", "${folder}/other", 1);
  return execv(words[0], words); }
`;
  return compile(folder, 'app', source, [...here, '-lx']);
}

const labelOf = async (tree: LoaderTraceFeature['tree'], node: TraceNode): Promise<string> => {
  const item = await tree.getTreeItem(node);
  return `${String(item.label)} · ${String(item.description)}`;
};

describe('loader trace', () => {
  let app: string;
  before(() => {
    app = changingProgram();
  });

  if (process.env['BINARY_DETECTIVE_TEST_TRUST'] === 'untrusted') {
    it('is refused by the server itself, as is the loader as a witness, and nothing has run', async () => {
      const sideEffect = join(newFolder('untrusted-trace'), 'has-run');
      const { request } = await extensionApi();
      const program = { command: ['/usr/bin/touch', sideEffect] };
      for (const asked of [
        request(traceRun, { program }),
        request(verifyTree, { uri: vscode.Uri.file(app).toString() }),
      ]) {
        const refused = await asked.then(
          () => undefined,
          (error: unknown) => error,
        );
        ok(refused instanceof Error && refused.name === UserError.name, String(refused));
        strictEqual((refused as UserError).kind, 'untrusted');
      }
      strictEqual(existsSync(sideEffect), false);
    });
    return;
  }

  let feature: LoaderTraceFeature;
  let root: TraceNode;
  const children = async (node?: TraceNode): Promise<readonly TraceNode[]> =>
    (await feature.tree.getChildren(node)) ?? [];
  const group = async (node: TraceNode, phase: Phase): Promise<GroupNode> => {
    const found = (await children(node)).find(child => child.kind === 'group' && child.phase === phase);
    ok(found?.kind === 'group', `${phase} is there`);
    return found;
  };

  it('shows each program that ran, and counts what went another way than predicted', async () => {
    feature = (await extensionApi()).loaderTrace;
    await vscode.commands.executeCommand(commandIds.traceLoader, vscode.Uri.file(app));
    root = await eventually('the trace is shown', async () => (await children())[0]);
    match(await labelOf(feature.tree, root), /^app · exit 0 · \d+ ms · 2 programs · 3 differences$/u);
    const processes = (await children(root)).filter(({ kind }) => kind === 'process');
    strictEqual(processes.length, 2);
    const [before, after] = processes;
    ok(before !== undefined && after !== undefined);
    strictEqual(feature.tree.getParent?.(before), root);
    const [difference] = await children(await group(after, 'differences'));
    ok(difference !== undefined);
    match(await labelOf(feature.tree, difference), /^libx\.so · predicted .*\/libx\.so, traced .*\/other\/libx\.so$/u);
    ok(!(await children(before)).some(node => node.kind === 'group' && node.phase === 'differences'));
  });

  it('opens searches with every path that was tried, the caller of dlopen, libraries and bindings', async () => {
    const [process] = (await children(root)).filter(({ kind }) => kind === 'process');
    ok(process !== undefined);
    const searches = await children(await group(process, 'searches'));
    const labels = await Promise.all(searches.map(node => labelOf(feature.tree, node)));
    match(labels[0] ?? '', /^libx\.so · .*\/libx\.so · RUNPATH · for app$/u);
    match(labels.at(-1) ?? '', /^libgone\.so · not found · dlopen, caller app$/u);
    const tried = await children(searches.at(-1));
    ok(tried.length > 3);
    const libraries = await Promise.all(
      (await children(await group(process, 'libraries'))).map(node => labelOf(feature.tree, node)),
    );
    ok(libraries.some(label => /^libx\.so · init .* ms · relocation .* ms · \d+ bindings out, \d+ in$/u.test(label)));
    const pairs = await children(await group(process, 'bindings'));
    const rows = await children(pairs.find(node => node.kind === 'pair' && node.pair.from === app));
    ok(rows.length > 0);
  });

  it('is filtered by library or symbol', async () => {
    feature.traces.setFilter('__cxa_finalize');
    const [process] = (await children(root)).filter(({ kind }) => kind === 'process');
    ok(process !== undefined);
    const rows = await children(await group(process, 'bindings'));
    ok(rows.length > 0);
    for (const row of rows) ok((await labelOf(feature.tree, row)).startsWith('__cxa_finalize'));
    await vscode.commands.executeCommand(commandIds.clearTraceFilter);
  });

  it('shows the loader’s own lines as a document', async () => {
    const [process] = (await children(root)).filter(({ kind }) => kind === 'process');
    await vscode.commands.executeCommand(commandIds.showTraceLog, process);
    const document = vscode.window.activeTextEditor?.document;
    ok(document?.getText().includes('find library=libx.so [0]; searching\n'));
    strictEqual(document?.uri.scheme, 'binary-detective-loader-log');
  });

  it('is gone when it is closed, with its records', async () => {
    ok(root.kind === 'root');
    const { log } = root.trace.result;
    strictEqual(existsSync(log), true);
    await vscode.commands.executeCommand(commandIds.closeTrace, root);
    deepStrictEqual(await children(), []);
    await eventually('the records are removed', () => !existsSync(log));
  });
});

describe('verify with the loader', () => {
  if (process.env['BINARY_DETECTIVE_TEST_TRUST'] === 'untrusted') return;

  it('the loader agrees with the tree of a program, also on what is missing', async () => {
    const app = changingProgram();
    const { request } = await extensionApi();
    const uri = vscode.Uri.file(app).toString();
    strictEqual((await request(verifyTree, { uri })).kind, 'agrees');
    rmSync(app.replace(/app$/u, 'libx.so'));
    strictEqual((await request(verifyTree, { uri })).kind, 'agrees');
    // The command itself answers with a message, which no test can read; it must not fail.
    await vscode.commands.executeCommand(commandIds.verifyTree, vscode.Uri.file(app));
  });
});
