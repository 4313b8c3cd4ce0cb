import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { FaultRun, FaultSweep } from '../../../language-server/protocol/faults.ts';
import { faultsFixture, runOf, type SweepOptions } from '../../support/faults-fixture.ts';

const { folder, compile, sweep } = faultsFixture();

/** All that a person is told of a run, but for its time, and for addresses that it prints itself. */
function told({ durationMs: _, askedAtUs: _asked, message, ...run }: FaultRun): string {
  return JSON.stringify({ ...run, message: message.replaceAll(/\d{9,}/gu, 'ADDRESS') });
}

/** What it did and which allocation had failed. Where in a recursion its stack ends is another place in each run. */
function outcome({ n, verdict, exitCode, signal, injectedStack }: FaultRun): string {
  return JSON.stringify([n, verdict, exitCode, signal, injectedStack]);
}

/** Both ways. A copy that ends otherwise does what the program does by itself too, now and then: it uses what it never set. */
async function bothWays(command: readonly string[], options: SweepOptions): Promise<FaultSweep> {
  const copied = await sweep(command, options);
  const alone = await sweep(command, { ...options, snapshot: 'off' });
  expect(copied.runs.map(({ n }) => n)).toEqual(alone.runs.map(({ n }) => n));
  let odd = 0;
  for (const copy of copied.runs) {
    if (told(copy) === told(runOf(alone, copy.n))) continue;
    odd += 1;
    expect(await byItself(command, options, copy), `n = ${copy.n}`).toContain(outcome(copy));
  }
  if (odd === 0) expect(copied.groups).toEqual(alone.groups);
  expect(alone.plan.snapshot).toEqual({ used: 0, refused: null });
  return copied;
}

/** What one failure leads to when the program is run again and again, until that is what it did as a copy. */
async function byItself(command: readonly string[], options: SweepOptions, copy: FaultRun): Promise<readonly string[]> {
  const seen: string[] = [];
  for (let round = 0; round < 30 && !seen.includes(outcome(copy)); round += 1) {
    const { runs } = await sweep(command, { ...options, only: copy.n, snapshot: 'off' });
    seen.push(...runs.map(outcome));
  }
  return seen;
}

const json = join(folder, 'data.json');
writeFileSync(json, '{"a":[1,2,{"b":3}]}\n');
const text = join(folder, 'words');
writeFileSync(text, Array.from({ length: 40 }, (_, index) => `${(index * 7919) % 1000} word\n`).join(''));

const rules = join(folder, 'rules.mk');
writeFileSync(rules, 'all: a b\na: b\n\techo $@ $(words 1 2 3)\nb:\n\techo $@\n');
const archive = join(folder, 'words.tar');
execFileSync('tar', ['-cf', archive, '-C', folder, 'words', 'data.json']);
const sums = join(folder, 'sums');
writeFileSync(sums, 'for (i = 1; i < 20; i++) i ^ 20 / 7\nquit\n');

/** Each failure of a call stack of its own, and no other; a few of them unless SNAPSHOT_PROGRAMS=all, which takes minutes. */
const exhaustive = process.env['SNAPSHOT_PROGRAMS'] === 'all';
const everyProgram: readonly (readonly string[])[] = [
  ['sed', 's/word/text/', text],
  ['jq', '.', json],
  ['sqlite3', ':memory:', 'select 1'],
  ['gawk', '{ print $1 * 2 }', text],
  ['sort', text],
  ['make', '-n', '-f', rules],
  ['file', '/bin/ls'],
  ['bc', '-q', sums],
  ['tar', '-tf', archive],
  ['grep', '-E', '(1|2)+ w', text],
  ['objdump', '-h', '/bin/echo'],
  ['readelf', '-a', '/bin/echo'],
];
const programs = exhaustive ? everyProgram : everyProgram.slice(0, 3);

describe('a copy of the running program', () => {
  test.each(['nth', 'fromNth'] as const)('does what a run by itself does: loops, %s', async kind => {
    const { plan } = await bothWays([compile('loop.c')], { mode: { kind } });
    expect(plan.snapshot).toEqual({ used: 7, refused: null });
  });

  test.each(programs.map(command => [command[0], command] as const))(
    '%s',
    { timeout: 3_600_000 },
    async (_, command) => {
      const kinds = exhaustive ? (['nth', 'fromNth'] as const) : (['nth'] as const);
      for (const kind of kinds) {
        const options: SweepOptions = { mode: { kind }, points: 'stacks', maxPoints: exhaustive ? 100_000 : 8 };
        const { plan, runs } = await bothWays(command, options);
        expect(plan.snapshot).toEqual({ used: runs.length, refused: null });
      }
    },
  );
});

describe('what a copy has of its own', () => {
  test('places in files, folders and standard input, and what was printed before', async () => {
    const many = join(folder, 'many');
    mkdirSync(many);
    for (let index = 0; index < 30; index += 1) writeFileSync(join(many, `entry ${index}`), '');
    const command = [compile('streams.c'), text, many];
    for (const kind of ['nth', 'fromNth'] as const) {
      const { plan, runs, verdicts } = await bothWays(command, { mode: { kind }, stdin: text });
      expect(plan.snapshot).toEqual({ used: runs.length, refused: null });
      expect(verdicts.cleanError).toBeGreaterThan(40);
    }
  });

  test.each(['handler', 'abort', 'wrong', 'overflow'])('a verdict: %s', async what => {
    const { plan } = await bothWays([compile('verdicts.c'), what, '5'], { mode: { kind: 'nth' } });
    expect(plan).toMatchObject({ points: 6, snapshot: { used: 6, refused: null } });
  });
});

describe('a program is run by itself where a copy of it could be noticed', () => {
  const program = compile('impure.c');
  test.each([
    ['write', 'writes files'],
    ['stdio', 'writes files'],
    ['remove', 'writes files'],
    ['folder', 'writes files'],
    ['thread', 'starts threads'],
    ['child', 'starts other processes'],
    ['system', 'starts other processes'],
    ['pipe', 'has a pipe open'],
    ['socket', 'has a socket open'],
    ['epoll', 'has something open that processes share'],
    ['shared', 'shares memory'],
    ['timer', 'sets timers'],
    ['lock', 'locks files'],
    ['signal', 'sends signals to other processes'],
    ['sandbox', 'puts itself into a sandbox'],
    ['terminal', 'writes files'],
  ])('%s: it %s', async (what, reason) => {
    const { plan, runs } = await sweep([program, what, join(folder, `impure ${what}`)], { mode: { kind: 'nth' } });
    expect(plan.snapshot?.refused).toContain(reason);
    expect(runs).toHaveLength(plan.points);
    // What it loses by a failure it says; what libc or the kernel refuses it in between has its own words or none.
    for (const run of runs.slice(0, 3)) expect(run).toMatchObject({ verdict: 'cleanError', exitCode: 1 });
  });

  test('or left out, where only copies are wanted', async () => {
    const { runs, skipped } = await sweep([program, 'pipe'], { mode: { kind: 'nth' }, snapshot: 'only' });
    expect(runs.map(({ n }) => n)).toEqual([0, 1, 2]);
    expect(skipped).toMatchObject([{ reason: 'snapshot', ns: [3, 4, 5] }]);
  });

  test('and no copy has done it', async () => {
    const path = join(folder, 'appended');
    const starts = (): number => (existsSync(path) ? readFileSync(path).length : 0);
    const alone = await sweep([program, 'write', path], { mode: { kind: 'nth' }, snapshot: 'off' });
    const once = starts();
    const copied = await sweep([program, 'write', path], { mode: { kind: 'nth' } });
    expect(alone.runs).toHaveLength(copied.runs.length);
    // Copies and their program stop before they write; each point was then run once by itself.
    expect(starts()).toBe(2 * once);
  });
});
