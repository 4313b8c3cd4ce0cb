import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compareWithRevision } from '../../../language-server/elf/revision/compare-revision.ts';
import { withRevisionFile } from '../../../language-server/elf/revision/revision-file.ts';
import { toolchainIn } from '../../support/elf-toolchain.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { openDoor } from '../native/door-fixture.ts';

const door = openDoor({ isTrusted: () => false });
const identity = ['-c', 'user.name=A', '-c', 'user.email=a@example.org', '-c', 'init.defaultBranch=main'];

/** A repository with two commits of a library, and a third build on disk. */
function repository() {
  const folder = temporaryFolder();
  const { compile, path } = toolchainIn(folder);
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-C', folder, ...identity, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const build = (source: string, ...options: readonly string[]): string =>
    compile('libkept.so', source, '-shared', '-fPIC', '-nostdlib', '-Wl,-soname,libkept.so.1', ...options);
  git('init', '-q');
  const library = build('int first(void) { return 1; }');
  git('add', 'libkept.so');
  git('commit', '-qm', 'one');
  git('tag', 'first');
  build('int first(void) { return 1; } int second(void) { return 2; }');
  git('commit', '-qam', 'two');
  build('int second(void) { return 2; } int third(void) { return 3; }');
  return { folder, library, git, build, path };
}

const { library, git, path, folder } = repository();
const copies = (): readonly string[] =>
  readdirSync(tmpdir()).filter(name => name.startsWith('binary-detective-revision-'));

test('tells what changed since HEAD, with commands that show the same', async () => {
  const { before, after, exports, commands, findings } = await compareWithRevision(door, library, {});
  expect({ before: before.path, after: after.path }).toEqual({ before: 'HEAD:libkept.so', after: library });
  expect(exports.removed.rows.map(({ name }) => name)).toEqual(['first']);
  expect(exports.added.rows.map(({ name }) => name)).toEqual(['third']);
  expect(findings.map(({ code }) => code)).toContain('compare/removed-export');
  const shown = execFileSync('sh', ['-c', commands[0] ?? 'false'], { cwd: temporaryFolder(), encoding: 'utf8' });
  expect(shown).toBe('');
  expect(commands.join('\n')).not.toContain('binary-detective-revision-');
});

test('takes any revision', async () => {
  const { before, exports } = await compareWithRevision(door, library, { revision: 'first' });
  expect(before.path).toBe('first:libkept.so');
  expect(exports.added.rows.map(({ name }) => name)).toEqual(['second', 'third']);
});

test('leaves no copy behind, whatever happens to it', async () => {
  const earlier = new Set(copies());
  let seen = '';
  const use = (file: { readonly path: string }): Promise<never> => {
    seen = file.path;
    expect(existsSync(seen)).toBe(true);
    return Promise.reject(new Error('No use.'));
  };
  await expect(withRevisionFile(door, library, 'HEAD', use)).rejects.toThrow('No use.');
  expect(existsSync(seen)).toBe(false);
  expect(copies().filter(name => !earlier.has(name))).toEqual([]);
});

test('follows a link on disk', async () => {
  symlinkSync('libkept.so', path('libkept.so.1'));
  const { before } = await compareWithRevision(door, path('libkept.so.1'), {});
  expect(before.path).toBe('HEAD:libkept.so');
});

describe('is refused with a sentence:', () => {
  const copy = path('libnew.so');
  execFileSync('cp', [library, copy]);
  const outside = toolchainIn(temporaryFolder()).compile('libout.so', 'int out;', '-shared');
  writeFileSync(path('pointer.so'), 'version https://git-lfs.github.com/spec/v1\n');
  git('add', 'pointer.so');
  git('commit', '-qm', 'three');
  rmSync(path('pointer.so'));
  execFileSync('cp', [library, path('pointer.so')]);

  test.for<readonly [string, string, string, string, RegExp]>([
    ['a file that git does not have', copy, 'HEAD', 'notFound', /libnew\.so in HEAD: .*not in 'HEAD'/u],
    ['a revision that there is not', library, 'no-such', 'notFound', /in no-such: /u],
    ['a file outside of any repository', outside, 'HEAD', 'notFound', /not a git repository/u],
    ['an option', library, '--batch', 'invalidParams', /"--batch" is no name/u],
    ['another file', library, 'HEAD:x', 'invalidParams', /no name of a git revision/u],
    ['what was no ELF file then', path('pointer.so'), 'HEAD', 'notElf', /^HEAD:pointer\.so is a Git LFS pointer/u],
  ])('%s', async ([, file, revision, kind, message]) => {
    await expect(compareWithRevision(door, file, { revision })).rejects.toMatchObject({
      kind,
      message: expect.stringMatching(message),
    });
  });

  test('a file that is too large', async () => {
    const answer = withRevisionFile(door, library, 'HEAD', () => Promise.resolve(), { capBytes: 1000 });
    await expect(answer).rejects.toMatchObject({
      kind: 'notSupported',
      message: expect.stringMatching(/larger than/u),
    });
  });
});

test('runs nothing that the repository names', async () => {
  const hostile = repository();
  const trace = join(folder, 'it-ran');
  const program = hostile.path('program.sh');
  writeFileSync(program, `#!/bin/sh\n: > '${trace}'\nexit 1\n`);
  chmodSync(program, 0o755);
  for (const name of [
    'filter.x.smudge',
    'filter.x.clean',
    'diff.x.textconv',
    'core.fsmonitor',
    'core.pager',
    'core.editor',
  ]) {
    hostile.git('config', name, program);
  }
  writeFileSync(hostile.path('.gitattributes'), '* filter=x diff=x\n');
  const hooks = hostile.path('.git/hooks');
  mkdirSync(hooks, { recursive: true });
  for (const hook of ['post-checkout', 'reference-transaction']) execFileSync('cp', [program, join(hooks, hook)]);
  expect((await compareWithRevision(door, hostile.library, {})).exports.removed.total).toBe(1);
  expect(existsSync(trace)).toBe(false);

  // A partial clone that lacks the object, and says to get it by a command.
  const blob = hostile.git('rev-parse', 'HEAD:libkept.so').trim();
  renameSync(hostile.path(`.git/objects/${blob.slice(0, 2)}/${blob.slice(2)}`), hostile.path('blob'));
  hostile.git('config', 'core.repositoryFormatVersion', '1');
  hostile.git('config', 'extensions.partialClone', 'origin');
  hostile.git('config', 'remote.origin.promisor', 'true');
  hostile.git('config', 'remote.origin.url', `ext::${program} %S`);
  hostile.git('config', 'protocol.ext.allow', 'always');
  await expect(compareWithRevision(door, hostile.library, {})).rejects.toMatchObject({ kind: 'notFound' });
  expect(existsSync(trace)).toBe(false);
  // Git by itself would have run it: the test is about something.
  expect(() => hostile.git('cat-file', 'blob', blob)).toThrow();
  expect(existsSync(trace)).toBe(true);
});
