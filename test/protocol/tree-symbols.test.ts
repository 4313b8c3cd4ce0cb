import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { pathToFileUri } from '../../language-server/native/file-uri.ts';
import { type DependencyTree, dependencyTree } from '../../language-server/protocol/dependencies.ts';
import {
  type InterposedSymbols,
  interposedSymbols,
  type LoaderSymbols,
  loaderSymbols,
  type SymbolProvider,
  symbolProvider,
} from '../../language-server/protocol/loader-symbols.ts';
import { dependencyTreeDiff, type TreeDiff } from '../../language-server/protocol/tree-diff.ts';
import { commandLineIn } from '../support/command-line.ts';
import { bundle } from '../support/language-client.ts';
import { buildAll } from '../support/loader-build.ts';
import { glibcLoader } from '../support/loader-oracle.ts';
import { compileLibrary, compileProgram } from '../support/sample-files.ts';
import { refusal, sharedClient } from '../support/shared-client.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const client = sharedClient();
const folder = temporaryFolder();
const flags = [`-L${folder}`, '-Wl,-rpath,$ORIGIN', '-Wl,--no-as-needed'];
compileLibrary(folder, 'libfirst.so', 'int twice(void) { return 1; } int first(void) { return twice(); }');
compileLibrary(
  folder,
  'libsecond.so',
  'int twice(void) { return 2; } int gone(void); int second(void) { return twice() + gone(); }',
);
const program = compileProgram(
  folder,
  'program',
  'int first(void); int second(void); int main(void) { return first() + second(); }',
  [...flags, '-lfirst', '-lsecond', '-lm', '-Wl,--unresolved-symbols=ignore-in-shared-libs'],
);
const uri = pathToFileUri(program);
mkdirSync(join(folder, 'other'));
compileLibrary(
  join(folder, 'other'),
  'libfirst.so',
  'int twice(void) { return 1; } int first(void) { return 3; } int gone(void) { return 0; }',
);
const other = join(folder, 'other');

const { run, json } = commandLineIn(folder);

describe('the server', () => {
  test('tells undefined symbols and unused needs as ldd does', async () => {
    const symbols = await client().request(loaderSymbols, { uri });
    const ldd = (option: string): string =>
      execFileSync('sh', ['-c', `ldd ${option} ${program} 2>&1 || true`], { encoding: 'utf8' });
    expect(symbols.undefined.map(({ message, object }) => `${message}\t(${object})`)).toEqual(
      ldd('-r')
        .split('\n')
        .filter(line => line.startsWith('undefined symbol')),
    );
    expect(symbols.undefined).toMatchObject([{ name: 'gone', kind: 'function', fails: expect.any(String) }]);
    expect(symbols.unused.map(({ object }) => `\t${object}`)).toEqual(
      ldd('-u')
        .split('\n')
        .filter(line => line.includes('libm')),
    );
    expect(symbols.problems.map(({ code }) => code)).toEqual([
      'dependencies/undefined-symbol',
      'dependencies/unused-need',
    ]);
  });

  test('tells under which conditions they would be defined', async () => {
    expect(await client().request(loaderSymbols, { uri, libraryPath: other })).toMatchObject({ undefinedTotal: 0 });
  });

  test('tells who provides a symbol, and what is interposed', async () => {
    const provider = await client().request(symbolProvider, { uri, symbol: 'twice' });
    expect(provider).toMatchObject({ provider: join(folder, 'libfirst.so'), referencesTotal: 2 });
    expect(provider.candidates.map(({ outcome }) => outcome)).toEqual(['chosen', 'later']);
    const interposed = await client().request(interposedSymbols, { uri });
    const twice = interposed.symbols.find(({ name }) => name === 'twice');
    expect(twice).toMatchObject({ reason: 'strong', rebound: [join(folder, 'libsecond.so')] });
    const stranger = refusal(client().request(symbolProvider, { uri, symbol: 'twice', from: '/nowhere' }));
    expect((await stranger).data?.kind).toBe('invalidParams');
  });

  test('compares trees under two conditions, and of two files', async () => {
    const same = await client().request(dependencyTreeDiff, { uri });
    expect(same).toMatchObject({ identical: true, edges: [] });
    const moved = await client().request(dependencyTreeDiff, { uri, after: { libraryPath: other } });
    expect(moved.moved).toMatchObject([{ name: 'libfirst.so', after: { path: join(other, 'libfirst.so') } }]);
    expect(moved.after.conditions.libraryPath).toBe(other);
    const files = await client().request(dependencyTreeDiff, { uri, afterUri: pathToFileUri('/bin/true') });
    expect(files.removed.map(({ path }) => path)).toContain(join(folder, 'libsecond.so'));
  });

  test('refuses conditions that there are not', async () => {
    for (const whatIf of [{ hwcaps: 'x86-64-v99' }, { glibcVersion: 'two' }, { setuid: 'yes' as unknown as boolean }]) {
      expect((await refusal(client().request(dependencyTree, { uri, ...whatIf }))).data?.kind).toBe('invalidParams');
    }
  });

  test('finds soft edges, unless nobody wants them', async () => {
    const tree = await client().request(dependencyTree, { uri });
    expect(tree.objects[tree.root]?.softEdges).toMatchObject([{ kind: 'interpreter' }]);
    const hard = await client().request(dependencyTree, { uri, softEdges: false });
    expect(hard.objects[hard.root]).not.toHaveProperty('softEdges');
  });
});

describe('the command line', () => {
  test('tree --undefined and --unused', async () => {
    const { exitCode, stdout } = await run('tree', '--undefined', '--unused', program);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(
      /^undefined symbol: gone\t\(.*libsecond\.so\)\nUnused direct dependencies:\n\t\S*libm\.so\.6\n$/u,
    );
    const clean = await run('tree', '--undefined', '/bin/true');
    expect(clean).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^All \d+ references of \d objects are defined\.\n$/u),
    });
    const { answer } = await json<{ root: string; symbols: LoaderSymbols }>('tree', '--undefined', program);
    expect(answer).toMatchObject({
      schema: 'binary-detective/tree-symbols@1',
      root: program,
      symbols: { undefinedTotal: 1 },
    });
  });

  test('tree --provider and --interposed', async () => {
    const provider = await run('tree', '--provider', 'twice', program);
    expect(provider.stdout).toMatch(
      /^twice => \S*libfirst\.so\n {4}\S*libfirst\.so \(FUNC, \d+ bytes\): chosen\n {4}\S*libsecond\.so .*: stands behind/u,
    );
    expect((await run('tree', '--provider', 'nothing', program)).exitCode).toBe(1);
    const { answer } = await json<{ provider: SymbolProvider; interposed: InterposedSymbols }>(
      'tree',
      '--provider',
      'malloc@GLIBC_2.2.5',
      '--interposed',
      program,
    );
    expect(answer.provider.version).toBe('GLIBC_2.2.5');
    expect(answer.interposed.total.strong).toBeGreaterThan(0);
    expect((await run('tree', '--interposed', program)).stdout).toMatch(/^twice \(strong\) => \S*libfirst\.so$/mu);
  });

  test('tree --diff and --against', async () => {
    expect(await run('tree', '--diff', program)).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^The same: /u),
    });
    const moved = await run('tree', '--library-path', other, '--diff', program);
    expect(moved.exitCode).toBe(1);
    expect(moved.stdout).toContain(`~ libfirst.so: ${folder}/libfirst.so -> ${other}/libfirst.so\n`);
    expect(moved.stdout).toContain('now it is');
    const { answer } = await json<TreeDiff>('tree', '--against', '/bin/true', program);
    expect(answer.schema).toBe('binary-detective/tree-diff@1');
    expect(answer.before.root).toBe('/bin/true');
    expect(answer.added.length).toBeGreaterThan(1);
    expect((await run('tree', '--glibc', 'old', program)).exitCode).toBe(2);
  });

  test.each([
    ['--diff', '--verify'],
    ['--undefined', '--why', 'libc.so.6'],
    ['--diff', '--undefined'],
    ['--diff', '--format', 'dot'],
    ['--unused', '--format', 'mermaid'],
  ])('%s %s is refused', async (...options) => {
    const { exitCode, stderr } = await run('tree', ...options, program);
    expect(exitCode).toBe(2);
    expect(stderr).not.toBe('');
  });

  test('names conditions in the answer', async () => {
    const { answer } = await json<DependencyTree>(
      'tree',
      '--setuid',
      '--hwcaps',
      'none',
      '--glibc',
      '2.31',
      '--cwd',
      'other',
      program,
    );
    expect(answer.loader.version).toBe('2.31');
    expect(answer.conditions).toMatchObject({ setuid: true, hwcaps: [], cwd: other });
  });
});

/** Whoever is root may read everything. */
describe('as a user who may not read everything', () => {
  const home = join(folder, 'home');
  const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups'];

  beforeAll(async () => {
    mkdirSync(home);
    await buildAll(home, [
      { file: 'app', program: true, needs: ['liba.so', 'libb.so', 'libc1.so'], runpath: '$ORIGIN/closed:$ORIGIN/open' },
      { file: 'closed/liba.so' },
      { file: 'open/liba.so' },
      { file: 'open/libb.so' },
      { file: 'closed/libc1.so' },
    ]);
    // Where Node and the bundle are, that user may not even look.
    copyFileSync(process.execPath, join(home, 'node'));
    copyFileSync(bundle, join(home, 'binary-detective.cjs'));
    for (const path of [
      folder,
      home,
      join(home, 'open'),
      join(home, 'open/liba.so'),
      join(home, 'node'),
      join(home, 'binary-detective.cjs'),
    ])
      chmodSync(path, 0o755);
    chmodSync(join(home, 'closed'), 0o700);
    chmodSync(join(home, 'open/libb.so'), 0o000);
  });

  const asNobody = (command: string, ...args: readonly string[]): Promise<string> =>
    new Promise(resolve => {
      const env = { LC_ALL: 'C', ...(command === glibcLoader && { LD_TRACE_LOADED_OBJECTS: '1' }) };
      const all = [
        ...nobody,
        'env',
        ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
        command,
        ...args,
      ];
      execFile('setpriv', all, { cwd: '/' }, (_error, stdout, stderr) => resolve(stdout + stderr));
    });

  test('folders and files that cannot be read are passed over, as the loader does', async () => {
    const said = await asNobody(glibcLoader, join(home, 'app'));
    const tree = JSON.parse(
      await asNobody(
        join(home, 'node'),
        join(home, 'binary-detective.cjs'),
        'tree',
        '--format',
        'json',
        join(home, 'app'),
      ),
    ) as DependencyTree;
    const needs = tree.objects[tree.root]?.needs ?? [];
    expect(needs.map(({ name, object }) => `\t${name} => ${object ?? 'not found'}`)).toEqual(
      said
        .split('\n')
        .filter(line => line.includes(' => '))
        .map(line => line.replace(/ \(0x.*/u, '')),
    );
    expect(needs.map(({ object }) => object)).toEqual([join(home, 'open/liba.so'), null, null]);
    expect(needs[1]?.tried.some(({ outcome }) => outcome === 'Permission denied')).toBe(true);
  });
});
