import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pathToFileUri } from '../../language-server/native/file-uri.ts';
import { type EnvironmentReport, environmentReport } from '../../language-server/protocol/environment.ts';
import { type Explanations, explainText } from '../../language-server/protocol/explain.ts';
import { commandLineIn } from '../support/command-line.ts';
import { bundle } from '../support/language-client.ts';
import { compileLibrary, compileProgram } from '../support/sample-files.ts';
import { refusal, sharedClient } from '../support/shared-client.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const client = sharedClient();
const folder = temporaryFolder();
const library = compileLibrary(folder, 'libfar.so', 'int far(void) { return 1; }', ['-Wl,-soname,libfar.so']);
const app = compileProgram(folder, 'app', 'int far(void); int main(void) { return far() - 1; }', [
  `-L${folder}`,
  '-lfar',
]);
mkdirSync(join(folder, 'far'));
renameSync(library, join(folder, 'far/libfar.so'));
const text =
  './app: error while loading shared libraries: libfar.so: cannot open shared object file: No such file or directory';
const commandLine = commandLineIn(folder);

describe('explain', () => {
  test('over the wire, with names that count from a folder', async () => {
    const { explanations } = await client().request(explainText, { text, folder: pathToFileUri(folder) });
    expect(explanations).toMatchObject([
      {
        kind: 'missing-library',
        program: { path: app },
        state: { kind: 'persists' },
        spans: [{ start: 0, end: text.length, line: 1 }],
      },
    ]);
  });

  test('over the wire, without a folder', async () => {
    const { explanations } = await client().request(explainText, { text });
    expect(explanations).toMatchObject([{ kind: 'missing-library', object: { name: 'libfar.so', path: null } }]);
  });

  test('over the wire, where the library path is another one', async () => {
    const libraryPath = join(folder, 'far');
    const { explanations } = await client().request(explainText, { text, folder: pathToFileUri(folder), libraryPath });
    expect(explanations[0]?.state).toMatchObject({
      kind: 'resolved',
      text: expect.stringContaining('LD_LIBRARY_PATH entry 1'),
    });
  });

  test('on the command line, as text and as JSON', async () => {
    const shown = await commandLine.run('explain', text);
    expect(shown.exitCode).toBe(1);
    expect(shown.stdout).toContain(`patchelf --set-rpath '$ORIGIN/far' ${app}`);
    const { answer, exitCode } = await commandLine.json<Explanations>('explain', text);
    expect([answer.schema, exitCode]).toEqual(['binary-detective/explain@1', 1]);
    expect(answer.explanations[0]?.object?.name).toBe('libfar.so');
    const nothing = await commandLine.run('explain', 'all is well');
    expect([nothing.exitCode, nothing.stderr]).toEqual([0, '']);
  });

  test('on the command line, from standard input', () => {
    const run = () =>
      execFileSync(process.execPath, [bundle, 'explain', '-'], {
        cwd: folder,
        input: `make: …\n${text}\n`,
        encoding: 'utf8',
      });
    expect(run).toThrow(
      expect.objectContaining({ status: 1, stdout: expect.stringContaining('libfar.so is not found') }),
    );
  });

  test('is refused without a text', async () => {
    expect((await refusal(client().request(explainText, {} as { text: string }))).data?.kind).toBe('invalidParams');
  });
});

describe('environment', () => {
  test('over the wire, with variables of its own and with those of the server', async () => {
    const uri = pathToFileUri(app);
    const given = await client().request(environmentReport, {
      uri,
      variables: { LD_LIBRARY_PATH: join(folder, 'far') },
    });
    expect(given).toMatchObject({ whose: 'given', file: app, loader: 'glibc' });
    expect(given.variables).toMatchObject([
      { name: 'LD_LIBRARY_PATH', effect: 'used', entries: [{ objects: [{ path: join(folder, 'far/libfar.so') }] }] },
    ]);
    expect(await client().request(environmentReport, {})).toMatchObject({ whose: 'server', file: null, loader: null });
    expect((await refusal(client().request(environmentReport, { uri: pathToFileUri('/etc/passwd') }))).data?.kind).toBe(
      'notElf',
    );
  });

  test('on the command line', async () => {
    const { answer, exitCode } = await commandLine.json<EnvironmentReport>(
      'environment',
      app,
      '--set',
      'LD_LIBRARY_PATH=:/nowhere',
    );
    expect(answer.schema).toBe('binary-detective/environment@1');
    expect(exitCode).toBe(1);
    expect(answer.findings.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['environment/empty-entry', 'environment/dead-entry']),
    );
    const shown = await commandLine.run('environment', app, '--set', `LD_LIBRARY_PATH=${folder}/far`);
    expect(shown.stdout).toContain(`${folder}/far/libfar.so`);
  });
});
