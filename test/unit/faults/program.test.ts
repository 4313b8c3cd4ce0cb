import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sweepFaults } from '../../../language-server/faults/sweep.ts';
import type { FaultSweep } from '../../../language-server/protocol/faults.ts';
import { faultsFixture } from '../../support/faults-fixture.ts';

const { folder, compile, environment } = faultsFixture();
const verdicts = compile('verdicts.c');
const readsInput = compile('reads_input.c');

test('standard input is the same file in each run, and in the command that reproduces it', async () => {
  writeFileSync(join(folder, 'the input.txt'), 'one line\n');
  const program = { command: [readsInput], cwd: folder, stdin: 'the input.txt' };
  const swept = await sweepFaults({ program }, environment());
  expect(swept.clean).toMatchObject({ exitCode: 0, allocations: 1 });
  expect(swept.verdicts).toMatchObject({ silentError: 1 });
  const [command = '', ...args] = swept.groups[0]?.reproduce ?? [];
  expect(() => execFileSync(command, args, { stdio: 'pipe' })).toThrow(expect.objectContaining({ status: 3 }));
  // Where the allocation is the second one and does not fail, the command gives the program its input.
  const passing = args.map(word => word.replace(/^MALLOC_MAX_CALLED=0$/u, 'MALLOC_MAX_CALLED=9'));
  expect(execFileSync(command, passing, { encoding: 'utf8' })).toBe('one line\n');
});

test('an input that is not there is said before anything runs', async () => {
  const program = { command: [readsInput], cwd: folder, stdin: 'absent' };
  await expect(sweepFaults({ program }, environment())).rejects.toThrow(`There is no file ${folder}/absent`);
});

test.each([
  ['an exit status that means failure', 'silent', { exitCodes: [1] }, 'cleanError'],
  ['another exit status', 'clean', { exitCodes: [2, 3] }, 'silentError'],
  ['the words that were agreed', 'clean', { output: 'out of memory' }, 'cleanError'],
  ['other words', 'clean', { output: 'Speicher' }, 'silentError'],
  ['status and words', 'clean', { exitCodes: [1], output: 'out of' }, 'cleanError'],
] as const)('%s: %s %o is %s', async (_what, argument, cleanError, verdict) => {
  const program = { command: [verdicts, argument], cwd: folder, cleanError };
  const swept: FaultSweep = await sweepFaults({ program }, environment());
  expect(swept.runs.map(run => run.verdict)).toEqual([verdict]);
});

test('the deadline of a program is its own', async () => {
  const program = { command: [verdicts, 'hang'], cwd: folder, deadlineSeconds: 0.5 };
  const { runs } = await sweepFaults({ program }, environment());
  expect(runs[0]).toMatchObject({ verdict: 'hang', durationMs: 500 });
});

test('each run says when its allocation was asked for', async () => {
  const program = { command: [compile('waits.c')], cwd: folder };
  const { runs } = await sweepFaults({ program, mode: { kind: 'nth' } }, environment());
  expect(runs.map(({ n }) => n)).toEqual([0, 1]);
  expect(runs[0]?.askedAtUs).toBe(0);
  expect(runs[1]?.askedAtUs).toBeGreaterThanOrEqual(30_000);
  // One point alone needs no stacks, and has no time.
  const alone = await sweepFaults({ program, mode: { kind: 'nth' }, only: 1 }, environment());
  expect(alone.runs[0]).not.toHaveProperty('askedAtUs');
});
