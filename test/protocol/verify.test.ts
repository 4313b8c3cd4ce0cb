import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { pathToFileUri } from '../../language-server/native/file-uri.ts';
import { verifyTree } from '../../language-server/protocol/verify.ts';
import { startLanguageServer } from '../support/language-client.ts';
import { compileLibrary, compileProgram } from '../support/sample-files.ts';
import { sharedClient } from '../support/shared-client.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder();
const library = compileLibrary(folder, 'libx.so', 'int x(void) { return 0; }');
const other = compileLibrary(folder, 'libother.so', 'int x(void) { return 0; }');
const flags = [`-L${folder}`, '-lx', '-Wl,-rpath,$ORIGIN'];
const program = compileProgram(folder, 'app', 'int x(void); int main(void) { return x(); }', flags);
const uri = pathToFileUri(program);
const initializationOptions = { trusted: true };
const client = sharedClient({ initializationOptions });

test('the loader and the tree say the same of a program, under the conditions that are asked for', async () => {
  expect(await client().request(verifyTree, { uri })).toMatchObject({ kind: 'agrees', objects: 4 });
  const asked = { uri, libraryPath: '/nowhere', preload: other, cwd: '/' };
  expect(await client().request(verifyTree, asked)).toMatchObject({ kind: 'agrees', objects: 5 });
});

test('both sides of a difference are told: here an audit module gives the loader another name', async () => {
  const audit = compileLibrary(
    folder,
    'audit.so',
    `#define _GNU_SOURCE
    #include <link.h>
    #include <stdint.h>
    #include <string.h>
    unsigned la_version(unsigned version) { return version; }
    char *la_objsearch(const char *name, uintptr_t *cookie, unsigned flag) {
      return strcmp(name, "libx.so") == 0 ? "libother.so" : (char *)name; }`,
  );
  // The server itself runs under it as well, and hands it on.
  const audited = await startLanguageServer({ initializationOptions, env: { LD_AUDIT: audit } });
  expect(await audited.request(verifyTree, { uri })).toEqual({
    kind: 'differs',
    command: expect.stringContaining(program),
    differences: [
      { kind: 'path', tree: library, loader: null },
      { kind: 'path', tree: null, loader: other },
    ],
  });
  await audited.close();
});

test('a missing library is missing for both', async () => {
  rmSync(library);
  expect(await client().request(verifyTree, { uri })).toMatchObject({ kind: 'agrees' });
});

test('what has no loader is said', async () => {
  const fixed = compileProgram(folder, 'static', 'int main(void) { return 0; }', ['-static']);
  const answer = await client().request(verifyTree, { uri: pathToFileUri(fixed) });
  expect(answer).toEqual({ kind: 'notVerified', message: `No loader looks for libraries of ${fixed}.` });
});
