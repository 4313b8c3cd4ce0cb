import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  DefinitionRequest,
  DidOpenTextDocumentNotification,
  DocumentHighlightRequest,
  DocumentSymbolRequest,
  FoldingRangeRequest,
  HoverRequest,
  ReferencesRequest,
} from 'vscode-languageserver/node';
import { pathToFileUri } from '../../language-server/native/file-uri.ts';
import { disassemble, disassemblyLanguageId } from '../../language-server/protocol/disassembly.ts';
import { startLanguageServer } from '../support/language-client.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder();

test('a disassembly document is answered as code is', async () => {
  const source = join(folder, 'calls.cc');
  writeFileSync(
    source,
    'namespace ns { __attribute__((noinline)) int twice(int x) { int sum = 1; while (x-- > 0) sum = sum * 3 + x; return sum; } }\nint main(int argc, char **) { return ns::twice(argc); }\n',
  );
  const path = join(folder, 'calls');
  execFileSync('g++', ['-O1', '-o', path, source]);
  const client = await startLanguageServer({ capabilities: { textDocument: { definition: { linkSupport: true } } } });
  const { connection } = client;
  const file = pathToFileUri(path);
  const open = async (symbol: string) => {
    const { text } = await client.request(disassemble, { uri: file, symbol });
    const query = encodeURIComponent(JSON.stringify({ file, symbol }));
    const uri = `binary-detective-disassembly:${path}/${symbol}?${query}`;
    await connection.sendNotification(DidOpenTextDocumentNotification.type, {
      textDocument: { uri, languageId: disassemblyLanguageId, version: 1, text },
    });
    const position = (line: RegExp, what: string) => {
      const lines = text.split('\n');
      const at = lines.findIndex(content => line.test(content));
      return { line: at, character: (lines[at]?.indexOf(what) ?? 0) + 1 };
    };
    return { textDocument: { uri }, position };
  };

  const { textDocument: twice, position: inTwice } = await open('_ZN2ns5twiceEi');
  expect(await connection.sendRequest(DocumentSymbolRequest.type, { textDocument: twice })).toMatchObject([
    { name: 'ns::twice(int)', kind: 12 },
  ]);
  expect(await connection.sendRequest(FoldingRangeRequest.type, { textDocument: twice })).not.toEqual([]);
  const jump = inTwice(/\tj\w+ +[0-9a-f]+ </u, ' <');
  const [link] = (await connection.sendRequest(DefinitionRequest.type, {
    textDocument: twice,
    position: jump,
  })) as { targetUri: string }[];
  expect(link?.targetUri).toBe(twice.uri);
  const found = await connection.sendRequest(ReferencesRequest.type, {
    textDocument: twice,
    position: jump,
    context: { includeDeclaration: true },
  });
  expect(found?.length).toBeGreaterThanOrEqual(2);
  const marked = await connection.sendRequest(DocumentHighlightRequest.type, { textDocument: twice, position: jump });
  expect(marked?.map(({ range }) => range)).toEqual(found?.map(({ range }) => range));

  const { textDocument: main, position } = await open('main');
  const call = position(/\tcall /u, '<_ZN');
  expect(await connection.sendRequest(HoverRequest.type, { textDocument: main, position: call })).toMatchObject({
    contents: { value: expect.stringContaining('ns::twice(int)') },
  });
  const [other] = (await connection.sendRequest(DefinitionRequest.type, {
    textDocument: main,
    position: call,
  })) as { targetUri: string }[];
  expect(other?.targetUri).toBe(twice.uri);
  expect(await client.close()).toBe(0);
});
