import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { faultsFixture } from '../../support/faults-fixture.ts';

const { folder, door, sweep } = faultsFixture();
const words = join(folder, 'words');
writeFileSync(words, Array.from({ length: 200 }, (_, index) => `${(index * 7919) % 1000} word\n`).join(''));

/**
 * Programs of the machine with one thread each, and work that allocates. (gdb's threads race: it dies now of SIGABRT, now of
 * SIGSEGV, with the shim by hand too.) Their few points are spread over all their allocations.
 */
test.each([
  [['sort', words]],
  [['ls', '-l', '/usr/lib']],
  [['sed', 's/word/text/', words]],
  [['gcc', '--version']],
  [['objdump', '-d', '/bin/echo']],
])('%j', { timeout: 120_000 }, async command => {
  const swept = await sweep(command, { maxPoints: 24 });
  expect(swept.clean).toMatchObject({ exitCode: 0, signal: null });
  expect(swept.runs).toHaveLength(Math.min(24, swept.clean.allocations));
  // Each of them cannot start at all without memory, and all of it is needed only for what it does last.
  expect(swept.runs[0]?.verdict).not.toBe('unaffected');
  expect(swept.verdicts.notReached).toBe(0);
  expect(swept.runs.every(run => run.injectedStack.length > 0)).toBe(true);

  // The verdicts are what the printed command does outside of the sweep.
  for (const { reproduce, verdict, signal } of swept.groups.filter(group => group.crashStack.length > 0)) {
    const [program = '', ...args] = reproduce;
    const again = await door.runProgram({ command: program, args, deadlineMs: 60_000 });
    expect(again, `${verdict}: ${reproduce.join(' ')}`).toMatchObject({ kind: 'exited', signal });
  }
});
