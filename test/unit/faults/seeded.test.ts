import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import type { FaultGroup } from '../../../language-server/protocol/faults.ts';
import { faultsFixture, markedLine } from '../../support/faults-fixture.ts';

const { folder, compile, sweep } = faultsFixture();
const source = 'seeded.cc';

/** The program's own innermost line of a stack. */
function ownLine(stack: FaultGroup['crashStack']): string | undefined {
  const frame = stack.find(({ file }) => basename(file ?? '') === source);
  return frame === undefined ? undefined : `${frame.function?.replace(/\(.*$/u, '')}:${frame.line}`;
}

const lineOf = (name: string, marker: string): string => `${name}:${markedLine(source, marker)}`;

const add = 'shop::Stock::add';

test.each([
  ['nth', [[1], [2], [3], [5], [7]]],
  // What stands first in fromNth is refused to libstdc++ already; what was caught comes before what is printed in the end.
  ['fromNth', [[0, 1], [2], [3], [5], [6], [7]]],
] as const)('each bug of a program in C++ with threads is there once, at its lines (%s)', async (kind, ns) => {
  const swept = await sweep([compile(source, ['-std=c++17'])], { mode: { kind } });
  expect(swept.groups.map(group => group.ns)).toEqual(ns);
  const found = swept.groups.map(({ verdict, crashStack, injectedStack }) => [
    verdict,
    ownLine(crashStack),
    ownLine(injectedStack),
  ]);
  expect(found.slice(0, 4)).toEqual([
    ['abort', lineOf(add, 'string'), kind === 'nth' ? lineOf(add, 'string') : undefined],
    ['abort', lineOf(add, 'vector'), lineOf(add, 'vector')],
    ['crash', lineOf('main', 'nothrow crash'), lineOf('shop::scratch', 'nothrow')],
    ['crash', lineOf('work', 'thread crash'), lineOf('work', 'thread')],
  ]);
  expect(found.at(-1)).toEqual(['wrongOutput', undefined, lineOf('main', 'wrong')]);
  // An exception that is caught is no bug of its own.
  if (kind === 'nth') expect(swept.runs.find(({ n }) => n === 6)?.verdict).toBe('unaffected');

  for (const { reproduce, signal, verdict } of swept.groups) {
    const [command = '', ...args] = reproduce;
    expect(spawnSync(command, args).signal, verdict).toBe(signal);
  }
});

test('a library that is missing is said by its name', async () => {
  const library = join(folder, 'libgone.so');
  writeFileSync(join(folder, 'gone.c'), 'int gone(void) { return 1; }\n');
  writeFileSync(
    join(folder, 'user.c'),
    '#include <stdlib.h>\nint gone(void);\nint main(void) { free(malloc(1)); return gone(); }\n',
  );
  execFileSync('cc', ['-shared', '-fPIC', '-o', library, join(folder, 'gone.c')]);
  execFileSync('cc', ['-o', join(folder, 'user'), join(folder, 'user.c'), library]);
  execFileSync('mv', [library, `${library}.away`]);
  await expect(sweep([join(folder, 'user')])).rejects.toMatchObject({
    kind: 'notFound',
    message: expect.stringMatching(/the loader does not find .*libgone\.so, which it needs.*LD_LIBRARY_PATH/u),
  });
});
