import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { changesBetween } from '../../../language-server/cython/diagnostics/text-changes.ts';

/** As an editor applies them: by vscode-languageserver-textdocument, which is not ours. */
const applied = (before: string, after: string): string =>
  TextDocument.applyEdits(TextDocument.create('file:///a.pyx', 'cython', 1, before), [
    ...changesBetween(before, after),
  ]);

test.each([
  ['p = <void*>a\nx\n', 'p = <void*><size_t>a\nx\n', ['<size_t>']],
  ['a\r\nb\r\n', 'A\r\nB\r\n', ['A', 'B']],
  ['a\nb', 'a\nb', []],
  ['a\nb\nc', 'a\nX\nb\nc', ['X\n']],
  ['🕵', '🕶', ['🕶']],
  ['', 'x', ['x']],
  ['aa', 'aaa', ['a']],
])('%j to %j changes no more than it has to', (before, after, texts) => {
  expect(changesBetween(before, after).map(({ newText }) => newText)).toEqual(texts);
  expect(applied(before, after)).toBe(after);
});

test('any text becomes any other', () => {
  const texts = fc.array(fc.constantFrom('a', 'b', '🕵', '🕶', '\n', '\r\n', ' ')).map(parts => parts.join(''));
  fc.assert(fc.property(texts, texts, (before, after) => applied(before, after) === after));
});
