import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  type CodeLens,
  CodeLensRequest,
  DidOpenTextDocumentNotification,
  type DocumentSymbol,
  DocumentSymbolRequest,
  type Hover,
  HoverRequest,
} from 'vscode-languageserver/node';
import { pathToFileUri } from '../../language-server/native/file-uri.ts';
import { systemPython } from '../support/cython-bridge.ts';
import type { LanguageClient } from '../support/language-client.ts';
import { sharedClient } from '../support/shared-client.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const source = `from cpython.unicode cimport PyUnicode_AsUTF8String
cdef extern from "x.h":
    int one()
    int two()
    cdef struct point:
        int x
cdef class K:
    def f(self, a):
        b = PyUnicode_AsUTF8String(a)
        p = <void*>b
`;
const plain = sharedClient({ settings: {} });
const compiled = sharedClient({
  settings: { tools: { python: systemPython }, cython: { externCodeLens: true } },
  initializationOptions: { trusted: true },
});

async function open({ connection }: LanguageClient): Promise<string> {
  const uri = pathToFileUri(join(temporaryFolder(), 'module.pyx'));
  const textDocument = { uri, languageId: 'cython', version: 1, text: source };
  await connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument });
  return uri;
}

async function hoverAt(client: LanguageClient, line: number, character: number): Promise<string | undefined> {
  const params = { textDocument: { uri: await open(client) }, position: { line, character } };
  const hover: Hover | null = await client.connection.sendRequest(HoverRequest.type, params);
  const contents = hover?.contents;
  return typeof contents === 'object' && 'value' in contents ? contents.value : undefined;
}

test('a hover says what a cast does, and what type a name has', async () => {
  expect(await hoverAt(plain(), 9, 12)).toContain('depends on the type of `b`');
  expect(await hoverAt(compiled(), 9, 12)).toContain('address of the Python object `b` itself');
  expect(await hoverAt(compiled(), 9, 19)).toBe('`b` is `bytes object`, says the Cython compiler.');
  expect(await hoverAt(compiled(), 8, 8)).toBe('`b` is `bytes object`, says the Cython compiler.');
});

test('the outline has what a source declares', async () => {
  const params = { textDocument: { uri: await open(plain()) } };
  const symbols = (await plain().connection.sendRequest(DocumentSymbolRequest.type, params)) as DocumentSymbol[];
  expect(symbols.map(({ name, children }) => [name, children?.map(child => child.name)])).toEqual([
    ['extern "x.h"', ['one', 'two', 'point']],
    ['K', ['f']],
  ]);
});

test('a code lens on extern blocks is there when it is asked for', async () => {
  const lenses = async (client: LanguageClient): Promise<readonly (string | undefined)[]> => {
    const params = { textDocument: { uri: await open(client) } };
    const found: CodeLens[] | null = await client.connection.sendRequest(CodeLensRequest.type, params);
    return (found ?? []).map(({ command }) => command?.title);
  };
  expect(await lenses(plain())).toEqual([]);
  expect(await lenses(compiled())).toEqual(['declares 2 functions, 1 struct']);
});
