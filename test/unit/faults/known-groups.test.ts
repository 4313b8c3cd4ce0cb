import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { isComplete, writeKnownGroups } from '../../../language-server/faults/known-groups.ts';
import { sweepFaults } from '../../../language-server/faults/sweep.ts';
import type { FaultSweep } from '../../../language-server/protocol/faults.ts';
import { faultsFixture } from '../../support/faults-fixture.ts';

const { folder, environment } = faultsFixture();
const source = join(folder, 'bugs.c');
const program = join(folder, 'bugs');
const baseline = join(folder, 'baseline.json');

const twoBugs = [
  '#include <stdlib.h>',
  'static void both(void) {',
  '  char *volatile first = malloc(1);',
  '  first[0] = 1;',
  '  char *volatile second = malloc(2);',
  '  second[0] = 2;',
  '}',
  'int main(void) {',
  '  both();',
  '  return 0;',
  '}',
];

function build(lines: readonly string[]): void {
  writeFileSync(source, `${lines.join('\n')}\n`);
  execFileSync('cc', ['-g', '-O0', '-w', '-o', program, source]);
}

function sweep(known = true): Promise<FaultSweep> {
  return sweepFaults({ program: { command: [program], cwd: folder }, ...(known && { baseline }) }, environment());
}

const isKnown = (swept: FaultSweep): readonly boolean[] => swept.groups.map(group => group.known);

let accepted = '';

beforeAll(async () => {
  build(twoBugs);
  copyFileSync(program, `${program}.before`);
  const swept = await sweep(false);
  expect(isKnown(swept)).toEqual([false, false]);
  await writeKnownGroups(baseline, { groups: swept.groups, complete: true });
  accepted = readFileSync(baseline, 'utf8');
});

beforeEach(() => {
  writeFileSync(source, `${twoBugs.join('\n')}\n`);
  copyFileSync(`${program}.before`, program);
  writeFileSync(baseline, accepted);
});

describe('a baseline', () => {
  test('knows what was there', async () => {
    expect(isKnown(await sweep())).toEqual([true, true]);
  });

  test('holds for a build in which lines and code have moved', async () => {
    const before = await sweep();
    build(['// One line more.', '#include <stdio.h>', 'int more(int x) { return printf("%d", x) * 3; }', ...twoBugs]);
    const after = await sweep();
    expect(after.groups.map(({ id }) => id)).not.toEqual(before.groups.map(({ id }) => id));
    expect(isKnown(after)).toEqual([true, true]);
  });

  test('does not know a third bug in the same function', async () => {
    const third = ['  char *volatile third = malloc(3);', '  third[0] = 3;'];
    build([...twoBugs.slice(0, 4), ...third, ...twoBugs.slice(4)]);
    const swept = await sweep();
    expect(swept.groups.map(({ known, crashStack }) => [known, crashStack[0]?.source?.trim()])).toEqual([
      [true, 'first[0] = 1;'],
      [false, 'third[0] = 3;'],
      [true, 'second[0] = 2;'],
    ]);
  });

  test('does not know the same bug in a function of another name', async () => {
    build(twoBugs.map(line => line.replace('both', 'other')));
    expect(isKnown(await sweep())).toEqual([false, false]);
  });

  test('is a text that is the same each time', async () => {
    const { groups } = await sweep();
    await writeKnownGroups(baseline, { groups: groups.toReversed(), complete: true });
    expect(readFileSync(baseline, 'utf8')).toBe(accepted);
    expect(JSON.parse(accepted)).toMatchObject({ schema: 'binary-detective/faults-baseline@1', groups: [{}, {}] });
  });

  test('keeps what a sweep of a part did not see', async () => {
    const { groups } = await sweep();
    await writeKnownGroups(baseline, { groups: groups.slice(0, 1), complete: false });
    expect(isKnown(await sweep())).toEqual([true, true]);
    await writeKnownGroups(baseline, { groups: groups.slice(0, 1), complete: true });
    expect(isKnown(await sweep())).toEqual([true, false]);
  });

  test('that is not there yet knows nothing; one that is something else is refused', async () => {
    const program_ = { command: [program], cwd: folder };
    const absent = await sweepFaults({ program: program_, baseline: join(folder, 'absent') }, environment());
    expect(isKnown(absent)).toEqual([false, false]);
    writeFileSync(baseline, '{"groups": []}');
    await expect(sweep()).rejects.toMatchObject({
      kind: 'invalidParams',
      message: expect.stringContaining('no baseline'),
    });
  });
});

test('a sweep is complete where it has run all that there is', async () => {
  expect(isComplete(await sweep())).toBe(true);
  const given = { program: { command: [program], cwd: folder } };
  expect(isComplete(await sweepFaults({ ...given, only: 0 }, environment()))).toBe(false);
  expect(isComplete(await sweepFaults({ ...given, shard: { index: 1, count: 2 } }, environment()))).toBe(false);
  expect(isComplete(await sweepFaults({ ...given, points: 'stacks' }, environment()))).toBe(true);
});
