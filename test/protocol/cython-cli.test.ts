import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Log } from 'sarif';
import { describe, expect, test } from 'vitest';
import { commandLineIn } from '../support/command-line.ts';
import { sarifProblems } from '../support/sarif-schema.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const sources: Readonly<Record<string, string>> = {
  'src/object.pyx': 'def f(a, ptr):\n    p = <void*>a\n    q = <void*>ptr; r = <void*>ptr\n',
  'src/inner/narrow.pyx': 'def f(ptr):\n    return <size_t><void*><int>ptr\n',
  'fine/fine.pyx': 'def f(size_t a):\n    p = <void*>a\n',
  'hint/hint.pyx': 'def f(a, obj):\n    p = <void*>obj\n',
};
const object = 'cython/object-address';
const narrow = 'cython/narrow-address';

/** A project of its own for each test. */
function project(files: Readonly<Record<string, string>> = {}) {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries({ ...sources, ...files })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  return { folder, read, ...commandLineIn(folder, { ...process.env, NO_COLOR: '1' }) };
}

interface LintAnswer {
  readonly diagnostics: readonly { readonly code: string; readonly severity: string; readonly path: string }[];
  readonly fixed: readonly { readonly code: string; readonly line: number; readonly title: string }[];
}

describe('which codes', () => {
  const { json, run } = project();
  test.each([
    [[], [narrow, object]],
    [
      ['--select', 'cython'],
      [narrow, object],
    ],
    [['--select', narrow], [narrow]],
    [['--ignore', narrow], [object]],
    [
      ['--select', narrow, '--select', object],
      [narrow, object],
    ],
    [
      ['--select', `${narrow}, ${object}`],
      [narrow, object],
    ],
    [['--select', object, '--ignore', 'cython'], [object]],
    [['--ignore', 'cython'], []],
  ])('%j', async (flags, expected) => {
    const { exitCode, answer } = await json<LintAnswer>('lint', ...flags, 'src');
    expect([...new Set(answer.diagnostics.map(({ code }) => code))].toSorted()).toEqual(expected);
    expect(exitCode).toBe(expected.length > 0 ? 1 : 0);
  });

  test.each([['cython/nothing'], ['E501'], [''], ['cython/object']])(
    'there is no %j, and those that are',
    async code => {
      const { exitCode, stdout, stderr } = await run('lint', 'src', '--select', code);
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
      expect(stderr).toContain(`There is no code "${code}"; the codes are `);
      expect(stderr).toContain(object);
      expect(stderr).toContain(narrow);
    },
  );

  test('a file that is named twice is told of once', async () => {
    const { stdout } = await run('lint', 'src', './src/inner', 'src/object.pyx');
    expect(stdout).toContain('4 findings in 2 Cython files.');
  });
});

describe('--fix', () => {
  test('applies what is preferred, says so, and leaves a tree that is clean', async () => {
    const { run, read } = project();
    const { exitCode, stdout } = await run('lint', '--fix', 'src');
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: [
        `src/object.pyx:2:9: fixed: Write <void*><size_t>a [${object}]`,
        `src/object.pyx:3:9: fixed: Write <void*><size_t>ptr [${object}]`,
        `src/object.pyx:3:25: fixed: Write <void*><size_t>ptr [${object}]`,
        `src/inner/narrow.pyx:2:20: fixed: Write size_t [${narrow}]`,
        '4 fixed, 0 findings left in 2 Cython files.',
        '',
      ].join('\n'),
    });
    expect(read('src/object.pyx')).toBe(
      'def f(a, ptr):\n    p = <void*><size_t>a\n    q = <void*><size_t>ptr; r = <void*><size_t>ptr\n',
    );
    expect((await run('lint', 'src')).exitCode).toBe(0);
  });

  test('only of what is selected', async () => {
    const { json, read } = project();
    const { answer, exitCode } = await json<LintAnswer>('lint', '--fix', '--select', narrow, 'src');
    expect(exitCode).toBe(0);
    expect(answer.fixed).toMatchObject([{ code: narrow, line: 2, title: 'Write size_t' }]);
    expect(read('src/object.pyx')).toBe(sources['src/object.pyx']);
  });

  test('of a hint only where its code is named', async () => {
    const { run, read } = project();
    expect((await run('lint', '--fix', '--select', 'cython', 'hint')).stdout).toContain('1 finding in 1 Cython file.');
    expect(read('hint/hint.pyx')).toBe(sources['hint/hint.pyx']);
    await run('lint', '--fix', '--select', object, 'hint');
    expect(read('hint/hint.pyx')).toBe('def f(a, obj):\n    p = <void*><size_t>obj\n');
  });

  test('keeps every byte that it does not change', async () => {
    const { run, folder } = project();
    const path = join(folder, 'src/latin.pyx');
    const bytes = (cast: string): Buffer =>
      Buffer.concat([
        Buffer.from([0xef, 0xbb, 0xbf]),
        Buffer.from(`# -*- coding: latin-1 -*-\r\ns = b"\xe9"\r\ndef f(a): p = ${cast}\r\n`, 'latin1'),
      ]);
    writeFileSync(path, bytes('<void*>a'));
    expect((await run('lint', '--fix', 'src/latin.pyx')).exitCode).toBe(0);
    expect(readFileSync(path)).toEqual(bytes('<void*><size_t>a'));
  });

  test('without a preferred fix changes nothing', async () => {
    const text = 'def f(a): p = <void*>a.data\n';
    const { run, read } = project({ 'src/data.pyx': text });
    expect((await run('lint', '--fix', 'src/data.pyx')).exitCode).toBe(1);
    expect(read('src/data.pyx')).toBe(text);
  });
});

describe('SARIF', () => {
  test('is valid by the schema of the standard, with places, rules and fixes', async () => {
    const { run } = project();
    const { exitCode, stdout } = await run('lint', '--format', 'sarif', 'src', 'nowhere.pyx');
    const log = JSON.parse(stdout) as Log;
    expect(exitCode).toBe(2);
    expect(sarifProblems(log)).toBeNull();
    const [sarif] = log.runs;
    expect(sarif?.tool.driver.rules?.map(({ id }) => id)).toEqual([narrow, object]);
    expect(sarif?.results?.[0]).toMatchObject({
      ruleId: object,
      level: 'note',
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'src/object.pyx', uriBaseId: '%SRCROOT%' },
            region: { startLine: 2, startColumn: 9, endLine: 2, endColumn: 17 },
          },
        },
      ],
      fixes: [
        {
          artifactChanges: [
            {
              replacements: [
                {
                  deletedRegion: { startLine: 2, startColumn: 16, endColumn: 16 },
                  insertedContent: { text: '<size_t>' },
                },
              ],
            },
          ],
        },
        // The parameter may be declared instead, in two ways.
        {},
        {},
      ],
    });
    const prints = sarif?.results?.map(({ partialFingerprints }) => partialFingerprints?.['binaryDetective/v1']) ?? [];
    expect(new Set(prints).size).toBe(4);
    expect(sarif?.invocations).toMatchObject([{ executionSuccessful: false, toolExecutionNotifications: [{}] }]);
  });

  test('is valid where there is nothing to tell', async () => {
    const { run } = project();
    const { exitCode, stdout } = await run('lint', '--format', 'sarif', 'fine');
    expect(exitCode).toBe(0);
    expect(sarifProblems(JSON.parse(stdout))).toBeNull();
  });
});

test('annotations of GitHub, a line each, and the count where it disturbs none', async () => {
  const { run } = project();
  const { exitCode, stdout, stderr } = await run('lint', '--format', 'github', './src');
  expect(exitCode).toBe(1);
  const lines = stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(4);
  expect(lines[0]).toMatch(
    /^::notice file=src\/object\.pyx,line=2,col=9,endLine=2,endColumn=17,title=Binary Detective%3A cython\/object-address::"a" is /u,
  );
  expect(lines[1]).toMatch(/^::warning /u);
  expect(stderr).toBe('4 findings in 2 Cython files.\n');
});

describe('pyproject.toml', () => {
  const table = (...lines: readonly string[]): Readonly<Record<string, string>> => ({
    'pyproject.toml': `[tool.binary-detective]\n${lines.join('\n')}\n`,
  });
  const codes = async (files: Readonly<Record<string, string>>, ...flags: readonly string[]) => {
    const { answer } = await project(files).json<LintAnswer>('lint', ...flags, 'src');
    return [...new Set(answer.diagnostics.map(({ code }) => code))];
  };

  test('selects and ignores, and the command line wins', async () => {
    const ignoring = table(`ignore = ["${narrow}"]`);
    const selecting = table(`select = ["${narrow}"]`);
    expect(await codes(ignoring)).toEqual([object]);
    expect(await codes(ignoring, '--select', narrow)).toEqual([narrow]);
    expect(await codes(ignoring, '--ignore', object)).toEqual([narrow]);
    expect(await codes(selecting)).toEqual([narrow]);
    expect(await codes(selecting, '--select', object)).toEqual([object]);
    expect(await codes(selecting, '--ignore', 'cython')).toEqual([]);
  });

  test('sets severities, which count', async () => {
    const { json } = project(table(`severity = { "${object}" = "error", "${narrow}" = "off" }`));
    const { answer, exitCode } = await json<LintAnswer>('lint', 'src', 'hint');
    expect(answer.diagnostics.map(({ code, severity }) => [code, severity])).toEqual([
      [object, 'error'],
      [object, 'error'],
      [object, 'error'],
      [object, 'hint'],
    ]);
    expect(exitCode).toBe(1);
    const off = project(table(`severity = { "${object}" = "off", "${narrow}" = "off" }`));
    expect((await off.run('lint', 'src')).exitCode).toBe(0);
  });

  test('with junk says where, once, looks on, and does not pass for clean', async () => {
    const { run, folder } = project(table('selct = 1', `ignore = ["cython"]`));
    const { exitCode, stdout, stderr } = await run('lint', 'src', 'fine');
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '0 findings in 3 Cython files.\n' });
    expect(stderr).toBe(
      `binary-detective: ${folder}/pyproject.toml: tool.binary-detective has no key "selct"; its keys are select, ignore, severity.\n`,
    );
  });
});

test('the hooks of pre-commit run what there is', async () => {
  const hooks = readFileSync(new URL('../../.pre-commit-hooks.yaml', import.meta.url), 'utf8');
  const entries = [...hooks.matchAll(/^ {2}entry: binary-detective (.+)$/gmu)].map(match => match[1]?.split(' ') ?? []);
  const files = new RegExp(/^ {2}files: (.+)$/mu.exec(hooks)?.[1] ?? '', 'u');
  expect(Object.keys(sources).every(name => files.test(name))).toBe(true);
  expect(files.test('src/a.py')).toBe(false);
  const { run, folder } = project();
  expect(entries).toHaveLength(2);
  for (const entry of entries) expect((await run(...entry, 'src/object.pyx')).stdout).toMatch(/: (fixed|warning): /u);
  cpSync(join(folder, 'fine/fine.pyx'), join(folder, 'copy.pyx'));
  for (const entry of entries) expect((await run(...entry, 'copy.pyx')).exitCode).toBe(0);
});
