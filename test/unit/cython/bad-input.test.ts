import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lintFile } from '../../../language-server/cli/lint-file.ts';
import { maximumSourceLength, tokenize } from '../../../language-server/cython/syntax/tokens.ts';
import { lint, underlined } from '../../support/cython-lint.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder();
const preferences = { selection: { select: null, ignore: [] }, severities: new Map() };
const { signal } = new AbortController();
const options = { preferences, isFixing: false, signal };

test('binary junk is few tokens, and the lines around it are read', () => {
  const junk = '\u0000\u0001\u007f\udc80'.repeat(100_000);
  expect(tokenize(junk).tokens.length).toBeLessThan(5);
  const text = `def f(a):\n    ${junk}\n    p = <void*>a\n`;
  expect(underlined(text, lint(text))).toEqual(['information <void*>a']);
});

test('a text that is no source of a person takes no memory, and a file of that size is refused with a sentence', async () => {
  const text = '    p = <void*>a\n'.repeat(maximumSourceLength / 16);
  expect(tokenize(text).tokens).toHaveLength(1);
  expect(lint(text)).toEqual([]);
  const path = join(folder, 'big.pyx');
  writeFileSync(path, text);
  await expect(lintFile(path, options)).rejects.toThrow('too large for a Cython source (more than 8 MB)');
});

test('Latin-1 with a coding line: columns are those of the bytes', async () => {
  const path = join(folder, 'latin.pyx');
  const source = '# -*- coding: latin-1 -*-\ndef f(a):\n    s = "\u00e9\u00e8"; p = <void*>a\n';
  writeFileSync(path, Buffer.from(source, 'latin1'));
  const { diagnostics } = await lintFile(path, options);
  expect(diagnostics.map(({ range }) => range.start)).toEqual([{ line: 2, character: 18 }]);
});

test.each([
  ['tabs', 'def f(a):\n\tif a:\n\t\tp = <void*>a\n'],
  ['CRLF', 'def f(a):\r\n    if a:\r\n        p = <void*>a\r\n'],
  ['CR', 'def f(a):\r    if a:\r        p = <void*>a\r'],
  ['a byte order mark', '\ufeffdef f(a):\n    p = <void*>a\n'],
  ['half a file', 'def f(a):\n    p = <void*>a\n    g(<void*>c, (b, "'],
  ['half a class', 'cdef class C:\n    def f(self, a):\n        p = <void*>a\n    cdef'],
])('%s', (_, text) => {
  expect(underlined(text, lint(text))[0]).toBe('information <void*>a');
});
