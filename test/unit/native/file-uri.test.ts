import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeBytes } from '../../../language-server/native/byte-text.ts';
import { fileUriToPath, pathToFileUri } from '../../../language-server/native/file-uri.ts';
import { UserError } from '../../../language-server/protocol/errors.ts';

const fileName = fc
  .uint8Array({ minLength: 1, maxLength: 40 })
  .map(bytes => bytes.map(byte => (byte === 0 ? 1 : byte)));

test('any path comes back', () => {
  fc.assert(
    fc.property(fileName, name => {
      const path = decodeBytes(Buffer.concat([Buffer.from('/'), name]));
      expect(fileUriToPath(pathToFileUri(path))).toBe(path);
    }),
  );
});

test('a URI is plain ASCII, and one that any other program reads', () => {
  fc.assert(
    fc.property(fileName, name => {
      const uri = pathToFileUri(decodeBytes(Buffer.concat([Buffer.from('/'), name])));
      expect(uri).toMatch(/^file:\/\/\/[\w.~%/-]+$/u);
      expect(new URL('x', uri).protocol).toBe('file:');
    }),
  );
});

test('the URIs of Node are read', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), name => {
      const path = `/a/${name.replaceAll(/[\0/]|^\.+$/gu, '_')}`;
      expect(fileUriToPath(pathToFileURL(path).href)).toBe(path);
    }),
  );
});

test.each([
  ['as VS Code writes it', 'file:///a%20b/%C3%A4%3A.so', '/a b/ä:.so'],
  ['with a byte that is not UTF-8', 'file:///a/%ff', '/a/\uDCFF'],
  ['with a percent sign that escapes nothing', 'file:///a/%zz%4', '/a/%zz%4'],
  ['with characters that were not encoded', 'file:///a/日本', '/a/日本'],
  ['of this machine by name', 'file://localhost/a', '/a'],
  ['without authority (RFC 8089, appendix B)', 'file:/a/b', '/a/b'],
  ['with two leading slashes', 'file:////a', '//a'],
  ['with a scheme in capitals', 'FILE:///a', '/a'],
])('a URI %s', (_, uri, path) => {
  expect(fileUriToPath(uri)).toBe(path);
});

test.each([
  ['https://host/a', 'https://host/a'],
  ['file://host/share/a', 'file://host/share/a'],
  ['untitled:x', 'untitled:x'],
  ['/a', '/a'],
  ['file:a', 'file:a'],
  ['', '""'],
  ['file:///a?b', 'a?b'],
  ['file:///a%00b', 'NUL'],
])('%j is refused with a sentence that quotes it', (uri, quoted) => {
  expect(() => fileUriToPath(uri)).toThrow(UserError);
  expect(() => fileUriToPath(uri)).toThrow(quoted);
});

test('a path that is not absolute has no URI', () => {
  expect(() => pathToFileUri('lib/a.so')).toThrow(/"lib\/a\.so".*absolute/u);
});
