import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readEnvironment } from '../../../language-server/environment/read-environment.ts';
import type { EnvironmentReport, VariableReport } from '../../../language-server/protocol/environment.ts';
import { buildIn, runIn } from '../../support/explain-errors.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder();

beforeAll(async () => {
  await buildIn(
    folder,
    `printf 'int one(void){return 1;}' > one.c; cc -shared -fPIC -Wl,-soname,libone.so -o libone.so one.c; printf 'int one(void);int main(void){return one()-1;}' > main.c
     cc -o app main.c ./libone.so; mkdir lib other system; mv libone.so lib; cp /lib/x86_64-linux-gnu/libc.so.6 system; printf 'int p;' > p.c; cc -shared -fPIC -o libpre.so p.c
     printf 'int main(void){return 0;}' > m.c; musl-gcc -o muslapp m.c; cc -static -o static m.c`,
  );
});

function report(variables: Record<string, string>, file: string | null = 'app'): Promise<EnvironmentReport> {
  return readEnvironment(
    {
      file: file === null ? null : join(folder, file),
      variables,
      whose: 'given',
      cwd: folder,
    },
    new AbortController().signal,
  );
}

async function variable(name: string, value: string, file: string | null = 'app'): Promise<VariableReport> {
  const { variables } = await report({ [name]: value }, file);
  const found = variables.find(candidate => candidate.name === name);
  if (found === undefined) throw new Error(`${name} is not told`);
  return found;
}

const codes = async (variables: Record<string, string>, file: string | null = 'app'): Promise<readonly string[]> =>
  (await report(variables, file)).findings.map(({ code }) => code).filter(code => !code.includes('cuda'));

describe('LD_LIBRARY_PATH', () => {
  test('tells for each element what of the tree comes from it, as the loader finds it', async () => {
    const value = `${folder}/lib:${folder}/other:/nowhere:${folder}/system`;
    const { effect, effectText, entries } = await variable('LD_LIBRARY_PATH', value);
    expect(effect).toBe('used');
    expect(effectText).toMatch(
      /^2 of this tree come from it, 1 instead of another file, 1 that would not be found without it\. 1 of its 4/u,
    );
    expect(entries.map(({ state, objects }) => [state, objects.length])).toEqual([
      ['found', 1],
      ['found', 0],
      ['missing', 0],
      ['found', 1],
    ]);
    expect(entries[0]?.objects).toEqual([{ path: `${folder}/lib/libone.so`, insteadOf: null }]);
    expect(entries[3]?.objects).toEqual([
      { path: `${folder}/system/libc.so.6`, insteadOf: '/lib/x86_64-linux-gnu/libc.so.6' },
    ]);
    const listed = await runIn(folder, `env LD_LIBRARY_PATH=${value} LD_TRACE_LOADED_OBJECTS=1 ./app`);
    for (const { path } of entries.flatMap(({ objects }) => objects)) expect(listed.text).toContain(`=> ${path} (`);
  });

  test('tells what is wrong with its elements', async () => {
    mkdirSync(join(folder, 'open'), { recursive: true });
    chmodSync(join(folder, 'open'), 0o777);
    const { entries } = await variable('LD_LIBRARY_PATH', `:lib;~/lib:${folder}/open:${folder}/main.c`);
    expect(entries.map(({ written }) => written)).toEqual(['', 'lib', '~/lib', `${folder}/open`, `${folder}/main.c`]);
    expect(entries.map(({ notes }) => notes.join())).toEqual([
      expect.stringMatching(/^an empty element: the working directory/u),
      expect.stringMatching(/^a relative path/u),
      expect.stringMatching(/the loader knows no ~/u),
      expect.stringMatching(/^anybody may write there/u),
      '',
    ]);
    expect(entries[4]?.state).toBe('other-kind');
    expect(await codes({ LD_LIBRARY_PATH: `:${folder}/open:/nowhere` })).toEqual([
      'environment/empty-entry',
      'environment/writable-entry',
      'environment/dead-entry',
    ]);
  });

  test('tells that a library of the system is put aside', async () => {
    expect(await codes({ LD_LIBRARY_PATH: `${folder}/system` })).toContain('environment/shadowed-library');
    expect(await codes({ LD_LIBRARY_PATH: `${folder}/lib` })).toEqual([]);
  });

  test('is nothing where it is empty, and nothing of a tree that does without', async () => {
    expect(await variable('LD_LIBRARY_PATH', '')).toMatchObject({ effect: 'ignored' });
    expect(await variable('LD_LIBRARY_PATH', `${folder}/other`)).toMatchObject({ effect: 'unused' });
    expect(await variable('LD_LIBRARY_PATH', `${folder}/lib`, 'static')).toMatchObject({ effect: 'ignored' });
  });

  test('is dropped for setuid programs', async () => {
    await buildIn(folder, 'cp app setuid; chmod 4755 setuid');
    expect(await variable('LD_LIBRARY_PATH', `${folder}/lib`, 'setuid')).toMatchObject({
      effect: 'ignored',
      effectText: expect.stringContaining('setuid'),
    });
  });
});

describe('other variables', () => {
  test('LD_PRELOAD: what is there, and what is not', async () => {
    const { entries } = await variable('LD_PRELOAD', `${folder}/libpre.so:/nowhere/x.so`);
    expect(entries.map(({ state }) => state)).toEqual(['found', 'missing']);
    expect(entries[0]?.objects).toEqual([{ path: `${folder}/libpre.so`, insteadOf: null }]);
  });

  test('what glibc looks at is nothing for musl', async () => {
    expect(await variable('LD_AUDIT', `${folder}/libpre.so`, 'muslapp')).toMatchObject({ effect: 'ignored' });
    expect(await variable('LD_AUDIT', `${folder}/libpre.so`)).toMatchObject({ effect: 'dangerous' });
    expect(await variable('LD_BIND_NOW', '1', 'muslapp')).toMatchObject({ effect: 'used' });
  });

  test.each([
    ['LD_DEBUG', 'all', 'dangerous', ['environment/dangerous-variable']],
    ['LD_POINTER_GUARD', '0', 'ignored', ['environment/ignored-variable']],
    ['LD_TYPO', '1', 'ignored', ['environment/ignored-variable']],
    ['DYLD_LIBRARY_PATH', '/x', 'ignored', ['environment/ignored-variable']],
    ['MALLOC_CHECK_', '3', 'ignored', ['environment/ignored-variable']],
    ['MALLOC_ARENA_MAX', '1', 'used', []],
    ['GLIBC_TUNABLES', 'glibc.malloc.arena_max=1', 'used', []],
    ['GLIBC_TUNABLES', 'glibc.malloc.no_such=1', 'ignored', ['environment/unknown-tunable']],
    ['PYTHONHOME', '/nowhere', 'unused', ['environment/dead-entry', 'environment/python-home']],
    ['PYTHONUNBUFFERED', '1', 'unused', []],
    ['CUDA_VISIBLE_DEVICES', '', 'used', []],
  ] as const)('%s=%s is %s', async (name, value, effect, found) => {
    expect(await variable(name, value)).toMatchObject({ effect });
    expect(await codes({ [name]: value })).toEqual(found);
  });

  test('MALLOC_CHECK_ does something where the debugging library is preloaded', async () => {
    const { variables } = await report({ MALLOC_CHECK_: '3', LD_PRELOAD: 'libc_malloc_debug.so.0' });
    expect(variables.find(({ name }) => name === 'MALLOC_CHECK_')).toMatchObject({ effect: 'used' });
  });

  test('PYTHONHOME is right where the standard library is, as Python itself finds it', async () => {
    expect(await codes({ PYTHONHOME: '/usr' }, null)).toEqual([]);
    expect((await runIn(folder, '/usr/bin/python3 -c pass', { PYTHONHOME: '/usr' })).exitCode).toBe(0);
    const wrong = await runIn(folder, '/usr/bin/python3 -c pass', { PYTHONHOME: folder });
    expect(wrong.text).toContain("No module named 'encodings'");
    expect(await codes({ PYTHONHOME: folder }, null)).toContain('environment/python-home');
  });

  test('what does not matter here is not told', async () => {
    expect((await report({ HOME: '/root', EDITOR: 'vi', LANG: 'C' })).variables).toEqual([]);
  });

  test('the tunables that are known are those that the loader lists', async () => {
    const { text } = await runIn(folder, '/lib64/ld-linux-x86-64.so.2 --list-tunables');
    const names = [...text.matchAll(/^(glibc\.[\w.]+):/gmu)].map(match => match[1] ?? '');
    expect(names.length).toBeGreaterThan(20);
    const unknown = await codes({ GLIBC_TUNABLES: names.map(name => `${name}=1`).join(':') });
    expect(unknown).toEqual([]);
  });
});

test('files, links and folders that are in the way do no harm', async () => {
  symlinkSync('loop', join(folder, 'loop'));
  writeFileSync(join(folder, 'plain'), '');
  const { entries } = await variable(
    'LD_LIBRARY_PATH',
    [`${folder}/loop`, `${folder}/plain/x`, '/'.padEnd(5000, 'x'), '\u0000'].join(':'),
  );
  expect(new Set(entries.map(({ state }) => state))).toEqual(new Set(['missing']));
});
