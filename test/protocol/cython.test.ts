import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type CodeAction,
  CodeActionRequest,
  type Diagnostic,
  DiagnosticSeverity,
  DidChangeConfigurationNotification,
  DidChangeTextDocumentNotification,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
  DocumentDiagnosticRequest,
  PublishDiagnosticsNotification,
} from 'vscode-languageserver/node';
import { pathToFileUri } from '../../language-server/native/file-uri.ts';
import { objectAddressCode } from '../../language-server/protocol/cython.ts';
import { type LanguageClient, startLanguageServer } from '../support/language-client.ts';
import { sharedClient } from '../support/shared-client.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const pulling = { textDocument: { diagnostic: {} } };
const client = sharedClient({ capabilities: pulling, settings: {} });
const folder = temporaryFolder();
const buggy = 'def f(a):\n    p = <void*>a\n';
const fine = 'def f(size_t a):\n    p = <void*>a\n';

let documents = 0;

/** Opens a text under a name of its own. */
async function open(on: LanguageClient, text: string, name = `module${++documents}.pyx`): Promise<string> {
  const uri = pathToFileUri(join(folder, name));
  const textDocument = { uri, languageId: 'cython', version: 1, text };
  await on.connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument });
  return uri;
}

async function pull(on: LanguageClient, uri: string): Promise<readonly Diagnostic[]> {
  const report = await on.connection.sendRequest(DocumentDiagnosticRequest.type, { textDocument: { uri } });
  return report.kind === 'full' ? report.items : [];
}

describe('pulled diagnostics', () => {
  test('underline the cast', async () => {
    const [diagnostic, ...others] = await pull(client(), await open(client(), buggy));
    expect(others).toEqual([]);
    expect(diagnostic).toMatchObject({
      code: objectAddressCode,
      source: 'Binary Detective',
      range: { start: { line: 1, character: 8 }, end: { line: 1, character: 16 } },
    });
  });

  test('are none for an integer', async () => {
    expect(await pull(client(), await open(client(), fine))).toEqual([]);
  });

  test('follow each change of the text', async () => {
    const uri = await open(client(), fine);
    const range = { start: { line: 0, character: 6 }, end: { line: 0, character: 12 } };
    await client().connection.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument: { uri, version: 2 },
      contentChanges: [{ range, text: '' }],
    });
    expect(await pull(client(), uri)).toHaveLength(1);
  });

  test('are there for a file that is not open', async () => {
    const path = join(folder, 'on-disk.pyx');
    writeFileSync(path, buggy);
    expect(await pull(client(), pathToFileUri(path))).toHaveLength(1);
  });

  test('count UTF-16 units, as the protocol has it', async () => {
    const [diagnostic] = await pull(client(), await open(client(), 'def f(a):\n    s = "🕵"; p = <void*>a\n'));
    expect(diagnostic?.range.start).toEqual({ line: 1, character: 18 });
  });

  test('know what the .pxd of the module declares, as it stands in the editor', async () => {
    await open(client(), 'cdef class Buffer:\n    cdef size_t address\n', 'declared.pxd');
    const text = 'cdef class Buffer:\n    def f(self):\n        return <size_t><void*>self.address\n';
    expect(await pull(client(), await open(client(), text, 'declared.pyx'))).toEqual([]);
  });
});

describe('the quick fix', () => {
  test('goes by way of the integer', async () => {
    const uri = await open(client(), buggy);
    const caret = { line: 1, character: 12 };
    const params = { textDocument: { uri }, range: { start: caret, end: caret }, context: { diagnostics: [] } };
    const actions = ((await client().connection.sendRequest(CodeActionRequest.type, params)) ?? []) as CodeAction[];
    const [action] = actions;
    expect(action).toMatchObject({ kind: 'quickfix', diagnostics: [{ code: objectAddressCode }] });
    expect(applied(buggy, action, uri)).toBe('def f(a):\n    p = <void*><size_t>a\n');
  });

  test('is not offered elsewhere', async () => {
    const uri = await open(client(), buggy);
    const caret = { line: 0, character: 0 };
    const params = { textDocument: { uri }, range: { start: caret, end: caret }, context: { diagnostics: [] } };
    expect(await client().connection.sendRequest(CodeActionRequest.type, params)).toEqual([]);
  });
});

/** What is offered for the second line of a text, of the kinds that are asked for. */
async function actionsFor(text: string, only?: readonly string[]): Promise<readonly (CodeAction & { text: string })[]> {
  const uri = await open(client(), text);
  const range = { start: { line: 1, character: 0 }, end: { line: 1, character: 99 } };
  const context = { diagnostics: [], ...(only !== undefined && { only: [...only] }) };
  const found = await client().connection.sendRequest(CodeActionRequest.type, {
    textDocument: { uri },
    range,
    context,
  });
  return ((found ?? []) as CodeAction[]).map(action => ({ ...action, text: applied(text, action, uri) }));
}

test('a quick fix says that the cast is meant, and is not what is preferred', async () => {
  const actions = await actionsFor(buggy);
  expect(actions.map(({ isPreferred }) => isPreferred)).toEqual([true, false, false, false]);
  const action = actions.at(-1);
  expect(action).toMatchObject({ kind: 'quickfix', diagnostics: [{ code: objectAddressCode }] });
  expect(action?.title).toContain(objectAddressCode);
  const text = `def f(a):\n    p = <void*>a  # binary-detective: ignore[${objectAddressCode}]\n`;
  expect(action?.text).toBe(text);
  expect(await pull(client(), await open(client(), text))).toEqual([]);
});

describe('fix all', () => {
  const many = 'def f(a, b, obj):\n    p = <void*>a; q = <void*>b\n    r = <void*>obj\n    s = <void*><int>b\n';
  const fixed =
    'def f(a, b, obj):\n    p = <void*><size_t>a; q = <void*><size_t>b\n    r = <void*>obj\n    s = <void*><size_t>b\n';

  test.each(['source.fixAll.binaryDetective', 'source.fixAll', 'source'])('asked for as %s', async only => {
    const actions = await actionsFor(many, [only]);
    expect(actions).toMatchObject([{ kind: 'source.fixAll.binaryDetective', text: fixed }]);
    expect(actions[0]?.edit?.changes).not.toBeUndefined();
  });

  test('is one action, of small edits', async () => {
    const [action] = await actionsFor(many, ['source.fixAll']);
    const edits = Object.values(action?.edit?.changes ?? {}).flat();
    expect(edits.map(({ range }) => range.start.line)).toEqual([1, 3]);
  });

  test('is not offered where nothing is to fix, for other kinds, or for the caret', async () => {
    expect(await actionsFor(fine, ['source.fixAll'])).toEqual([]);
    expect(await actionsFor(many, ['source.fixAll.eslint', 'source.organizeImports', 'refactor'])).toEqual([]);
    expect((await actionsFor(many)).map(({ kind }) => kind)).not.toContain('source.fixAll.binaryDetective');
    expect((await actionsFor(many, ['quickfix'])).map(({ kind }) => kind)).toEqual(
      Array.from({ length: 8 }, () => 'quickfix'),
    );
  });
});

test('the project’s pyproject.toml holds in the editor', async () => {
  const project = temporaryFolder();
  writeFileSync(
    join(project, 'pyproject.toml'),
    `[tool.binary-detective]\nignore = ["cython/narrow-address"]\nseverity = { "${objectAddressCode}" = "error" }\n`,
  );
  const path = join(project, 'module.pyx');
  writeFileSync(path, 'def f(a, ptr):\n    p = <void*>a\n    q = <void*><int>ptr\n');
  expect(await pull(client(), pathToFileUri(path))).toMatchObject([
    { code: objectAddressCode, severity: DiagnosticSeverity.Error },
  ]);
});

test('the setting switches the lint off', async () => {
  const off = await startLanguageServer({
    capabilities: pulling,
    settings: { cython: { lint: { enabled: false } } },
  });
  expect(await pull(off, await open(off, buggy))).toEqual([]);
  await off.close();
});

test('Python files are linted by setting, where they import cython, at the level that is set', async () => {
  const python = 'import cython\n\ndef f(z):\n    p = cython.cast(cython.p_void, z)\n';
  const openPython = async (on: LanguageClient, text: string, name: string): Promise<string> => {
    const uri = pathToFileUri(join(folder, name));
    const textDocument = { uri, languageId: 'python', version: 1, text };
    await on.connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument });
    return uri;
  };
  const asked = await startLanguageServer({
    capabilities: pulling,
    settings: { cython: { pythonFiles: true, severity: { [objectAddressCode]: 'error' } } },
  });
  expect(await pull(asked, await openPython(asked, python, 'pure.py'))).toMatchObject([
    { code: objectAddressCode, severity: DiagnosticSeverity.Error },
  ]);
  expect(await pull(asked, await openPython(asked, python.replace('import cython\n', '\n'), 'plain.py'))).toEqual([]);
  await asked.close();
  expect(await pull(client(), await openPython(client(), python, 'unasked.py'))).toEqual([]);
});

test('a client that does not pull is told, after a change and after the document is closed', async () => {
  const pushed = await startLanguageServer();
  const published: (readonly Diagnostic[])[] = [];
  let wake = (): void => undefined;
  pushed.connection.onNotification(PublishDiagnosticsNotification.type, ({ diagnostics }) => {
    published.push(diagnostics);
    wake();
  });
  const next = (count: number): Promise<void> =>
    new Promise(resolve => {
      wake = () => {
        if (published.length >= count) resolve();
      };
      wake();
    });
  const uri = await open(pushed, buggy);
  await next(1);
  expect(published[0]).toMatchObject([{ code: objectAddressCode }]);
  await pushed.connection.sendNotification(DidChangeTextDocumentNotification.type, {
    textDocument: { uri, version: 2 },
    contentChanges: [{ text: fine }],
  });
  await next(2);
  expect(published[1]).toEqual([]);
  await pushed.connection.sendNotification(DidCloseTextDocumentNotification.type, { textDocument: { uri } });
  await next(3);
  expect(published[2]).toEqual([]);
  await pushed.close();
});

test('a client that cannot be asked for settings sends them', async () => {
  const sending = await startLanguageServer({ capabilities: pulling });
  const settings = { binaryDetective: { cython: { lint: { enabled: false } } } };
  await sending.connection.sendNotification(DidChangeConfigurationNotification.type, { settings });
  expect(await pull(sending, await open(sending, buggy))).toEqual([]);
  await sending.close();
});

/** The text after the edits of an action. */
function applied(text: string, action: CodeAction | undefined, uri: string): string {
  const lines = text.split('\n');
  const offset = ({ line, character }: { line: number; character: number }): number =>
    lines.slice(0, line).reduce((sum, each) => sum + each.length + 1, character);
  const edits = (action?.edit?.changes?.[uri] ?? []).toSorted((a, b) => offset(b.range.start) - offset(a.range.start));
  return edits.reduce(
    (result, { range, newText }) => result.slice(0, offset(range.start)) + newText + result.slice(offset(range.end)),
    text,
  );
}
