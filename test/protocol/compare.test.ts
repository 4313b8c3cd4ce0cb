import { execFileSync, spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pathToFileUri } from '../../language-server/native/file-uri.ts';
import { elfCompare } from '../../language-server/protocol/compare.ts';
import { elfHardening } from '../../language-server/protocol/hardening.ts';
import { elfSize } from '../../language-server/protocol/size.ts';
import { elfVersions } from '../../language-server/protocol/versions.ts';
import { bundle } from '../support/language-client.ts';
import { compileLibrary } from '../support/sample-files.ts';
import { refusal, sharedClient } from '../support/shared-client.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const client = sharedClient();
const folder = temporaryFolder();
const soname = '-Wl,-soname,libpair.so.1';
const before = compileLibrary(folder, 'before.so', 'int kept(void) { return 1; } int gone(void) { return 2; }', [
  soname,
]);
const after = compileLibrary(folder, 'after.so', 'int kept(void) { return 1; } int added(void) { return 2; }', [
  soname,
]);
const same = compileLibrary(folder, 'same.so', 'int kept(void) { return 1; } int gone(void) { return 2; }', [soname]);
const uris = { before: pathToFileUri(before), after: pathToFileUri(after) };

function compareOnCommandLine(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bundle, 'compare', ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe('the request', () => {
  test('tells what changed', async () => {
    const comparison = await client().request(elfCompare, uris);
    expect(comparison.before.path).toBe(before);
    expect(comparison.exports.removed).toMatchObject({ rows: [{ name: 'gone', type: 'FUNC' }], total: 1 });
    expect(comparison.exports.added).toMatchObject({ rows: [{ name: 'added' }], total: 1 });
    expect(comparison.findings.map(({ code, severity }) => [code, severity])).toEqual([
      ['compare/removed-export', 'warning'],
    ]);
    for (const command of comparison.commands)
      expect(execFileSync('sh', ['-c', command], { encoding: 'utf8' })).toContain('kept');
  });

  test('takes a limit', async () => {
    const { sections } = await client().request(elfCompare, { ...uris, after: pathToFileUri('/bin/sh'), limit: 2 });
    expect(sections.rows.length).toBe(2);
    expect(sections.total).toBeGreaterThan(2);
  });

  test('refuses what does not fit', async () => {
    const tooMuch = await refusal(client().request(elfCompare, { ...uris, limit: 1e9 }));
    expect(tooMuch.data?.kind).toBe('invalidParams');
    const absent = await refusal(
      client().request(elfCompare, { ...uris, after: pathToFileUri(join(folder, 'no.so')) }),
    );
    expect(absent.data?.kind).toBe('notFound');
    expect(absent.message).toContain('no.so');
  });
});

describe('the command line', () => {
  test('prints what changed, and ends with 1 for a warning', () => {
    const { status, stdout } = compareOnCommandLine(before, after);
    expect(status).toBe(1);
    expect(stdout).toContain('- gone (GLOBAL FUNC');
    expect(stdout).toContain('+ added (GLOBAL FUNC');
    expect(stdout).toContain('[compare/removed-export]');
  });

  test('ends with 0 where nothing can break', () => {
    const { status, stdout } = compareOnCommandLine(before, same);
    expect([status, stdout.includes('warning')]).toEqual([0, false]);
    expect(compareOnCommandLine(before, before).stdout).toContain('The files are identical.');
  });

  test('prints JSON', () => {
    const { status, stdout } = compareOnCommandLine(before, after, '--format', 'json');
    expect(status).toBe(1);
    const answer: unknown = JSON.parse(stdout);
    expect(answer).toMatchObject({ schema: 'binary-detective/compare@1', exports: { removed: { total: 1 } } });
  });

  test('ends with 2 for what is no ELF file', () => {
    const { status, stderr } = compareOnCommandLine(before, '/etc/passwd');
    expect(status).toBe(2);
    expect(stderr).toContain('/etc/passwd');
  });
});

describe('what a file is like', () => {
  test('its protections, each with evidence', async () => {
    const { hardening, commands } = await client().request(elfHardening, { uri: uris.before });
    expect(Object.values(hardening).every(({ evidence }) => evidence !== '')).toBe(true);
    expect(hardening.nx.verdict).toBe('yes');
    for (const command of commands) expect(execFileSync('sh', ['-c', command], { encoding: 'utf8' })).not.toBe('');
  });

  test('the systems that can run it', async () => {
    const { platforms, libc, dataDate } = await client().request(elfVersions, { uri: pathToFileUri('/bin/sh') });
    expect(libc).toBe('glibc');
    expect(platforms.find(({ family }) => family === 'Debian')?.kind).toBe('runs');
    expect(dataDate).toMatch(/^\d{4}-\d\d-\d\d$/u);
  });

  test('what takes its room', async () => {
    const { root, symbolTable } = await client().request(elfSize, { uri: uris.before, limit: 5 });
    expect(root.fileBytes).toBe(statSync(before).size);
    expect(root.children.reduce((sum, { fileBytes }) => sum + fileBytes, 0)).toBe(root.fileBytes);
    expect(root.children.length).toBe(6);
    expect(symbolTable).toBe('.symtab');
    const absent = await refusal(client().request(elfSize, { uri: uris.before, section: 999 }));
    expect(absent.data?.kind).toBe('invalidParams');
  });

  test('the same on the command line', () => {
    const run = (...args: readonly string[]) =>
      spawnSync(process.execPath, [bundle, 'size', before, ...args], { encoding: 'utf8' });
    expect(run().status).toBe(0);
    expect(run('--limit', '100').stdout).toContain('kept');
    const answer: unknown = JSON.parse(run('--format', 'json').stdout);
    expect(answer).toMatchObject({
      schema: 'binary-detective/size@1',
      root: { kind: 'file', fileBytes: statSync(before).size },
    });
  });
});
