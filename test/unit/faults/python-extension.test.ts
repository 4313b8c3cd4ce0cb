import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { sweepFaults } from '../../../language-server/faults/sweep.ts';
import type { FaultProgram, FaultSweep, StackFrame } from '../../../language-server/protocol/faults.ts';
import { faultsFixture, markedLine } from '../../support/faults-fixture.ts';

const { folder, compile, environment } = faultsFixture();
const python = '/usr/bin/python3';
const source = 'careless_module.c';
const suffix = execFileSync(python, ['-c', 'import sysconfig; print(sysconfig.get_config_var("EXT_SUFFIX"))'], {
  encoding: 'utf8',
}).trim();
const include = execFileSync(python, ['-c', 'import sysconfig; print(sysconfig.get_paths()["include"])'], {
  encoding: 'utf8',
}).trim();
const script = join(folder, 'use.py');

beforeAll(() => {
  compile(source, ['-shared', '-fPIC', `-I${include}`], `careless${suffix}`);
  writeFileSync(
    script,
    'import careless\nassert careless.copy("hello") == "hello"\nassert careless.plain() == 7\ncareless.careful()\nprint("done")\n',
  );
});

function sweep(program: Partial<FaultProgram>): Promise<FaultSweep> {
  const command = [python, '-X', 'dev', '-X', 'faulthandler', script];
  return sweepFaults({ program: { command, cwd: folder, ...program }, mode: { kind: 'nth' } }, environment());
}

const place = (stack: readonly StackFrame[]): readonly string[] =>
  stack.map(({ file, line }) => `${basename(file ?? '')}:${line}`);
const lineOf = (marker: string): string => `${source}:${markedLine(source, marker)}`;

describe('only what an extension module asks for fails', () => {
  test.each([
    ['its name', 'careless'],
    ['its file', `./careless${suffix}`],
    ['its absolute path', join(folder, `careless${suffix}`)],
  ])('by %s', async (_what, extensionModule) => {
    const swept = await sweep({ command: [python, script], extensionModule });
    expect(swept.clean).toMatchObject({ exitCode: 0, stable: true });
    // Thousands of allocations are Python's own.
    expect(swept.clean.allocations).toBeLessThan(100);
    expect(swept.runs.length).toBe(swept.clean.allocations);
    for (const { injectedStack } of swept.runs) {
      const modules = injectedStack.slice(0, 8).map(frame => basename(frame.module));
      expect(modules).toContain(`careless${suffix}`);
    }
    const crashes = swept.groups.filter(({ verdict }) => verdict === 'crash');
    expect(crashes.map(({ crashStack }) => place(crashStack).find(line => line.startsWith(source)))).toEqual([
      lineOf('pymem crash'),
      lineOf('plain crash'),
    ]);
    expect(crashes.map(({ injectedStack }) => place(injectedStack).find(line => line.startsWith(source)))).toEqual([
      lineOf('pymem'),
      lineOf('plain'),
    ]);
    const careful = swept.runs.find(({ injectedStack }) => place(injectedStack).includes(lineOf('careful')));
    expect(careful).toMatchObject({ verdict: 'cleanError', exitCode: 1 });
    expect(careful?.message).toContain('MemoryError');
  });

  test('the printed command shows the same, and faulthandler hides nothing', async () => {
    const swept = await sweep({ extensionModule: 'careless' });
    const crash = swept.groups.find(({ crashStack }) => place(crashStack).includes(lineOf('plain crash')));
    const [command = '', ...args] = crash?.reproduce ?? [];
    const again = spawnSync(command, args, { encoding: 'utf8' });
    expect(again.signal).toBe('SIGSEGV');
    expect(again.stderr).toContain('Fatal Python error: Segmentation fault');
    expect(again.stderr).toContain('use.py", line 3');
  });
});

test.each<[string, Partial<FaultProgram>, RegExp]>([
  ['no Python', { command: ['/bin/true'], extensionModule: 'careless' }, /\/bin\/true is no Python/u],
  ['a module that is not there', { extensionModule: 'nowhere' }, /finds no module nowhere/u],
  ['a package that is not there', { extensionModule: 'no.where' }, /finds no module no\.where \(ModuleNotFoundError/u],
  ['a module in Python', { extensionModule: 'json' }, /json is .*__init__\.py, which is no machine code/u],
  ['a module that is built in', { extensionModule: 'sys' }, /sys is built into \/usr\/bin\/python3/u],
  ['a file that is not there', { extensionModule: './nowhere.so' }, /no extension module .*nowhere\.so/u],
])('%s is said', async (_what, program, sentence) => {
  await expect(sweep(program)).rejects.toMatchObject({
    kind: 'invalidParams',
    message: expect.stringMatching(sentence),
  });
});
