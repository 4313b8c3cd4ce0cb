import { basename } from 'node:path';
import { expect, test } from 'vitest';
import type { FaultLeak, FaultRun } from '../../../language-server/protocol/faults.ts';
import { faultsFixture, markedLine, type SweepOptions } from '../../support/faults-fixture.ts';

const { compile, sweep } = faultsFixture();
const program = compile('leaks.c');
const nth = { mode: { kind: 'nth' }, leaks: true } as const;

/** Where a block was asked for, and how many bytes; or the name of a file. */
function told(leak: FaultLeak): string {
  if (leak.kind === 'file') return basename(leak.file);
  const { line } = leak.stack.find(frame => frame.file?.endsWith('leaks.c')) ?? {};
  return `${leak.bytes} bytes in ${leak.blocks} from line ${line}`;
}

const lost = ({ n, leaks = [] }: FaultRun): readonly string[] => leaks.map(leak => `n = ${n}: ${told(leak)}`);
const lineOf = (marker: string): number => markedLine('leaks.c', marker);

test.each([
  ['two', [`n = 1: 10 bytes in 1 from line ${lineOf('copy')}`]],
  ['grow', [`n = 1: 50 bytes in 1 from line ${lineOf('grown')}`]],
  ['file', ['n = 0: leaks']],
  // The stream is libc's to remember, and its file is open.
  ['stream', ['n = 1: leaks']],
  ['careless', []],
  ['tidy', []],
] as const)('%s', async (what, expected) => {
  // Left by a return from main and by _exit(2); told by a run of its own and by a copy.
  for (const [more, snapshot] of [
    [[], 'off'],
    [['_exit'], 'only'],
  ] as const) {
    const options: SweepOptions = { ...nth, snapshot };
    const { runs, verdicts } = await sweep([program, what, ...more], options);
    expect(runs.flatMap(lost), `${what} ${more} ${snapshot}`).toEqual(expected);
    expect(verdicts.leak).toBe(expected.length);
    expect(runs).not.toEqual([]);
  }
});

test('a leak is one bug, told with the place that asked for what is lost', async () => {
  const { groups } = await sweep([program, 'two'], nth);
  expect(groups).toMatchObject([
    {
      verdict: 'leak',
      ns: [1],
      message: expect.stringMatching(/^Lost 10 bytes in 1 block, asked for at leaks\.c:\d+ in copy/u),
    },
  ]);
});

test('without the wish nobody looks', async () => {
  const { verdicts } = await sweep([program, 'two'], { mode: { kind: 'nth' } });
  expect(verdicts).toMatchObject({ leak: 0, cleanError: 2 });
});

test('of a real program, copies lose what runs by themselves do', async () => {
  const options: SweepOptions = { ...nth, points: 'stacks', maxPoints: 12 };
  const copies = await sweep(['jq', '-n', '[1, 2]'], { ...options, snapshot: 'only' });
  const alone = await sweep(['jq', '-n', '[1, 2]'], { ...options, snapshot: 'off' });
  expect(copies.verdicts).toEqual(alone.verdicts);
  expect(copies.runs.map(({ leaks }) => leaks)).toEqual(alone.runs.map(({ leaks }) => leaks));
});
