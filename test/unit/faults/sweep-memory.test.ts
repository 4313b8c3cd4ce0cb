import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { faultsFixture } from '../../support/faults-fixture.ts';

const { compile, sweep } = faultsFixture();

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Results; SWEEP_RESULTS=100000 takes minutes. */
const results = Number(process.env['SWEEP_RESULTS'] ?? 1000);
/** Of memory that stays, in bytes: far more than a result has that is no other's, far less than its stacks and words would take. */
const mostPerResult = results > 1000 ? 800 : 4000;

function heapBytes(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

test('the memory of a sweep hardly grows with its results', { timeout: 3_600_000 }, async () => {
  const program = compile('verdicts.c');
  const run = (count: number) =>
    sweep([program, '', String(count - 1)], { mode: { kind: 'nth' }, maxPoints: count, snapshot: 'only' });
  // What the first sweep loads is not the second one's.
  await run(20);
  const before = heapBytes();
  const { runs, clean } = await run(results);
  const perResult = (heapBytes() - before) / results;
  expect(runs).toHaveLength(results);
  expect(new Set(runs.map(({ injectedStack }) => injectedStack)).size).toBe(clean.stacks);
  if (results > 1000) console.log(`${results} results: ${Math.round(perResult)} bytes each`);
  expect(perResult).toBeLessThan(mostPerResult);
});
