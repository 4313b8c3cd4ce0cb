import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBytes } from '../../../language-server/native/byte-text.ts';
import { shellCommand } from '../../../language-server/native/shell-quote.ts';
import { displayText } from '../../../language-server/protocol/display-text.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder();

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

  test.each(['a=b', 'time', 'if'])('the program %j', name => {
    const program = join(folder, name);
    writeFileSync(program, '#!/bin/sh\necho "$1"\n', { mode: 0o755 });
    const output = execFileSync(shell, ['-c', shellCommand([name, 'yes'])], {
      env: { PATH: folder },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    expect(output.toString()).toBe('yes\n');
  });

  test('any bytes', () => {
    fc.assert(
      fc.property(fileName, name => {
        expect(readBack([name])).toEqual(Buffer.concat([name, Buffer.from('|')]));
      }),
      { numRuns: 60 },
    );
  });
});

test('nothing in a command deceives the eye or acts on a terminal', () => {
  fc.assert(
    fc.property(fileName, name => {
      const command = shellCommand(['cat', decodeBytes(name)]).replaceAll('\n', '');
      expect(displayText(command)).toBe(command);
    }),
  );
  expect(shellCommand(['cat', 'a\u202Eb'])).toBe(`cat "$(printf 'a\\342\\200\\256b')"`);
});

test('plain words stay as they are', () => {
  const plain = ['readelf', '-W', '--dyn-syms', '--demangle=auto', '/usr/lib/libstdc++.so.6', 'a@b,c:d%e'];
  expect(shellCommand(plain)).toBe(plain.join(' '));
});
