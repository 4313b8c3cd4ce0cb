import { describe, expect, test } from 'vitest';
import { mergeSweeps } from '../../../language-server/faults/farm/merge.ts';
import { sweepFaults } from '../../../language-server/faults/sweep.ts';
import type { FaultMode, FaultSweep } from '../../../language-server/protocol/faults.ts';
import { essenceOf } from '../../support/fault-essence.ts';
import { faultsFixture } from '../../support/faults-fixture.ts';

const { folder, compile, environment } = faultsFixture();
const program = { command: [compile('loop.c')], cwd: folder };

function part(index: number, count: number, mode: FaultMode = { kind: 'fromNth' }): Promise<FaultSweep> {
  return sweepFaults({ program, mode, shard: { index, count } }, environment());
}

async function parts(count: number, mode?: FaultMode): Promise<readonly FaultSweep[]> {
  const all: FaultSweep[] = [];
  for (let index = 1; index <= count; index += 1) all.push(await part(index, count, mode));
  return all;
}

test.each<[number, FaultMode]>([
  [1, { kind: 'fromNth' }],
  [3, { kind: 'fromNth' }],
  [2, { kind: 'nth' }],
  // More parts than points: some are empty.
  [9, { kind: 'nth' }],
  [2, { kind: 'probability', probability: 0.5, seed: 1, seeds: 5 }],
])('%i parts of %o are the whole', async (count, mode) => {
  const whole = await sweepFaults({ program, mode }, environment());
  const all = await parts(count, mode);
  expect(all.flatMap(({ runs }) => runs).length).toBe(whole.runs.length);
  expect(essenceOf(mergeSweeps(all))).toEqual(essenceOf(whole));
  expect(essenceOf(mergeSweeps(all.toReversed()))).toEqual(essenceOf(whole));
});

test('a part of a part is told by the best of its runs', async () => {
  const [first, second] = await parts(2);
  if (first === undefined || second === undefined) throw new Error('Two parts');
  const merged = mergeSweeps([first, second]);
  expect(merged.groups.map(({ ns }) => ns)).toEqual([[0, 2, 4], [1, 3, 5], [6]]);
});

describe('what are not the parts of one sweep', () => {
  const wrong = (sweeps: readonly FaultSweep[], reason: RegExp): void => {
    expect(() => mergeSweeps(sweeps)).toThrow(
      expect.objectContaining({ kind: 'invalidParams', message: expect.stringMatching(reason) }),
    );
  };

  test('is said', async () => {
    const [one, two] = (await parts(2)) as [FaultSweep, FaultSweep];
    wrong([], /no answer to join/u);
    wrong([one], /no answer for part 2\/2/u);
    wrong([one, two, one], /Part 1\/2 is there twice/u);
    wrong([one, { ...two, command: ['other'] }], /different command lines/u);
    wrong([one, { ...two, plan: { ...two.plan, mode: 'nth' } }], /different modes/u);
    wrong([one, { ...two, clean: { ...two.clean, exitCode: 7 } }], /ended differently \(exit status 0 and 7\)/u);
    wrong([one, { ...two, clean: { ...two.clean, allocations: 8 } }], /7 and 8 allocations/u);
    wrong([one, { ...two, shard: { index: 2, count: 3 } }], /of 2 parts, and another of 3/u);
    const { shard: _shard, ...whole } = two;
    wrong([one, whole], /answer of a whole sweep/u);
  });

  test('numbers that change by themselves are told of instead', async () => {
    const [one, two] = (await parts(2)) as [FaultSweep, FaultSweep];
    const merged = mergeSweeps([one, { ...two, clean: { ...two.clean, allocations: 8, stable: false } }]);
    expect(merged.clean.stable).toBe(false);
  });
});
