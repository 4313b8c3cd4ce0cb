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

test.each(['nth', 'fromNth'] as const)('each bug of a program in C++ with threads is there once (%s)', async kind => {
  const swept = await sweep([compile(source, ['-std=c++17'])], { mode: { kind } });
  const found = swept.groups.map(({ verdict, crashStack, injectedStack }) => [
    verdict,
    ownLine(crashStack),
    ownLine(injectedStack),
  ]);
  expect(found).toContainEqual(['crash', lineOf('main', 'nothrow crash'), lineOf('shop::scratch', 'nothrow')]);
  expect(found).toContainEqual(['crash', lineOf('work', 'thread crash'), lineOf('work', 'thread')]);
  // The string and the vector ask once each, in one line that nobody guards.
  const uncaught = found.filter(([verdict]) => verdict === 'abort');
  expect(new Set(uncaught.map(([, , asked]) => asked))).toEqual(new Set([lineOf('shop::Stock::add', 'uncaught')]));
  const wrong = found.filter(([verdict]) => verdict === 'wrongOutput');
  expect(wrong).toContainEqual(['wrongOutput', undefined, lineOf('main', 'wrong')]);
  // The exception that is caught is no bug.
  expect(found.map(([, , asked]) => asked)).not.toContain(lineOf('shop::careful', 'caught'));
  expect(swept.groups.map(({ verdict }) => verdict).sort()).toEqual(
    [...uncaught.map(() => 'abort'), 'crash', 'crash', ...wrong.map(() => 'wrongOutput')].sort(),
  );

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
