import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { accessibilityViolations } from './support/accessibility.ts';
import { type LargeLibrary, largestLibrary } from './support/large-library.ts';
import { makeSampleWorkspace, type SampleWorkspace } from './support/sample-workspace.ts';
import { reportFailure } from './support/screenshot.ts';
import { startWorkbenches, type Workbench, type WorkbenchServer } from './support/workbench.ts';

let server: WorkbenchServer;
let sample: SampleWorkspace;
let workbench: Workbench;
let library: LargeLibrary;

beforeAll(async () => {
  library = largestLibrary();
  sample = makeSampleWorkspace();
  server = await startWorkbenches();
  workbench = await server.open(sample.folder);
});

afterEach(({ task }) => reportFailure(workbench, task));

afterAll(async () => {
  await server?.close();
  sample?.remove();
});

const grid = () => workbench.elf.getByRole('grid');
const activeRow = () => workbench.elf.locator('[role="row"][aria-selected="true"]');
const filter = () => workbench.elf.locator('vscode-textfield input');
const tab = (name: RegExp) => workbench.elf.getByRole('tab', { name });
const built = (name: string): string => join(sample.folder, 'build', name);

test('the overview says what the file is, with the commands that show the same', async () => {
  await workbench.openFile(library.path);
  const heading = workbench.elf.getByRole('heading', { level: 1 });
  await heading.waitFor();
  expect(await heading.textContent()).toMatch(/^shared library, /u);
  const soname = execFileSync('readelf', ['-d', library.path], { encoding: 'utf8' }).match(/soname: \[(.+)\]/u)?.[1];
  expect(await workbench.elf.locator('dt:has-text("SONAME") + dd').textContent()).toBe(soname);
  expect(await workbench.elf.locator('.command code').first().textContent()).toContain('readelf');
  expect(await accessibilityViolations(await workbench.elfFrame())).toEqual([]);
});

test('the table of dynamic symbols has every row that readelf lists, and makes only those in view', async () => {
  await tab(/^Dynamic Symbols/u).click();
  await expect.poll(() => grid().getAttribute('aria-rowcount')).toBe(String(library.symbols.length + 1));
  await workbench.elf.getByRole('row').nth(20).waitFor();
  expect(await workbench.elf.getByRole('row').count()).toBeLessThan(150);
});

test('keys move through the whole table, and tell where', async () => {
  await grid().focus();
  await workbench.page.keyboard.press('End');
  const last = library.symbols.at(-1);
  await expect.poll(() => activeRow().getAttribute('aria-rowindex')).toBe(String(library.symbols.length + 1));
  await expect.poll(() => activeRow().textContent()).toContain(last?.name);
  expect(await grid().getAttribute('aria-activedescendant')).toBe(await activeRow().getAttribute('id'));

  await workbench.page.keyboard.press('Home');
  await expect.poll(() => activeRow().getAttribute('aria-rowindex')).toBe('2');
  await workbench.page.keyboard.press('PageDown');
  await expect.poll(async () => Number(await activeRow().getAttribute('aria-rowindex'))).toBeGreaterThan(10);
  const afterPage = Number(await activeRow().getAttribute('aria-rowindex'));
  await workbench.page.keyboard.press('ArrowDown');
  await expect.poll(() => activeRow().getAttribute('aria-rowindex')).toBe(String(afterPage + 1));
  await expect.poll(() => activeRow().textContent()).toContain(library.symbols[afterPage - 1]?.name);
  expect(await accessibilityViolations(await workbench.elfFrame())).toEqual([]);
});

test('a wheel scrolls the table', async () => {
  await grid().focus();
  await workbench.page.keyboard.press('Home');
  const before = await workbench.elf.getByRole('row').nth(1).getAttribute('aria-rowindex');
  await grid().hover();
  await workbench.page.mouse.wheel(0, 40_000);
  await expect
    .poll(async () => Number(await workbench.elf.getByRole('row').nth(1).getAttribute('aria-rowindex')))
    .toBeGreaterThan(Number(before) + 100);
});

test('a filter leaves the rows that have its words', async () => {
  const word = distinctiveWord(library);
  await filter().fill(word.toUpperCase());
  const names = library.symbols.map(({ name }) => name).filter(name => name.toLowerCase().includes(word.toLowerCase()));
  const count = workbench.elf.locator('.count[role="status"]');
  await expect
    .poll(() => count.textContent())
    .toBe(`${names.length.toLocaleString('en')} of ${library.symbols.length.toLocaleString('en')} rows`);
  await expect.poll(() => workbench.elf.getByRole('row').nth(1).textContent()).toContain(names[0]);
});

test('what was typed and chosen is there again after another tab was in front', async () => {
  const word = await filter().inputValue();
  await grid().focus();
  await workbench.page.keyboard.press('End');
  const index = await activeRow().getAttribute('aria-rowindex');

  await workbench.openFile(built('libcsv.so'));
  await workbench.elf.getByText(built('libcsv.so'), { exact: false }).first().waitFor();
  await workbench.openFile(library.path);
  await grid().waitFor();
  expect(await tab(/^Dynamic Symbols/u).getAttribute('aria-selected')).toBe('true');
  await expect.poll(() => filter().inputValue()).toBe(word);
  await expect.poll(() => activeRow().getAttribute('aria-rowindex')).toBe(index);
});

test('Enter shows the code of the chosen symbol beside', async () => {
  const { name } = library.symbols.find(isFunction) ?? { name: '' };
  await filter().fill(name);
  await expect.poll(() => workbench.elf.getByRole('row').nth(1).textContent()).toContain(name);
  await grid().focus();
  await workbench.page.keyboard.press('Home');
  await expect.poll(() => activeRow().textContent()).toContain(name);
  const shown = await activeRow().getByRole('gridcell').nth(1).textContent();
  await workbench.page.keyboard.press('Enter');
  const code = workbench.page.locator('.view-lines');
  await code.waitFor();
  // The editor writes spaces that do not break.
  await expect.poll(async () => (await code.textContent())?.replaceAll('\u00a0', ' ')).toContain(`<${shown}`);
  await workbench.runCommand('View: Close All Editors');
});

test('a command is copied with a button', async () => {
  await workbench.openFile(built('libcsv.so'));
  const line = workbench.elf.locator('.command').first();
  const command = await line.locator('code').textContent();
  const button = line.getByRole('button', { name: command ?? '' });
  await button.click();
  await expect.poll(() => button.getAttribute('title')).toBe('Copied');
  await workbench.page.bringToFront();
  expect(await workbench.page.evaluate(() => navigator.clipboard.readText())).toBe(command);
});

test('tabs follow the keys that WAI-ARIA has for them', async () => {
  await tab(/^Overview/u).focus();
  await workbench.page.keyboard.press('ArrowRight');
  await expect.poll(() => tab(/^Hardening/u).getAttribute('aria-selected')).toBe('true');
  await workbench.page.keyboard.press('End');
  await expect.poll(() => workbench.elf.getByRole('tab').last().getAttribute('aria-selected')).toBe('true');
  await workbench.page.keyboard.press('Home');
  await expect.poll(() => tab(/^Overview/u).getAttribute('aria-selected')).toBe('true');
});

test('findings stand in the overview, with their rule and their command', async () => {
  await workbench.openFile(built('libplugin.so'));
  const finding = workbench.elf.locator('.finding.error');
  await finding.waitFor();
  expect(await finding.textContent()).toContain('libinventory-extra.so');
  expect(await accessibilityViolations(await workbench.elfFrame())).toEqual([]);
});

test('a text file gets a sentence, and a way out', async () => {
  const path = join(sample.folder, 'notes.so');
  writeFileSync(path, 'Not a library.\n');
  await workbench.openFile(path);
  const sentence = workbench.elf.getByRole('alert');
  await sentence.waitFor();
  expect(await sentence.textContent()).toContain('notes.so');
  expect(await accessibilityViolations(await workbench.elfFrame())).toEqual([]);
  await workbench.elf.getByRole('button', { name: 'Open with Another Editor' }).click();
  await workbench.page.locator('.quick-input-widget').getByText('Text Editor').first().waitFor();
  await workbench.page.keyboard.press('Escape');
});

test('the page follows the file when it is built anew', async () => {
  const path = built('libcsv.so');
  await workbench.openFile(path);
  const soname = workbench.elf.locator('dt:has-text("SONAME") + dd');
  await expect.poll(() => soname.textContent()).toBe('libcsv.so');
  const source = join(sample.folder, 'renamed.c');
  writeFileSync(source, 'int renamed;\n');
  execFileSync('cc', ['-shared', '-fPIC', '-Wl,-soname,librenamed.so', '-o', path, source]);
  await expect.poll(() => soname.textContent(), { timeout: 20_000 }).toBe('librenamed.so');
});

function isFunction({ type, sizeBytes, defined, name }: LargeLibrary['symbols'][number]): boolean {
  return type === 'FUNC' && defined && sizeBytes > 16 && name.length > 8;
}

/** Part of a name that occurs in no other column of the table. */
function distinctiveWord({ symbols }: LargeLibrary): string {
  const name = symbols.filter(isFunction).at(-1)?.name ?? '';
  return name.slice(Math.floor(name.length / 2), Math.floor(name.length / 2) + 5);
}
