import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBytes } from '../../../language-server/native/byte-text.ts';
import { launcherOperands, launcherScript } from '../../../language-server/native/launch.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { exited, longMs, openDoor, scriptRunner, text } from './door-fixture.ts';

const folder = temporaryFolder();
const door = openDoor({ concurrency: 4 });
const sh = scriptRunner(door);

const allBytes = Uint8Array.from({ length: 255 }, (_, index) => index + 1);
const hostileNames: readonly (readonly [string, Uint8Array])[] = [
  ['space', Buffer.from('a b')],
  ['quotes', Buffer.from(`'"\`$(id)`)],
  ['newlines', Buffer.from('a\nb\n\n')],
  ['backslash and percent', Buffer.from('\\0101 %s \\n')],
  ['dash', Buffer.from('-rf')],
  ['empty', Buffer.from('')],
  ['not UTF-8', Buffer.from([0x61, 0xff, 0xc3, 0x2e, 0x0a])],
  ['not UTF-8, with backslashes, quotes and newlines', Buffer.from([0x5c, 0x30, 0x31, 0xff, 0x27, 0x22, 0x5c, 0x0a])],
  ['UTF-8', Buffer.from('日本 é')],
  ['every byte', allBytes],
];

test.each(hostileNames)('%s arrives byte for byte', async (_, name) => {
  const outcome = await sh('', { args: ['-c', 'printf "%s|" "$@"', 'sh', decodeBytes(name), 'next'] });
  expect(Buffer.from(exited(outcome).stdout)).toEqual(Buffer.concat([name, Buffer.from('|next|')]));
});

test('as program and as working folder, with the exit and the signals of the program', async () => {
  const bytes = Buffer.concat([Buffer.from(`${folder}/d`), Buffer.from([0xff, 0x20, 0x0a])]);
  mkdirSync(bytes);
  const program = Buffer.concat([bytes, Buffer.from('/p'), Buffer.from([0xfe])]);
  writeFileSync(program, '#!/bin/sh\npwd\nkill -ABRT $$\n');
  chmodSync(program, 0o755);
  const outcome = await door.runProgram({
    command: decodeBytes(program),
    args: [],
    cwd: decodeBytes(bytes),
    deadlineMs: longMs,
  });
  expect(Buffer.from(exited(outcome).stdout)).toEqual(Buffer.concat([bytes, Buffer.from('\n')]));
  expect(exited(outcome).signal).toBe('SIGABRT');
});

test('a relative program is one of the working folder, in both ways of starting', async () => {
  const program = join(folder, 'here');
  writeFileSync(program, '#!/bin/sh\nprintf "%s" "$1"\n', { mode: 0o755 });
  for (const argument of ['plain', '\uDCFF']) {
    const request = { command: './here', args: [argument], cwd: folder, deadlineMs: longMs };
    expect(decodeBytes(exited(await door.runProgram(request)).stdout)).toBe(argument);
  }
});

test('a relative working folder is one of the server, whatever CDPATH says', async () => {
  mkdirSync(join(folder, 'test'));
  for (const argument of ['plain', '\uDCFF']) {
    const args = ['-c', 'pwd', argument];
    const outcome = await sh('', { args, cwd: 'test', env: { CDPATH: folder } });
    expect(text(exited(outcome).stdout)).toBe(`${join(process.cwd(), 'test')}\n`);
  }
});

test('objdump reads a file whose name is not UTF-8', async () => {
  const path = Buffer.concat([Buffer.from(`${folder}/o`), Buffer.from([0xff]), Buffer.from('\n.o')]);
  const object = execFileSync('/bin/sh', ['-c', 'cc -c -x c - -o "$0" && cat "$0"', join(folder, 'plain.o')], {
    input: 'int answer(void){return 42;}',
  });
  writeFileSync(path, object);
  const outcome = await door.runTool('objdump', { args: ['-d', '--', decodeBytes(path)], deadlineMs: longMs });
  expect(text(exited(outcome).stdout)).toContain('<answer>:');
});

test('a long argument is not made too long by one bad byte', async () => {
  const long = `${'x'.repeat(120_000)}\uDCFF`;
  const outcome = await sh('', { args: ['-c', 'printf %s "$1"', 'sh', long] });
  expect(exited(outcome).stdout.length).toBe(120_001);
});

test('a name that is not UTF-8 changes nothing in the environment of the program', async () => {
  const env = { count: '5', operand: 'x', CDPATH: '/', LC_ALL: 'C.UTF-8', MULTILINE: 'a\nb' };
  const environment = async (argument: string): Promise<readonly string[]> => {
    const request = { command: '/usr/bin/env', args: ['-0', argument], env, cwd: folder, deadlineMs: longMs };
    const variables = text(exited(await door.runProgram(request)).stdout).split('\0');
    return variables
      .map(variable => variable.replace(/^(BINARY_DETECTIVE_RUN=.*\.)\d{8}$/u, '$1'))
      .filter(variable => !/^(?:PWD|OLDPWD|SHLVL|_|SET)=/u.test(variable))
      .sort();
  };
  expect(await environment('SET=\uDCFF')).toEqual(await environment('SET=x'));
});

describe.each(['/bin/sh', '/bin/bash'])('the launcher in %s', shell => {
  const launched = (args: readonly Uint8Array[]): Buffer => {
    const operands = launcherOperands({
      command: 'printf',
      args: ['%s|', ...args.map(decodeBytes)],
      cwd: undefined,
      limits: undefined,
    });
    return execFileSync(shell, ['-c', launcherScript, 'sh', ...operands], { stdio: ['ignore', 'pipe', 'inherit'] });
  };
  const expected = (args: readonly Uint8Array[]): Buffer =>
    Buffer.concat(args.flatMap(argument => [argument, Buffer.from('|')]));

  test('passes every single byte', () => {
    const args = Array.from(allBytes, byte => Uint8Array.of(byte));
    expect(launched(args)).toEqual(expected(args));
  });

  test('passes any bytes', () => {
    const argument = fc.uint8Array({ maxLength: 30, min: 1 });
    fc.assert(
      fc.property(fc.array(argument, { minLength: 1, maxLength: 4 }), args => {
        expect(launched(args)).toEqual(expected(args));
      }),
      { numRuns: 60 },
    );
  });
});

describe('limits', () => {
  test('are those of the program', async () => {
    const limits = { coreFiles: false, addressSpaceBytes: 256 << 20, cpuSeconds: 77 };
    const outcome = await sh('ulimit -c; ulimit -v; ulimit -t; pwd', { limits, cwd: folder });
    expect(text(exited(outcome).stdout)).toBe(`0\n${256 * 1024}\n77\n${folder}\n`);
  });

  test('of memory make a real program fail for want of it', async () => {
    const args = ['if=/dev/zero', 'of=/dev/null', 'bs=512M', 'count=1'];
    const request = { command: '/bin/dd', args, deadlineMs: longMs, env: { LC_ALL: 'C' } };
    expect(exited(await door.runProgram(request)).exitCode).toBe(0);
    const limited = exited(await door.runProgram({ ...request, limits: { addressSpaceBytes: 64 << 20 } }));
    expect(limited.exitCode).toBe(1);
    expect(text(limited.stderr)).toContain('memory exhausted');
  });
});
