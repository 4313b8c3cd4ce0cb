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
let archive: string;

beforeAll(async () => {
  sample = makeSampleWorkspace();
  archive = makeArchive(sample.folder);
  server = await startWorkbenches();
  workbench = await server.open(sample.folder);
  await workbench.openFile(archive);
});

beforeEach(() => onTestFailed(({ task }) => reportFailure(workbench, task)));

afterAll(async () => {
  await server?.close();
  sample?.remove();
});

const rows = () => workbench.elf.getByRole('grid').first().locator('.rows [role="row"]');
const tabOf = (title: string) => workbench.page.locator('.tabs-container .tab', { hasText: title });

test('an archive shows its members, as ar lists them', async () => {
  await workbench.elf.getByRole('tab', { name: /^Members/u }).click();
  const listed = execFileSync('ar', ['t', archive], { encoding: 'utf8' }).trim().split('\n');
  await expect.poll(() => rows().locator('[aria-colindex="2"]').allTextContents()).toEqual(listed);
  // What is asked of programs and libraries is not asked of an archive.
  expect(await workbench.elf.getByRole('tab', { name: /^Hardening/u }).count()).toBe(0);
  expect(await accessibilityViolations(await workbench.elfFrame())).toEqual([]);
});

test('Enter opens a member in an editor of its own, which tells the archive and the member', async () => {
  await rows().filter({ hasText: 'two.o' }).click();
  await workbench.page.keyboard.press('Enter');
  await tabOf('libparts.a(two.o)').waitFor();
  await workbench.elf.getByRole('heading', { level: 1 }).filter({ hasText: 'relocatable' }).waitFor();
  expect(await workbench.elf.locator('.path').textContent()).toContain('libparts.a(two.o');
  await workbench.elf.getByRole('tab', { name: /^Symbols/u }).click();
  const names = rows().locator('[aria-colindex="2"]');
  await expect.poll(() => names.allTextContents()).toContain('second_part');
  expect(await names.allTextContents()).not.toContain('first_part');
});

test('the bytes of a member are those of the member', async () => {
  await rows().filter({ hasText: 'second_part' }).click();
  await workbench.page.keyboard.press('Space');
  await workbench.elf.getByRole('button', { name: 'Entry in the table' }).click();
  await expect.poll(() => workbench.elf.locator('.place-of').textContent()).toContain('st_name');
  expect(await workbench.elf.locator('.fields .current').textContent()).toContain('second_part');
});

test('another member is another editor', async () => {
  await tabOf('libparts.a').first().click();
  await rows().filter({ hasText: 'one.o' }).dblclick();
  await tabOf('libparts.a(one.o)').waitFor();
  expect(await tabOf('libparts.a(two.o)').count()).toBe(1);
});

test('a function of a member leads to the line of its source', async () => {
  await workbench.elf.getByRole('tab', { name: /^Symbols/u }).click();
  await rows().filter({ hasText: 'first_part' }).click();
  await workbench.page.keyboard.press('Shift+Enter');
  await tabOf('one.c').waitFor();
  const code = workbench.page.locator('.view-lines');
  await expect
    .poll(async () => (await code.textContent())?.replaceAll('\u00a0', ' '))
    .toContain('int first_part(int x)');
});

test('a function of a member is disassembled under the name of the member', async () => {
  await tabOf('libparts.a(one.o)').click();
  await rows().filter({ hasText: 'first_part' }).dblclick();
  await tabOf('first_part').waitFor();
  const code = workbench.page.locator('.view-lines').last();
  await expect.poll(async () => (await code.textContent())?.replaceAll('\u00a0', ' ')).toContain('libparts.a(one.o)');
});

function makeArchive(folder: string): string {
  const path = join(folder, 'build', 'libparts.a');
  for (const [file, name] of [
    ['one', 'first_part'],
    ['two', 'second_part'],
  ]) {
    writeFileSync(join(folder, `${file}.c`), `int ${name}(int x) { return x + 1; }\n`);
    execFileSync('cc', ['-g', '-c', '-o', join(folder, `${file}.o`), join(folder, `${file}.c`)]);
  }
  execFileSync('ar', ['rcs', path, join(folder, 'one.o'), join(folder, 'two.o')]);
  return path;
}
