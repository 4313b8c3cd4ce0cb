import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { FaultSweep } from '../../../language-server/protocol/faults.ts';
import { faultsFixture, type SweepOptions } from '../../support/faults-fixture.ts';

const { folder, compile, sweep } = faultsFixture();

/** Both ways; all that a person is told of a run has to be the same, but for its time. */
async function bothWays(command: readonly string[], options: SweepOptions): Promise<FaultSweep> {
  const copied = await sweep(command, options);
  const alone = await sweep(command, { ...options, snapshot: 'off' });
  const told = ({ runs }: FaultSweep) => runs.map(({ durationMs: _, ...run }) => run);
  expect(told(copied)).toEqual(told(alone));
  expect(copied.groups).toEqual(alone.groups);
  expect(alone.plan.snapshot).toEqual({ used: 0, refused: null });
  return copied;
}

const json = join(folder, 'data.json');
writeFileSync(json, '{"a":[1,2,{"b":3}]}\n');
const text = join(folder, 'words');
writeFileSync(text, Array.from({ length: 40 }, (_, index) => `${(index * 7919) % 1000} word\n`).join(''));

const sums = join(folder, 'sums');
writeFileSync(sums, 'for (i = 1; i < 20; i++) i ^ 20 / 7\nquit\n');

describe('a copy of the running program', () => {
  test.each(['nth', 'fromNth'] as const)('does what a run by itself does: loops, %s', async kind => {
    const { plan } = await bothWays([compile('loop.c')], { mode: { kind } });
    expect(plan.snapshot).toEqual({ used: 7, refused: null });
  });

  test.each([
    ['sed', ['sed', 's/word/text/', text]],
    ['gawk', ['gawk', '{ print $1 * 2 }', text]],
    ['jq', ['jq', '.', json]],
    ['sqlite3', ['sqlite3', ':memory:', 'select 1']],
    ['sort', ['sort', text]],
    ['make', ['make', '-v']],
    ['file', ['file', '/bin/ls']],
    ['bc', ['bc', '-q', sums]],
  ] as const)('%s', { timeout: 120_000 }, async (_, command) => {
    const { plan, runs } = await bothWays(command, { mode: { kind: 'nth' }, points: 'stacks', maxPoints: 16 });
    expect(plan.snapshot).toEqual({ used: runs.length, refused: null });
  });
});
