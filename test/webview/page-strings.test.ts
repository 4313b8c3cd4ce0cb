import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, onTestFailed, test } from 'vitest';
import { accessibilityViolations } from './support/accessibility.ts';
import { makeSampleWorkspace, type SampleWorkspace } from './support/sample-workspace.ts';
import { reportFailure } from './support/screenshot.ts';
import { startWorkbenches, type Workbench, type WorkbenchServer } from './support/workbench.ts';

let server: WorkbenchServer;
let sample: SampleWorkspace;
let workbench: Workbench;
let library: string;

beforeAll(async () => {
  sample = makeSampleWorkspace();
  library = join(sample.folder, 'build', 'libtexts.so');
  const source = join(sample.folder, 'texts.c');
  writeFileSync(
    source,
    'const char *texts[] = { "abcd", "twelve chars", "a much longer sentence", "zwölf Brüder" };\n',
  );
  execFileSync('cc', ['-shared', '-fPIC', '-o', library, source]);
  server = await startWorkbenches();
  workbench = await server.open(sample.folder);
  await workbench.openFile(library);
  await workbench.elf.getByRole('tab', { name: /^Strings/u }).click();
});

beforeEach(() => onTestFailed(({ task }) => reportFailure(workbench, task)));

afterAll(async () => {
  await server?.close();
  sample?.remove();
});

const section = () => workbench.elf.locator('.options').getByLabel('Section');
const minimum = () => workbench.elf.getByLabel('Characters at least');
const encoding = () => workbench.elf.getByLabel('Encoding');
const texts = async (): Promise<readonly string[]> =>
  await workbench.elf.getByRole('grid').locator('.rows [role="row"] [aria-colindex="4"]').allTextContents();
const command = async (): Promise<string> =>
  (await workbench.elf.locator('.table-bar .command code').textContent()) ?? '';
/** What the command prints that the page shows: offsets and texts. */
const printed = async (): Promise<readonly string[]> =>
  execFileSync('/bin/sh', ['-c', await command()], { encoding: 'utf8' })
    .trimEnd()
    .split('\n')
    .map(line => line.trimStart().replace(/^[0-9a-f]+ /u, ''));

test('the texts of one section are those that strings finds in it', async () => {
  await section().selectOption('.rodata');
  await expect.poll(texts).toEqual(['abcd', 'twelve chars', 'a much longer sentence', 'lf Br']);
  await expect.poll(command).toContain('.rodata=/dev/stdout');
  expect(await printed()).toEqual(await texts());
  expect(await accessibilityViolations(await workbench.elfFrame())).toEqual([]);
});

test('they have at least so many characters', async () => {
  await minimum().fill('12');
  await minimum().press('Tab');
  await expect.poll(texts).toEqual(['twelve chars', 'a much longer sentence']);
  expect(await printed()).toEqual(await texts());
});

test('a length that is none stays what it was', async () => {
  await minimum().fill('0');
  await minimum().press('Tab');
  await expect.poll(() => minimum().inputValue()).toBe('12');
});

test('other characters count where they are asked for', async () => {
  await encoding().selectOption('UTF-8');
  await expect.poll(texts).toEqual(['twelve chars', 'a much longer sentence', 'zwölf Brüder']);
});

test('a filter searches them, and its help knows their columns', async () => {
  await workbench.elf.locator('vscode-textfield input').fill('string~longer');
  await expect.poll(texts).toEqual(['a much longer sentence']);
  await workbench.elf.getByLabel('How to filter').click();
  await workbench.elf.getByText('string~alloc').waitFor();
  expect(await workbench.elf.locator('.menu-content p').first().textContent()).toContain(
    'offset, size, section, string',
  );
  expect(await accessibilityViolations(await workbench.elfFrame())).toEqual([]);
  await workbench.page.keyboard.press('Escape');
  await workbench.elf.locator('vscode-textfield input').fill('');
});

test('what was asked for is asked again after another editor was in front', async () => {
  await workbench.openFile(join(sample.folder, 'build', 'libcsv.so'));
  await workbench.elf.locator('dt:has-text("SONAME") + dd').waitFor();
  await workbench.openFile(library);
  await expect.poll(texts).toEqual(['twelve chars', 'a much longer sentence', 'zwölf Brüder']);
  expect([await section().inputValue(), await minimum().inputValue(), await encoding().inputValue()]).toEqual([
    '.rodata',
    '12',
    'utf-8',
  ]);
});
