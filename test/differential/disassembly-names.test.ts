import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { createDemangler } from '../../language-server/demangle/demangler.ts';
import { openDoor } from '../unit/native/door-fixture.ts';

/** Names of real libraries against what `nm -C` calls them. */
const door = openDoor();
const demangler = createDemangler(request => door.runProgram({ ...request, command: 'c++filt' }));

function run(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
}

/** The names of the dynamic symbols, in the order of the table. */
function dynamicNames(path: string, ...options: readonly string[]): readonly string[] {
  return run('nm', '-D', '-p', '--without-symbol-versions', ...options, path)
    .trimEnd()
    .split('\n')
    .map(line => /^(?:[0-9a-f]+|\s+) \S (.*)$/u.exec(line)?.[1] ?? '');
}

describe.each([
  ['g++', 'libstdc++.so.6', 3000],
  ['cc', 'libc.so.6', 0],
])('%s: %s', (compiler, library, leastMangled) => {
  test('is demangled as nm -C does', async () => {
    const path = run(compiler, `-print-file-name=${library}`).trim();
    const names = dynamicNames(path);
    const expected = dynamicNames(path, '-C');
    const { names: found } = await demangler.demangle(names);
    expect(found.length).toBe(expected.length);
    expect(found.filter((name, index) => name !== expected[index])).toEqual([]);
    expect(found.filter((name, index) => name !== names[index]).length).toBeGreaterThanOrEqual(leastMangled);
  });
});
