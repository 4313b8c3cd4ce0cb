import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBytes } from '../../../language-server/native/byte-text.ts';
import { fileUriToPath, pathToFileUri } from '../../../language-server/native/file-uri.ts';
import { shellCommand } from '../../../language-server/native/shell-quote.ts';

const fileName = fc
  .uint8Array({ minLength: 1, maxLength: 40 })
  .map(bytes => bytes.map(byte => (byte === 0 ? 1 : byte)));

describe.each(['/bin/sh', '/bin/bash'])('%s reads back', shell => {
  const readBack = (args: readonly Uint8Array[]): Buffer =>
    execFileSync(shell, ['-c', shellCommand(['printf', '%s|', ...args.map(decodeBytes)])]);

  test.each(["it's", 'a b', 'a\nb', 'a\n', '\n\n', '$HOME `id` "x" \\', '-n', '*', '~', 'ä 日本', '', '%s%b\\n', '!x'])(
    '%j',
    name => {
      expect(readBack([Buffer.from(name)]).toString()).toBe(`${name}|`);
    },
  );

  test('any bytes', () => {
    fc.assert(
      fc.property(fileName, name => {
        expect(readBack([name])).toEqual(Buffer.concat([name, Buffer.from('|')]));
      }),
      { numRuns: 60 },
    );
  });
});

describe('file URIs', () => {
  test('any path comes back', () => {
    fc.assert(
      fc.property(fileName, name => {
        const path = `/${decodeBytes(name)}`;
        expect(fileUriToPath(pathToFileUri(path))).toBe(decodeBytes(Buffer.concat([Buffer.from('/'), name])));
      }),
    );
  });

  test('as VS Code writes them', () => {
    expect(fileUriToPath('file:///a%20b/%C3%A4%3A.so')).toBe('/a b/ä:.so');
    expect(fileUriToPath('file:///a/%FF%zz')).toBe('/a/\uDCFF%zz');
  });

  test.each(['https://host/a', 'file://host/a', 'untitled:x', '/a', 'file:///a%00b'])('%s is refused', uri => {
    expect(() => fileUriToPath(uri)).toThrow(/file|NUL/u);
  });
});
