import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import type { FaultProgress } from '../../../language-server/protocol/faults.ts';
import { faultsFixture } from '../../support/faults-fixture.ts';

const { compile, sweep } = faultsFixture();

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Results; SWEEP_RESULTS=100000 takes minutes. */
const results = Number(process.env['SWEEP_RESULTS'] ?? 2000);

/** In bytes: its number, its verdict and its times; stacks and sentences are those of others. */
const mostPerResult = 1500;

test('the memory of a sweep hardly grows with its results', { timeout: 3_600_000 }, async () => {
  const heaps: number[] = [];
  let runs = 0;
  const onProgress = ({ kind }: FaultProgress): void => {
    if (kind !== 'run') return;
    runs += 1;
    if (runs !== results / 4 && runs !== results) return;
    collect();
    heaps.push(process.memoryUsage().heapUsed + process.memoryUsage().external);
  };
  const command = [compile('verdicts.c'), '', String(results - 1)];
  const swept = await sweep(command, { mode: { kind: 'nth' }, maxPoints: results, snapshot: 'only', onProgress });
  expect(swept.runs).toHaveLength(results);
  const [before = 0, after = 0] = heaps;
  const perResult = (after - before) / (results * 0.75);
  if (results > 2000) console.log(`${results} results: ${Math.round(perResult)} bytes each`);
  expect(perResult).toBeLessThan(mostPerResult);
});
