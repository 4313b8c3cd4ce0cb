import { execFileSync } from 'node:child_process';
import { appendFileSync, copyFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { type SweepParams, sweepFaults } from '../../../language-server/faults/sweep.ts';
import type { FaultProgress, FaultSweep } from '../../../language-server/protocol/faults.ts';
import { essenceOf } from '../../support/fault-essence.ts';
import { faultsFixture } from '../../support/faults-fixture.ts';

const { folder, compile, environment } = faultsFixture();
const original = compile('loop.c');
const program = join(folder, 'swept');
const journal = join(folder, 'journal');

function sweep(params: Partial<SweepParams> = {}, started?: number[], signal?: AbortSignal): Promise<FaultSweep> {
  const onProgress = (step: FaultProgress): void => {
    if (step.kind === 'started') started?.push(step.n);
  };
  const given = { program: { command: [program], cwd: folder }, journal, ...params };
  return sweepFaults(given, environment({ onProgress, ...(signal && { signal }) }));
}

beforeEach(() => {
  copyFileSync(original, program);
  rmSync(journal, { force: true });
});

const lines = (): readonly string[] => readFileSync(journal, 'utf8').trimEnd().split('\n');

test('a sweep that was stopped goes on where it was, and ends as one that was not', async () => {
  const whole = await sweep({ journal: join(folder, 'other') });
  const stop = new AbortController();
  const partial = await sweepFaults(
    { program: { command: [program], cwd: folder }, journal, jobs: 1 },
    environment({
      signal: stop.signal,
      onProgress: step => {
        if (step.kind === 'run' && step.run.n === 1) stop.abort();
      },
    }),
  );
  expect(partial.stopped).toBe('cancelled');
  const done = partial.runs.map(({ n }) => n);
  expect(done.length).toBeGreaterThan(0);
  expect(lines()).toHaveLength(1 + done.length);

  const started: number[] = [];
  const rest = await sweep({}, started);
  expect(started.filter(n => done.includes(n))).toEqual([]);
  expect(started.length).toBe(7 - done.length);
  expect(essenceOf(rest)).toEqual(essenceOf(whole));
  expect(rest.stopped).toBeNull();

  // And once more: nothing is left to run.
  const none: number[] = [];
  expect(essenceOf(await sweep({}, none))).toEqual(essenceOf(whole));
  expect(none).toEqual([]);
});

test('a line that was cut off by a crash is run again', async () => {
  await sweep();
  truncateSync(journal, readFileSync(journal).length - 20);
  const started: number[] = [];
  const again = await sweep({}, started);
  expect(started).toHaveLength(1);
  expect(again.runs).toHaveLength(7);
  expect(lines()).toHaveLength(8);
});

describe('another sweep is refused, with what differs', () => {
  const refused = (params: Partial<SweepParams>, reason: RegExp) =>
    expect(sweep(params)).rejects.toMatchObject({ kind: 'invalidParams', message: expect.stringMatching(reason) });

  beforeEach(async () => {
    await sweep();
  });

  test.each<[string, Partial<SweepParams>, RegExp]>([
    ['arguments', { program: { command: [program, 'x'], cwd: folder } }, /its command line is another/u],
    ['folder', { program: { command: [program], cwd: '/' } }, /it ran in another folder/u],
    ['environment', { program: { command: [program], cwd: folder, env: { A: 'b' } } }, /its environment is another/u],
    [
      'standard input',
      { program: { command: [program], cwd: folder, stdin: original } },
      /its standard input is another/u,
    ],
    ['mode', { mode: { kind: 'nth' } }, /its mode is another/u],
    ['part', { shard: { index: 1, count: 2 } }, /it is another part/u],
  ])('%s', async (_what, params, reason) => {
    await refused(params, reason);
  });

  test('a program that was built anew', async () => {
    execFileSync('strip', [program]);
    await refused({}, /the program was built anew since.*remove this one to start anew/u);
  });

  test('a file that is something else is left alone', async () => {
    writeFileSync(journal, 'dear diary\n');
    await refused({}, /is no journal of a sweep/u);
    writeFileSync(journal, 'dear diary');
    await refused({}, /is no journal of a sweep/u);
    expect(readFileSync(journal, 'utf8')).toBe('dear diary');
  });
});

test('a place that cannot be written is said before anything runs', async () => {
  const started: number[] = [];
  await expect(sweep({ journal: join(folder, 'no', 'such') }, started)).rejects.toMatchObject({ kind: 'toolFailed' });
  expect(started).toEqual([]);
});

test('what does not look like a result is run again', async () => {
  await sweep();
  appendFileSync(journal, '{"run": {"n": "three"}}\nnull\n');
  expect((await sweep()).runs).toHaveLength(7);
});
