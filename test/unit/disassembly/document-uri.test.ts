import { describe, expect, test } from 'vitest';
import { parseDisassemblyUri, siblingDisassemblyUri } from '../../../language-server/disassembly/document-uri.ts';

/** As VS Code writes it: a path that ends with the title, and JSON in the query. */
const main =
  'binary-detective-disassembly:/usr/lib/libc.so.6/main?%7B%22file%22%3A%22file%3A%2F%2F%2Fusr%2Flib%2Flibc.so.6%22%2C%22symbol%22%3A%22main%22%7D';

describe('a document', () => {
  test.each([
    ['of a symbol', main, { file: 'file:///usr/lib/libc.so.6', symbol: 'main' }],
    ['of .text', 'binary-detective-disassembly:/a/.text?{"file":"file:///a"}', { file: 'file:///a' }],
    ['of a file on disk', 'file:///tmp/a.objdump', null],
    ['of another scheme', 'untitled:a?{"file":"file:///a"}', null],
    ['without a query', 'binary-detective-disassembly:/a/main', null],
    ['whose query is no JSON', 'binary-detective-disassembly:/a/main?{', null],
    ['whose query is no text', 'binary-detective-disassembly:/a/main?%FF', null],
    ['whose query has other things', 'binary-detective-disassembly:/a/main?{"file":1}', null],
    ['whose symbol is none', 'binary-detective-disassembly:/a/main?{"file":"file:///a","symbol":1}', null],
  ])('%s', (_, uri, expected) => {
    expect(parseDisassemblyUri(uri)).toEqual(expected);
  });
});

test('a document with source lines, and another symbol of it', () => {
  const uri = 'binary-detective-disassembly:/a/main?{"file":"file:///a","symbol":"main","source":true}';
  expect(parseDisassemblyUri(uri)).toEqual({ file: 'file:///a', symbol: 'main', source: true });
  expect(parseDisassemblyUri(siblingDisassemblyUri(uri, 'puts') ?? '')).toEqual({
    file: 'file:///a',
    symbol: 'puts',
    source: true,
  });
});

describe('the document of another symbol', () => {
  test.each(['puts', 'operator/', 'a?b#c', 'a b%20', '\uDCFF', 'Ünïcode', '"', '</a>'])(
    '%j shows that symbol',
    symbol => {
      const uri = siblingDisassemblyUri(main, symbol) ?? '';
      expect(parseDisassemblyUri(uri)).toEqual({ file: 'file:///usr/lib/libc.so.6', symbol });
      expect(uri).toMatch(/^binary-detective-disassembly:\/usr\/lib\/libc\.so\.6\/[^/?#]+\?[^?#]+$/u);
    },
  );

  test('of a listing on disk is none', () => {
    expect(siblingDisassemblyUri('file:///tmp/a.objdump', 'puts')).toBeNull();
  });
});
