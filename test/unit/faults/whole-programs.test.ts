import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { reproduceCommand } from '../../../language-server/faults/groups.ts';
import { sweepFaults } from '../../../language-server/faults/sweep.ts';
import { findTarget } from '../../../language-server/faults/target.ts';
import type { FaultMode, FaultRun } from '../../../language-server/protocol/faults.ts';
import { faultsFixture } from '../../support/faults-fixture.ts';

const { folder, environment, shim } = faultsFixture();
const at = (name: string): string => join(folder, name);

writeFileSync(at('words'), Array.from({ length: 50 }, (_, index) => `${(index * 7919) % 1000} word\n`).join(''));
writeFileSync(at('data.json'), JSON.stringify({ a: [1, 2, { b: 'c' }], d: 'é' }));
writeFileSync(at('sum.bc'), '2^100; scale=10; 1/3; define f(x) { return x*x; } f(12); quit\n');
writeFileSync(at('Makefile'), 'A := $(shell echo x)\nall: b c\n\t@echo $@ $^ $(A)\nb c:\n\t@echo $@\n');
execFileSync('tar', ['-cf', at('some.tar'), '-C', folder, 'words', 'data.json']);

/** Every allocation of these is made to fail in each run of the suite. */
const always: readonly (readonly string[])[] = [
  ['sed', 's/word/text/;3q', at('words')],
  ['tar', '-tvf', at('some.tar')],
];

/** And of these where FAULTS_WHOLE_PROGRAMS is set: minutes, and programs that have to be installed. */
const sometimes: readonly (readonly string[])[] = [
  ['gawk', '{ s[$2] += $1 } END { for (k in s) print k, s[k] }', at('words')],
  [
    'sqlite3',
    ':memory:',
    'create table t(a, b); insert into t values (1, 2), (3, 4); select sum(a), max(b) from t group by b;',
  ],
  ['jq', '.a[2].b, (.a | length)', at('data.json')],
  ['xz', '-6', '--stdout', '--threads=1', at('words')],
  ['make', '-f', at('Makefile'), '-C', folder],
  ['bc', at('sum.bc')],
  ['sort', '-k2', '-n', at('words')],
  ['diff', '-u', at('words'), at('data.json')],
  ['grep', '-E', '(1|2)+ w', at('words')],
  ['patch', '--version'],
];

const isWhole = (process.env['FAULTS_WHOLE_PROGRAMS'] ?? '') !== '';
const commands = isWhole ? [...always, ...sometimes] : always;
const modes: readonly FaultMode[] = isWhole ? [{ kind: 'nth' }, { kind: 'fromNth' }] : [{ kind: 'nth' }];

/** What the printed command does, as another program runs it. */
function again(
  { n, fails }: FaultRun,
  command: readonly string[],
  library: string,
  sameVariables: boolean,
): { readonly n: number; readonly exitCode: number | null; readonly signal: string | null; readonly isHang: boolean } {
  const [program = '', ...args] = reproduceCommand(findTarget({ command, cwd: folder }), library, fails, sameVariables);
  const { status, signal, error } = spawnSync(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 5000,
    killSignal: 'SIGKILL',
  });
  const isHang = error !== undefined;
  return { n, exitCode: isHang ? null : status, signal: isHang ? null : signal, isHang };
}

for (const mode of modes) {
  test.each(commands)(
    `${mode.kind}: every allocation of %s %s`,
    { timeout: isWhole ? 1_800_000 : 120_000 },
    async (...command) => {
      const swept = await sweepFaults(
        { program: { command, cwd: folder }, mode },
        environment({ maxPoints: 1_000_000, deadlineSeconds: 0 }),
      );
      const { clean, runs, verdicts, plan, groups, skipped } = swept;
      expect(clean).toMatchObject({ exitCode: expect.any(Number), stable: true });
      const left = skipped.flatMap(({ ns }) => ns).length;
      expect([runs.length + left, plan.points]).toEqual([clean.allocations, clean.allocations]);
      const told = Object.entries(verdicts).filter(([, count]) => count > 0);
      const copies = plan.snapshot === undefined ? '' : `, ${plan.snapshot.used} copies`;
      if (isWhole) {
        process.stderr.write(
          `${mode.kind} ${command[0]}: ${clean.allocations} allocations, ${clean.stacks} stacks${copies}, ${told.map(one => one.join(' ')).join(', ')}, ${groups.length} groups, ${left} left out\n`,
        );
      }
      expect(verdicts.notReached).toBe(0);
      // Each verdict is what the printed command does outside of the sweep.
      const library = await shim();
      for (const run of runs) {
        const seen = again(run, command, library, clean.countsEnvironment === true);
        const { n, exitCode, signal, verdict } = run;
        expect(seen, `${run.fails}: ${run.message}`).toEqual(
          verdict === 'hang'
            ? { n, exitCode: null, signal: null, isHang: true }
            : { n, exitCode, signal: exitCode === null ? signal : null, isHang: false },
        );
      }
    },
  );
}
