import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DependencyTree } from '../../language-server/protocol/dependencies.ts';
import type { Inspection } from '../../language-server/protocol/elf.ts';
import type { FaultSweep } from '../../language-server/protocol/faults.ts';
import type { DoctorReport } from '../../language-server/protocol/tools.ts';
import type { Verification } from '../../language-server/protocol/verify.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { commandLineIn } from '../support/command-line.ts';
import { bundle } from '../support/language-client.ts';
import { processesNaming, until } from '../support/processes.ts';
import { compileLibrary, compileProgram } from '../support/sample-files.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder();
const env = { ...process.env, XDG_CACHE_HOME: temporaryFolder(), LD_LIBRARY_PATH: '' };

const { run: cli, json } = commandLineIn(folder, env);

interface Inspections {
  readonly files: readonly Inspection[];
}

const library = compileLibrary(folder, 'libplain.so', '#include <stdio.h>\nint plain(void) { return puts("x"); }', [
  '-Wl,-soname,libplain.so.1',
]);
compileLibrary(folder, 'libgone.so', 'int gone(void) { return 1; }', ['-Wl,-soname,libgone-for-good.so']);
const broken = compileLibrary(folder, 'libbroken.so', 'int gone(void); int broken(void) { return gone(); }', [
  `-L${folder}`,
  '-lgone',
]);

describe('help', () => {
  test('names every verb', async () => {
    const { stdout, exitCode } = await cli('--help');
    expect(exitCode).toBe(0);
    for (const verb of ['inspect', 'tree', 'disassemble', 'faults', 'lint', 'doctor', 'lsp']) {
      expect(stdout).toMatch(new RegExp(`^  ${verb}\\b`, 'mu'));
    }
  });

  test.each(['inspect', 'tree', 'disassemble', 'faults', 'lint', 'doctor', 'lsp'])('of %s', async verb => {
    const { stdout, exitCode } = await cli(verb, '--help');
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`binary-detective ${verb}`);
  });

  test('the version is the one of the package', async () => {
    expect((await cli('--version')).stdout.trim()).toBe(packageJson.version);
  });

  test.each([[['nonsense']], [['inspect']], [['tree', '--no-such', 'x']], [['inspect', '--format', 'xml', 'x']]])(
    'is offered for %j, which cannot be run',
    async args => {
      const { exitCode, stderr } = await cli(...args);
      expect(exitCode).toBe(2);
      expect(stderr).toContain('--help');
    },
  );
});

describe('inspect', () => {
  test('prints JSON of the documented shape', async () => {
    const { exitCode, answer } = await json<Inspections>('inspect', library);
    expect(exitCode).toBe(0);
    expect(answer.schema).toBe('binary-detective/inspect@1');
    expect(answer.files).toHaveLength(1);
    expect(answer.files[0]).toMatchObject({
      path: library,
      kind: 'shared-library',
      class: 64,
      byteOrder: 'little',
      type: 'ET_DYN',
      soname: 'libplain.so.1',
      needed: ['libc.so.6'],
      rpath: null,
      runpath: null,
      hardening: { relro: { verdict: expect.any(String), evidence: expect.any(String) } },
      floors: { GLIBC: { version: expect.stringMatching(/^2\./u) } },
      findings: [],
    });
  });

  test('text names what is there', async () => {
    const { stdout } = await cli('inspect', 'libplain.so');
    expect(stdout).toContain('libplain.so.1');
    expect(stdout).toContain('libc.so.6');
  });

  test('goes on behind a file that cannot be inspected', async () => {
    const { exitCode, stdout, stderr } = await cli('inspect', 'absent.so', 'libplain.so');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('absent.so');
    expect(stdout).toContain('libplain.so.1');
  });

  test('a missing library is a finding', async () => {
    const { exitCode, answer } = await json<Inspections>('inspect', broken);
    expect(exitCode).toBe(1);
    expect(answer.files[0]?.findings.map(({ code }) => code)).toContain('dependencies/missing-library');
  });

  test('takes a name that is not UTF-8 from the shell', async () => {
    const name = Buffer.concat([Buffer.from(`${folder}/bad`), Buffer.from([0xff, 0x2e, 0x73, 0x6f])]);
    writeFileSync(name, readFileSync(library));
    const script = 'exec "$1" "$2" inspect "$(printf "%s/bad\\377.so" "$3")"';
    const { stdout, code } = await new Promise<{ stdout: string; code: number | null }>(resolve => {
      const shell = spawn('sh', ['-c', script, 'sh', process.execPath, bundle, folder], { env });
      let text = '';
      shell.stdout.on('data', chunk => {
        text += String(chunk);
      });
      shell.on('close', code => resolve({ stdout: text, code }));
    });
    expect(code).toBe(0);
    expect(stdout).toContain('bad\\xff.so');
  });

  test('does not mind that nobody reads on', async () => {
    const shell = spawn('sh', [
      '-c',
      '"$1" "$2" inspect "$3" "$3" "$3" | true',
      'sh',
      process.execPath,
      bundle,
      library,
    ]);
    let errors = '';
    shell.stderr.on('data', chunk => {
      errors += String(chunk);
    });
    await new Promise(resolve => shell.on('close', resolve));
    expect(errors).toBe('');
  });
});

describe('tree', () => {
  test('prints what is missing and where it was looked for', async () => {
    const { exitCode, stdout } = await cli('tree', 'libbroken.so');
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/libgone-for-good\.so => not found/u);
    expect(stdout).toMatch(/tried \/\S*libgone-for-good\.so/u);
  });

  test('prints JSON of the documented shape', async () => {
    const { answer } = await json<DependencyTree>('tree', process.execPath);
    expect(answer.schema).toBe('binary-detective/tree@1');
    expect(answer.loadOrder[0]).toBe(answer.root);
    for (const id of answer.loadOrder) expect(answer.objects[id]?.path).toMatch(/^\//u);
  });

  test('follows one name with --why', async () => {
    const { stdout } = await cli('tree', '--why', 'libc.so.6', 'libplain.so');
    expect(stdout).toMatch(/libc\.so\.6 => \/\S+/u);
    expect(stdout).toContain('One path leads there.\n');
    expect((await cli('tree', '--why', 'libnone.so', 'libplain.so')).stdout).toContain('Nothing below');
    const { answer } = await json<{ why: unknown[]; whyComplete: boolean }>(
      'tree',
      '--why',
      'libc.so.6',
      process.execPath,
    );
    expect(answer.why.length).toBeGreaterThan(1);
    expect(answer.whyComplete).toBe(true);
  });

  test('agrees with the loader when asked to verify', async () => {
    const { answer } = await json<{ readonly verification: Verification }>(
      'tree',
      '--verify',
      '--format',
      'json',
      '/bin/ls',
    );
    expect(answer.verification).toMatchObject({ kind: 'agrees' });
    expect((await cli('tree', '--verify', '/bin/ls')).stdout).toMatch(/The loader agrees on all \d+ objects/u);
  });
});

describe('disassemble', () => {
  test('one symbol', async () => {
    const { exitCode, stdout } = await cli('disassemble', 'libplain.so', 'plain');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('<plain>:');
  });

  test('one that is not there', async () => {
    const { exitCode, stderr } = await cli('disassemble', 'libplain.so', 'absent');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('absent');
  });
});

describe('lint', () => {
  const sources = join(folder, 'package');
  mkdirSync(join(sources, 'inner'), { recursive: true });
  writeFileSync(join(sources, 'good.pyx'), 'def f(size_t a):\n    p = <void*>a\n');
  writeFileSync(join(sources, 'inner/bad.pyx'), 'def f(a):\n    p = <void*>a\n');
  writeFileSync(join(sources, 'ignored.py'), 'p = <void*>a\n');

  test('searches folders', async () => {
    const { exitCode, stdout } = await cli('lint', sources);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/inner\/bad\.pyx:2:9: information: /u);
    expect(stdout).toContain('in 2 Cython files');
  });

  test('prints JSON of the documented shape', async () => {
    const { answer } = await json<object>('lint', join(sources, 'inner/bad.pyx'));
    expect(answer).toMatchObject({
      schema: 'binary-detective/lint@1',
      diagnostics: [
        {
          line: 2,
          column: 9,
          endLine: 2,
          endColumn: 17,
          code: 'cython/object-address',
          fixes: expect.arrayContaining([
            { title: 'Write <void*><size_t>a', edits: [expect.objectContaining({ newText: '<size_t>' })] },
          ]),
        },
      ],
    });
  });

  test('finds nothing in good code', async () => {
    expect((await cli('lint', join(sources, 'good.pyx'))).exitCode).toBe(0);
  });

  test('a path that is not there', async () => {
    expect((await cli('lint', join(folder, 'absent'))).exitCode).toBe(2);
  });
});

describe('faults', () => {
  const program = compileProgram(
    folder,
    'careless',
    '#include <stdlib.h>\nint main(int argc, char **argv) {\n  char *p = malloc(1);\n  *p = argv[argc - 1][0];\n  return 0;\n}\n',
  );

  test('finds the crash and its line', async () => {
    const { exitCode, answer } = await json<FaultSweep>('faults', '--', program, '--help');
    expect(exitCode).toBe(1);
    expect(answer).toMatchObject({
      schema: 'binary-detective/faults@1',
      command: [program, '--help'],
      verdicts: { crash: 1 },
      groups: [{ verdict: 'crash', signal: 'SIGSEGV', smallestN: 0, ns: [0] }],
    });
    expect(answer.groups[0]?.crashStack[0]).toMatchObject({ function: 'main', line: 4 });
  });

  test('the command that it names does the same', async () => {
    const { answer } = await json<FaultSweep>('faults', '--', program);
    const [command = '', ...args] = answer.groups[0]?.reproduce ?? [];
    const signal = await new Promise(resolve => {
      spawn(command, args, { stdio: 'ignore' }).on('close', (_code, by) => resolve(by));
    });
    expect(signal).toBe('SIGSEGV');
  });

  test('a program without a bug', async () => {
    const careful = compileProgram(
      folder,
      'careful',
      '#include <stdio.h>\n#include <stdlib.h>\nint main(void) { char *p = malloc(1); if (!p) { fputs("no memory\\n", stderr); return 1; } free(p); return 0; }\n',
    );
    const { exitCode, stdout } = await cli('faults', '--', careful);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('1 of 1 runs: 1 clean error');
  });

  const recovers = compileProgram(
    folder,
    'recovers',
    '#include <stdlib.h>\nint main(void) {\n  char *volatile p = malloc(1);\n  for (int i = 0; i < 3; i++) if (!malloc(9)) return 1;\n  *p = 1;\n  return 0;\n}\n',
  );

  test.each([
    [['--mode', 'nth'], { mode: 'nth', points: 4, firsts: 2 }, 'MALLOC_FAULTS_FAIL=0'],
    [['--mode', 'nth', '--points', 'stacks'], { mode: 'nth', points: 2, firsts: 2 }, 'MALLOC_FAULTS_FAIL=0'],
    [['--mode', 'nth', '--points', '1'], { mode: 'nth', points: 1, firsts: 1 }, 'MALLOC_FAULTS_FAIL=0'],
    [['--mode', 'list:7-,0'], { mode: 'list', points: 1, firsts: 0 }, 'MALLOC_FAULTS_FAIL=7-,0'],
    [['--mode', 'size:0-8'], { mode: 'size', points: 1, firsts: 0 }, 'MALLOC_FAULTS_FAIL=size:0-8'],
  ])('%j', async (options, plan, fails) => {
    const { exitCode, answer } = await json<FaultSweep>('faults', ...options, '--', recovers);
    expect([exitCode, answer.verdicts.crash]).toEqual([1, 1]);
    expect(answer.plan).toMatchObject(plan);
    const crash = answer.groups.find(({ verdict }) => verdict === 'crash');
    expect(crash?.reproduce).toContain(fails);
    expect(crash?.crashStack[0]).toMatchObject({ function: 'main', line: 5 });
  });

  test('a probability has a run for each seed, and the command names the seed', async () => {
    const options = ['--mode', 'probability:1', '--seed', '5', '--seeds', '3'];
    const { exitCode, answer } = await json<FaultSweep>('faults', ...options, '--', program);
    expect(answer.runs.map(({ n, fails }) => [n, fails])).toEqual(
      [5, 6, 7].map(seed => [seed, `MALLOC_FAULTS_FAIL=probability:1:${seed}`]),
    );
    expect([exitCode, answer.groups[0]?.ns]).toEqual([1, [5, 6, 7]]);
  });

  test.each([
    [['--mode', 'often']],
    [['--mode', 'every:0']],
    [['--mode', 'list:3-1']],
    [['--mode', 'probability:2']],
    [['--points', 'some']],
    [['--seed', '3']],
  ])('%j is refused with a sentence', async options => {
    const { exitCode, stderr } = await cli('faults', ...options, '--', program);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/one of|whole number|not a list|probability|stacks/u);
  });

  test('Ctrl-C leaves no process behind', async () => {
    const name = 'never-ends-by-itself';
    const sleeper = compileProgram(
      folder,
      name,
      '#include <stdlib.h>\n#include <unistd.h>\nint main(void) { free(malloc(1)); for (;;) pause(); }\n',
    );
    const started = spawn(process.execPath, [bundle, 'faults', '--', sleeper], { stdio: 'ignore', env });
    const ended = new Promise(resolve => started.on('close', resolve));
    await until(() => processesNaming(name).length > 1);
    started.kill('SIGINT');
    expect(await ended).toBe(2);
    await until(() => processesNaming(name).length === 0);
  });
});

test('doctor tells where it looked', async () => {
  const { answer } = await json<Pick<DoctorReport, 'tools'>>('doctor');
  expect(answer.schema).toBe('binary-detective/doctor@1');
  for (const { path } of answer.tools) if (path !== null) expect(existsSync(path)).toBe(true);
});
