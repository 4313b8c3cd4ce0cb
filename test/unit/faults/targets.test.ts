import { execFileSync } from 'node:child_process';
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sweepFaults } from '../../../language-server/faults/sweep.ts';
import { findTargets } from '../../../language-server/faults/targets/find-targets.ts';
import type { FaultTargets, FaultTargetsParams } from '../../../language-server/protocol/fault-targets.ts';
import { faultsFixture } from '../../support/faults-fixture.ts';

const { folder: base, door, environment } = faultsFixture();
const signal = new AbortController().signal;
const root = realpathSync(base);

const find = (params: Partial<FaultTargetsParams>, folder = root): Promise<FaultTargets> =>
  findTargets({ folder, ...params }, door, signal);

function newFolder(name: string): string {
  const path = join(root, name);
  mkdirSync(path, { recursive: true });
  return path;
}

describe('settings', () => {
  test('a target has all that it names, with its variables replaced', async () => {
    const { targets, problems } = await find({
      folders: { other: '/srv/other' },
      config: { 'cmake.buildDirectory': '/b' },
      targets: [
        {
          name: 'all of it',
          program: '$' + '{workspaceFolder}/app',
          args: ['$' + '{workspaceFolder:other}/x', '$' + '{config:cmake.buildDirectory}', '$' + '{userHome}'],
          cwd: 'run',
          env: { WHERE: '$' + '{workspaceFolderBasename}' },
          stdin: 'in.txt',
          build: ['make', 'app'],
          cleanError: { exitCodes: [1, 2], output: 'memory' },
          deadlineSeconds: 2.5,
          mode: 'list:5,8-20',
          points: 'stacks',
          extensionModule: 'fast',
          scope: { includeLibraries: ['libx*'], frames: 8, start: 'main' },
        },
      ],
    });
    expect(problems).toEqual([]);
    expect(targets).toEqual([
      {
        id: 'settings:all of it',
        name: 'all of it',
        source: 'settings',
        mode: { kind: 'list', numbers: '5,8-20' },
        points: 'stacks',
        scope: { includeLibraries: ['libx*'], frames: 8, start: 'main' },
        program: {
          command: [`${root}/app`, '/srv/other/x', '/b', homedir()],
          cwd: `${root}/run`,
          env: { WHERE: root.slice(root.lastIndexOf('/') + 1) },
          stdin: `${root}/run/in.txt`,
          build: ['make', 'app'],
          deadlineSeconds: 2.5,
          cleanError: { exitCodes: [1, 2], output: 'memory' },
          extensionModule: 'fast',
        },
      },
    ]);
  });

  test('the setting that came before is still read', async () => {
    const { targets } = await find({ programs: [{ command: ['./old', '-x'], cwd: '/tmp' }] });
    expect(targets).toMatchObject([{ name: './old -x', program: { command: ['./old', '-x'], cwd: '/tmp' } }]);
  });

  test.each([
    ['is not an object', 7, 'entry 1: it is not an object.'],
    ['has no program', { name: 'x' }, '"x": "program" must be the path of a program'],
    ['has two programs', { program: 'a', command: ['b'] }, '"program" and "command" are both there'],
    ['has arguments that are no list', { program: 'a', args: 'b' }, '"args" must be a list of texts.'],
    ['has a number in its environment', { program: 'a', env: { A: 1 } }, '"env" must map names to texts; A has none.'],
    ['has no such mode', { program: 'a', mode: 'all' }, '"mode" is "all". It is one of fromNth, nth'],
    ['has a step of 0', { program: 'a', mode: 'every:0' }, 'A step is a whole number from 1 on'],
    ['has an exit status of success', { program: 'a', cleanError: { exitCodes: [0] } }, 'numbers from 1 to 255'],
    ['has a deadline beyond all', { program: 'a', deadlineSeconds: 1e9 }, '"deadlineSeconds" must be from 0 to 3600.'],
    ['has a scope of its own making', { program: 'a', scope: { libraries: [] } }, '"scope" has "libraries", and knows'],
    [
      'has too many frames',
      { program: 'a', scope: { frames: 65 } },
      '"scope.frames" must be a whole number from 1 to 64.',
    ],
    ['asks the editor', { program: '$' + '{file}' }, '$' + '{file} depends on the editor that is open'],
    ['asks a person', { program: 'a', args: ['$' + '{input:x}'] }, 'only known when somebody is asked'],
    ['names no folder', { program: '$' + '{workspaceFolder:gone}' }, 'no folder of this workspace has that name'],
    ['is made up', { program: '$' + '{nonsense}' }, '$' + '{nonsense} is not a variable that is known here.'],
    ['names no setting', { program: '$' + '{config:toString}' }, 'there is no such setting'],
  ])('an entry that %s gets its sentence, and the others are kept', async (_what, entry, sentence) => {
    const { targets, problems } = await find({ targets: [entry, { name: 'good', program: 'true' }] });
    expect(targets.map(({ name }) => name)).toEqual(['good']);
    expect(problems).toEqual([expect.stringContaining(sentence)]);
    expect(problems[0]).toMatch(/^binaryDetective\.faults\.targets, /u);
  });

  test('what is no list at all is said', async () => {
    expect(await find({ targets: { program: 'a' } })).toEqual({
      targets: [],
      problems: ['binaryDetective.faults.targets is not a list.'],
    });
  });

  test('of two with one name the first is taken, and that is said', async () => {
    const { targets, problems } = await find({
      targets: [
        { name: 'a', program: 'x' },
        { name: 'a', program: 'y' },
      ],
    });
    expect(targets.map(({ program }) => program.command)).toEqual([['x']]);
    expect(problems).toEqual(['The name "a" is there twice; the first is taken.']);
  });
});

describe('launch.json', () => {
  test('cpptools, CodeLLDB, lldb-dap and gdb each say it in their own way', async () => {
    const folder = newFolder('launch');
    writeFileSync(join(folder, '.env'), '# comment\nexport A=1\nB="two words"\n');
    const { targets, problems } = await find(
      {
        launch: [
          {
            ...{ type: 'cppdbg', request: 'launch', name: 'cpptools', program: '$' + '{workspaceFolder}/app' },
            ...{ args: ['-v', '<', 'in.txt'], cwd: '/tmp', environment: [{ name: 'C', value: '$' + '{userHome}' }] },
            ...{ envFile: '$' + '{workspaceFolder}/.env', MIMode: 'gdb', linux: { args: ['-q', '<', 'linux.txt'] } },
          },
          {
            ...{
              type: 'lldb',
              request: 'launch',
              name: 'CodeLLDB',
              program: 'build/app',
              args: `one 'two three' "fo\\"ur"`,
            },
            ...{ env: { D: '4' }, stdio: ['in.txt', null, null] },
          },
          { type: 'lldb-dap', request: 'launch', name: 'lldb-dap', program: 'app', env: ['E=5=5'] },
          { type: 'gdb', request: 'launch', name: 'gdb', target: './bin/app', arguments: 'x y' },
          { type: 'python', request: 'launch', name: 'no', program: 'x.py' },
          { type: 'cppdbg', request: 'attach', name: 'no', program: 'x' },
          { type: 'cppdbg', request: 'launch', name: 'no', program: 'x', coreDumpPath: 'core' },
        ],
      },
      folder,
    );
    expect(problems).toEqual([]);
    expect(targets.map(({ id, program }) => [id, program])).toEqual([
      [
        'launch:cpptools',
        {
          command: [`${folder}/app`, '-q'],
          cwd: '/tmp',
          env: { A: '1', B: 'two words', C: homedir() },
          stdin: '/tmp/linux.txt',
        },
      ],
      [
        'launch:CodeLLDB',
        {
          command: [`${folder}/build/app`, 'one', 'two three', 'fo"ur'],
          cwd: folder,
          env: { D: '4' },
          stdin: `${folder}/in.txt`,
        },
      ],
      ['launch:lldb-dap', { command: ['app'], cwd: folder, env: { E: '5=5' } }],
      ['launch:gdb', { command: [`${folder}/bin/app`, 'x', 'y'], cwd: folder }],
    ]);
  });

  test('what only VS Code knows when debugging starts is said by name', async () => {
    const launch = [
      { type: 'cppdbg', request: 'launch', name: 'CMake', program: '$' + '{command:cmake.launchTargetPath}' },
      { type: 'lldb', request: 'launch', name: 'open', program: 'app', args: `"never closed` },
    ];
    const { targets, problems } = await find({ launch });
    expect(targets).toEqual([]);
    expect(problems).toEqual([
      expect.stringContaining(
        'launch.json, "CMake": "program": $' + '{command:cmake.launchTargetPath} is only known when',
      ),
      'launch.json, "open": "args": a quotation mark is not closed.',
    ]);
  });
});

const source = `#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int main(int argc, char **argv) {
  char *name = malloc(64);
  strcpy(name, getenv("GREETING") == NULL ? "nothing" : getenv("GREETING"));
  return argc > 1 && strcmp(name, argv[1]) != 0;
}
`;

describe('build folders', () => {
  test('tests of CTest have command, folder, environment and the line that adds them; they can be swept', async () => {
    const folder = newFolder('with cmake');
    writeFileSync(join(folder, 'greets.c'), source);
    const lists = [
      'cmake_minimum_required(VERSION 3.14)',
      'project(greets C)',
      'enable_testing()',
      'add_executable(greets greets.c)',
      'add_test(NAME greets COMMAND greets "good day")',
      'set_tests_properties(greets PROPERTIES ENVIRONMENT "GREETING=good day" WORKING_DIRECTORY /tmp)',
      'add_test(NAME off COMMAND greets)',
      'set_tests_properties(off PROPERTIES DISABLED TRUE)',
    ];
    writeFileSync(join(folder, 'CMakeLists.txt'), lists.join('\n'));
    execFileSync('cmake', ['-S', folder, '-B', join(folder, 'build'), '-DCMAKE_BUILD_TYPE=Debug'], { stdio: 'pipe' });
    // Nothing has been built: CTest has no program to run yet.
    expect((await find({ tests: true }, folder)).targets).toEqual([]);
    execFileSync('cmake', ['--build', join(folder, 'build')], { stdio: 'pipe' });

    const { targets, problems } = await find({ tests: true }, folder);
    expect(problems).toEqual([]);
    expect(targets).toEqual([
      {
        id: 'ctest:build: greets',
        name: 'build: greets',
        source: 'ctest',
        program: {
          command: [join(folder, 'build/greets'), 'good day'],
          cwd: '/tmp',
          env: { GREETING: 'good day' },
        },
        declared: {
          path: join(folder, 'CMakeLists.txt'),
          line: 1 + lists.findIndex(line => line.startsWith('add_test')),
        },
      },
    ]);
    const [target] = targets;
    if (target === undefined) throw new Error('There is no target.');
    const swept = await sweepFaults({ program: target.program }, environment());
    expect(swept.clean.exitCode).toBe(0);
    expect(swept.groups).toMatchObject([
      { verdict: 'crash', crashStack: expect.arrayContaining([expect.objectContaining({ line: 6 })]) },
    ]);
  });

  test('a broken CTestTestfile.cmake is said', async () => {
    const folder = newFolder('broken');
    mkdirSync(join(folder, 'build'));
    writeFileSync(join(folder, 'build/CMakeCache.txt'), '');
    writeFileSync(join(folder, 'build/CTestTestfile.cmake'), 'message(FATAL_ERROR "it is broken")');
    const { targets, problems } = await find({ tests: true }, folder);
    expect(targets).toEqual([]);
    expect(problems).toEqual([expect.stringMatching(/^Tests of CTest in .*broken\/build: /u)]);
  });

  test('tests of Meson come from its own notes, and can be swept', async () => {
    const folder = newFolder('with-meson');
    writeFileSync(join(folder, 'greets.c'), source);
    writeFileSync(
      join(folder, 'meson.build'),
      [
        "project('greets', 'c')",
        "greets = executable('greets', 'greets.c')",
        "test('greets well', greets, args: ['good day'], env: {'GREETING': 'good day'}, workdir: '/tmp')",
      ].join('\n'),
    );
    execFileSync('meson', ['setup', 'builddir'], { cwd: folder, stdio: 'pipe' });
    execFileSync('ninja', ['-C', 'builddir'], { cwd: folder, stdio: 'pipe' });
    const { targets, problems } = await find({ tests: true }, folder);
    expect(problems).toEqual([]);
    expect(targets).toEqual([
      {
        id: 'meson:builddir: greets well',
        name: 'builddir: greets well',
        source: 'meson',
        program: {
          command: [join(folder, 'builddir/greets'), 'good day'],
          cwd: '/tmp',
          env: { GREETING: 'good day' },
        },
      },
    ]);
    const [target] = targets;
    if (target === undefined) throw new Error('There is no target.');
    expect((await sweepFaults({ program: target.program }, environment())).verdicts.crash).toBe(1);
  });

  test('notes of Meson that cannot be read are said', async () => {
    const folder = newFolder('meson-broken');
    for (const name of ['meson-info', 'meson-private']) mkdirSync(join(folder, name));
    writeFileSync(join(folder, 'meson-info/intro-tests.json'), '[{');
    const { targets, problems } = await find({ tests: true }, folder);
    expect(targets).toEqual([]);
    expect(problems).toEqual([expect.stringContaining('intro-tests.json cannot be read')]);
  });
});
