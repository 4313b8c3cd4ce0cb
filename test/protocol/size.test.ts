import { execFileSync } from 'node:child_process';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pathToFileUri } from '../../language-server/native/file-uri.ts';
import { errorCodes } from '../../language-server/protocol/errors.ts';
import { elfSize, type SizeReport } from '../../language-server/protocol/size.ts';
import { commandLineIn } from '../support/command-line.ts';
import { sourcesBelow } from '../support/elf-source-bytes.ts';
import { compileLibrary } from '../support/sample-files.ts';
import { refusal, sharedClient } from '../support/shared-client.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const client = sharedClient();
const folder = temporaryFolder();
const { run, json } = commandLineIn(folder);
const library = compileLibrary(folder, 'libplain.so', 'int plain(int a) { return a; }', ['-s']);

mkdirSync(join(folder, 'src'));
for (const name of ['one', 'two']) {
  writeFileSync(
    join(folder, 'src', `${name}.c`),
    `int ${name}(int a) { return a * ${name.length}; }\nint ${name}_data[50] = {1};\n`,
  );
}
const described = join(folder, 'libdescribed.so');
execFileSync('cc', ['-shared', '-fPIC', '-g', '-o', described, 'src/one.c', 'src/two.c'], { cwd: folder });
const sources = ['one', 'two'].map(name => join(folder, 'src', `${name}.c`));

test('the server tells sizes by source file, of the whole file and of a section', async () => {
  const whole = await client().request(elfSize, { uri: pathToFileUri(described), by: 'source' });
  expect(whole).toMatchObject({ by: 'source', sources: { kind: 'known', debugFile: null }, findings: [] });
  expect(whole.root.fileBytes).toBe(statSync(described).size);
  expect([...sourcesBelow(whole.root).keys()].sort()).toEqual(sources);
  const data = whole.root.children.find(({ name }) => name === '[section .data]');
  const part = await client().request(elfSize, {
    uri: pathToFileUri(described),
    by: 'unit',
    section: data?.section ?? 0,
  });
  expect(sourcesBelow(part.root)).toEqual(new Map(sources.map(path => [path, 200])));
});

test('a grouping that it does not know is refused', async () => {
  const params = { uri: pathToFileUri(described), by: 'magic' } as unknown as { readonly uri: string };
  expect(await refusal(client().request(elfSize, params))).toMatchObject({ code: errorCodes.invalidParams });
});

test('the command line prints folders and files, and says how to get debug information', async () => {
  const printed = await run('size', '--by', 'source', described);
  expect(printed).toMatchObject({ exitCode: 0, stderr: '' });
  expect(printed.stdout).toMatch(
    new RegExp(`^ +\\d+ +\\d+ +${join(folder, 'src')}\\n(?: +\\d+ +\\d+ +(?:one|two)\\.c\\n){2}`, 'mu'),
  );
  const { answer } = await json<SizeReport>('size', '--by', 'unit', described);
  expect(answer).toMatchObject({ schema: 'binary-detective/size@1', by: 'unit' });
  expect([...sourcesBelow(answer.root).keys()].sort()).toEqual(sources);
  const one = await run('size', '--of', join(folder, 'src', 'one.c'), described);
  expect(one).toMatchObject({ exitCode: 0, stderr: '' });
  expect(one.stdout).toMatch(/^ +200 +200 +one_data\n/mu);
  const none = await run('size', '--of', '/no/such.c', described);
  expect(none.exitCode).toBe(2);
  expect(none.stderr).toContain('has no byte of /no/such.c');
  const plain = await run('size', '--by', 'source', library);
  expect(plain.exitCode).toBe(0);
  expect(plain.stdout).toContain('.text');
  expect(plain.stderr).toContain('has no debug information');
  expect(plain.stderr).toContain('Compile it with -g');
  expect((await run('size', '--by', 'magic', library)).exitCode).toBe(2);
});
