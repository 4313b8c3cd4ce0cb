import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { type SweepParams, sweepFaults } from '../../../language-server/faults/sweep.ts';
import type { FaultProgram, FaultSweep } from '../../../language-server/protocol/faults.ts';
import { faultsFixture } from '../../support/faults-fixture.ts';
import { processesNaming } from '../../support/processes.ts';

const { folder, compile, environment } = faultsFixture();
const program = compile('manners.c');

function run(
  what: string,
  {
    program: more,
    ...params
  }: { readonly program?: Partial<FaultProgram> } & Partial<Omit<SweepParams, 'program'>> = {},
): Promise<FaultSweep> {
  const command = [program, what];
  return sweepFaults({ program: { command, cwd: folder, ...more }, ...params }, environment());
}

describe('hangs', () => {
  const quick: Partial<FaultProgram> = { deadlineSeconds: 0.3 };

  test('from one call stack are seen twice, and the rest is said', async () => {
    const swept = await run('hang', { program: quick, jobs: 1 });
    expect(swept.runs.map(({ n, verdict }) => [n, verdict])).toEqual([
      [0, 'hang'],
      [1, 'hang'],
    ]);
    expect(swept.skipped).toEqual([
      {
        reason: 'hangs',
        ns: [2, 3, 4, 5],
        message:
          '4 more allocations were not run, from n = 2 on: the program hung at n = 0, 1, which the same call stack asked for.',
      },
    ]);
    expect(swept.groups).toMatchObject([{ verdict: 'hang', ns: [0, 1] }]);
  });

  test.each([
    [1, 1],
    [0, 6],
  ])('with a limit of %i are seen %i times', async (hangsPerStack, seen) => {
    const swept = await run('hang', { program: quick, jobs: 1, hangsPerStack });
    expect([swept.verdicts.hang, swept.runs.length]).toEqual([seen, seen]);
  });

  test('that ignore SIGTERM leave no process', async () => {
    const swept = await run('stubborn', { program: quick, hangsPerStack: 1 });
    expect(swept.verdicts.hang).toBeGreaterThan(0);
    expect(processesNaming(program)).toEqual([]);
  });
});

describe('a budget of time', () => {
  test('starts no further run when it is over, and says which ones are left', async () => {
    const swept = await run('hang', {
      program: { deadlineSeconds: 0.3 },
      jobs: 1,
      hangsPerStack: 0,
      budgetSeconds: 0.2,
    });
    expect(swept.stopped).toBe('budget');
    expect(swept.runs.map(({ n }) => n)).toEqual([0]);
    expect(swept.skipped).toMatchObject([{ reason: 'budget', ns: [1, 2, 3, 4, 5] }]);
    expect(swept.skipped[0]?.message).toBe('5 more were not run: the 0.2 s that the sweep was given are over.');
  });
});

test('a daemon is gone with the run that started it', async () => {
  const swept = await run('daemon');
  expect(swept.verdicts.silentError).toBe(6);
  expect(processesNaming(program)).toEqual([]);
});

test('a program that prints without end is cut off, and what is not compared is said', async () => {
  const swept = await run('flood', { program: { deadlineSeconds: 1 }, only: 0 });
  expect(swept.verdicts).toMatchObject({ hang: 1 });
  expect(swept.notes).toContain('It prints more than 4 MiB: what is beyond that is not compared.');
});

test('each run has temporary files of its own, which are no difference and are gone behind it', async () => {
  const temporary = join(folder, 'temporary');
  mkdirSync(temporary);
  vi.stubEnv('TMPDIR', temporary);
  const swept = await run('temporary');
  expect(swept.clean).toMatchObject({ stable: true, sameOutput: true });
  expect(swept.verdicts).toMatchObject({ silentError: 6 });
  expect(readdirSync(temporary)).toEqual([]);
  vi.unstubAllEnvs();
});

describe('a program that changes what it reads', () => {
  const state = join(folder, 'grows', 'state');

  test('is said to do so', async () => {
    mkdirSync(join(folder, 'grows'), { recursive: true });
    writeFileSync(state, '');
    const { clean, notes } = await run('grow', { program: { cwd: join(folder, 'grows') } });
    expect(clean.sameOutput).toBe(false);
    expect(notes.join('\n')).toMatch(/print different things.*copy of its folder \(--private-folder\)/u);
    expect(readFileSync(state, 'utf8').length).toBeGreaterThan(2);
  });

  test('does no harm in a copy of its folder', async () => {
    writeFileSync(state, 'xx');
    const swept = await run('grow', { program: { cwd: join(folder, 'grows'), privateFolder: true } });
    expect(swept.clean).toMatchObject({ sameOutput: true, exitCode: 0 });
    expect(swept.notes).toEqual([]);
    expect(readFileSync(state, 'utf8')).toBe('xx');
  });
});

describe('a program that deletes its folder', () => {
  const place = join(folder, 'deleted');
  const make = (): void => {
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'state'), '');
  };

  test('is refused with what to do', async () => {
    make();
    await expect(run('delete', { program: { cwd: place } })).rejects.toMatchObject({
      kind: 'notSupported',
      message: expect.stringMatching(/deleted is gone: the program deletes the folder.*--private-folder/u),
    });
    expect(existsSync(place)).toBe(false);
  });

  test('has one for each run by choice', async () => {
    make();
    const swept = await run('delete', { program: { cwd: place, privateFolder: true } });
    expect(swept.clean).toMatchObject({ exitCode: 0, sameOutput: true });
    expect(existsSync(join(place, 'state'))).toBe(true);
  });

  test('a folder that was never there is said before anything runs', async () => {
    rmSync(place, { recursive: true, force: true });
    await expect(run('', { program: { cwd: place } })).rejects.toMatchObject({
      kind: 'notFound',
      message: expect.stringContaining(`The folder ${place}`),
    });
  });
});

test('in copied folders a program by a relative name has its stacks and lines', async () => {
  const swept = await run('careless', { program: { command: ['./manners', 'careless'], privateFolder: true } });
  expect(swept.groups).toHaveLength(1);
  expect(swept.groups[0]?.crashStack[0]).toMatchObject({ function: 'main', module: program });
  expect(swept.groups[0]?.crashStack[0]?.source).toContain('careless');
});
