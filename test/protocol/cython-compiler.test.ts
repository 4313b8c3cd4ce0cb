import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  type Diagnostic,
  DiagnosticRefreshRequest,
  DidChangeTextDocumentNotification,
  DidOpenTextDocumentNotification,
  DocumentDiagnosticRequest,
} from 'vscode-languageserver/node';
import { pathToFileUri } from '../../language-server/native/file-uri.ts';
import {
  type CompilerStatus,
  compilerStatus,
  compilerStatusChanged,
  interpreterChosen,
  objectAddressCode,
} from '../../language-server/protocol/cython.ts';
import { trustGranted } from '../../language-server/protocol/workspace.ts';
import { systemPython } from '../support/cython-bridge.ts';
import { type ClientOptions, type LanguageClient, startLanguageServer } from '../support/language-client.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** What only the compiler knows: an item of bytes is an object to Cython 0.29, and a C integer to Cython 3. */
const source = `# Cython
def f(bytes a):
    b = a[0]
    p = <void*>b
`;
const taken = [{ code: objectAddressCode, range: { start: { line: 3, character: 8 } } }];
const capabilities = { textDocument: { diagnostic: {} }, workspace: { diagnostics: { refreshSupport: true } } };

/** A server with what it says of the compiler, and how often it asks to be asked again. */
async function start(options: ClientOptions) {
  const server = await startLanguageServer({ capabilities, settings: {}, ...options });
  const states: CompilerStatus[] = [];
  let refreshes = 0;
  const waiting: (() => void)[] = [];
  const wake = (): void => {
    for (const each of waiting) each();
  };
  server.connection.onNotification(compilerStatusChanged.method, (status: CompilerStatus) => {
    states.push(status);
    wake();
  });
  server.connection.onRequest(DiagnosticRefreshRequest.type, () => {
    refreshes += 1;
    wake();
  });
  const until = (condition: () => boolean): Promise<void> =>
    new Promise(resolve => {
      const look = (): void => {
        if (condition()) resolve();
      };
      waiting.push(look);
      look();
    });
  return { server, states, refreshes: () => refreshes, until };
}

async function open(server: LanguageClient, text: string): Promise<string> {
  const uri = pathToFileUri(join(temporaryFolder(), 'module.pyx'));
  const textDocument = { uri, languageId: 'cython', version: 1, text };
  await server.connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument });
  return uri;
}

async function pull(server: LanguageClient, uri: string): Promise<readonly Diagnostic[]> {
  const report = await server.connection.sendRequest(DocumentDiagnosticRequest.type, { textDocument: { uri } });
  return report.kind === 'full' ? report.items : [];
}

/** Asks until what is found is this: each time when the server says that there is more. */
async function pullUntil(
  { server, refreshes, until }: Awaited<ReturnType<typeof start>>,
  uri: string,
  wanted: (found: readonly Diagnostic[]) => boolean,
): Promise<readonly Diagnostic[]> {
  for (;;) {
    const before = refreshes();
    const found = await pull(server, uri);
    if (wanted(found)) return found;
    await until(() => refreshes() > before);
  }
}

const settings = { tools: { python: systemPython } };

test('the compiler extends what our own analysis knows, as the text stands in the editor', async () => {
  const started = await start({ settings, initializationOptions: { trusted: true } });
  const { server } = started;
  const uri = await open(server, source);
  expect(await pullUntil(started, uri, found => found.length > 0)).toMatchObject(taken);
  expect(await server.request(compilerStatus, {})).toMatchObject({ kind: 'ready', path: systemPython });

  // A line above: what is known of the others holds at once, and nothing flickers.
  await server.connection.sendNotification(DidChangeTextDocumentNotification.type, {
    textDocument: { uri, version: 2 },
    contentChanges: [
      { range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }, text: 'import os\n' },
    ],
  });
  const moved = [{ code: objectAddressCode, range: { start: { line: 4, character: 8 } } }];
  expect(await pull(server, uri)).toMatchObject(moved);

  // Typed by hand, it is an address.
  await server.connection.sendNotification(DidChangeTextDocumentNotification.type, {
    textDocument: { uri, version: 3 },
    contentChanges: [{ text: source.replace('    b =', '    cdef char b =') }],
  });
  expect(await pullUntil(started, uri, found => found.length === 0)).toEqual([]);
  await server.close();
});

test('it is asked only when the workspace is trusted, and at once then', async () => {
  const started = await start({ settings });
  const { server, states } = started;
  const uri = await open(server, source);
  expect(await pull(server, uri)).toEqual([]);
  expect(states.map(({ kind }) => kind)).not.toContain('starting');
  await server.connection.sendNotification(trustGranted.method, {});
  expect(await pullUntil(started, uri, found => found.length > 0)).toMatchObject(taken);
  await server.close();
});

test('the interpreter that the editor has chosen counts where no setting is', async () => {
  const started = await start({ initializationOptions: { trusted: true }, env: { PATH: '/nowhere' } });
  const { server, states, until } = started;
  const uri = await open(server, source);
  expect(await pull(server, uri)).toEqual([]);
  await until(() => states.some(({ kind }) => kind === 'missing'));
  await server.connection.sendNotification(interpreterChosen.method, { path: systemPython });
  expect(await pullUntil(started, uri, found => found.length > 0)).toMatchObject(taken);
  expect(states.at(-1)).toMatchObject({ kind: 'ready', path: systemPython });
  await server.close();
});

test.each([
  ['no such interpreter', { tools: { python: '/nowhere/python' } }, /\/nowhere\/python/u],
  ['one that is no Python', { tools: { python: '/bin/cat' } }, /\/bin\/cat/u],
])('%s is said, and our own analysis goes on', async (_, wrong, message) => {
  const { server, states, until } = await start({ settings: wrong, initializationOptions: { trusted: true } });
  const uri = await open(server, 'def f(a):\n    p = <void*>a.ptr\n');
  expect(await pull(server, uri)).toHaveLength(1);
  await until(() => states.at(-1)?.kind === 'missing');
  expect(states.at(-1)).toMatchObject({ message: expect.stringMatching(message) });
  await server.close();
});

test('Python files in pure Python mode are linted where the setting says so', async () => {
  const text = 'import cython\ndef f(a, ptr):\n    p = cython.cast(cython.p_void, ptr)\n';
  const found = async (pythonFiles: boolean, source: string): Promise<number> => {
    const { server } = await start({ settings: { ...settings, cython: { pythonFiles } } });
    const uri = pathToFileUri(join(temporaryFolder(), 'module.py'));
    const textDocument = { uri, languageId: 'python', version: 1, text: source };
    await server.connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument });
    const { length } = await pull(server, uri);
    await server.close();
    return length;
  };
  expect(await found(true, text)).toBe(1);
  expect(await found(true, text.replace('import cython', 'cython = 1'))).toBe(0);
  expect(await found(false, text)).toBe(0);
});

test('switched off, it is not started', async () => {
  const off = { ...settings, cython: { compiler: 'off' } };
  const { server, states } = await start({ settings: off, initializationOptions: { trusted: true } });
  expect(await pull(server, await open(server, source))).toEqual([]);
  expect(states.map(({ kind }) => kind)).not.toContain('starting');
  await server.close();
});

test('a process that is killed is started again', async () => {
  const folder = temporaryFolder();
  const python = join(folder, 'python');
  writeFileSync(python, `#!/bin/sh\necho $$ >${folder}/pid\nexec ${systemPython} "$@"\n`, { mode: 0o755 });
  const started = await start({ settings: { tools: { python } }, initializationOptions: { trusted: true } });
  const { server, states, until } = started;
  const uri = await open(server, source);
  await pullUntil(started, uri, found => found.length > 0);
  process.kill(Number(readFileSync(join(folder, 'pid'), 'utf8')), 'SIGKILL');
  await until(() => states.at(-1)?.kind === 'starting');
  const other = await open(server, source);
  expect(await pullUntil(started, other, found => found.length > 0)).toMatchObject(taken);
  expect(states.at(-1)?.kind).toBe('ready');
  await server.close();
});
