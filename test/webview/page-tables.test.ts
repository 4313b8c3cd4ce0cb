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
let source: string;

beforeAll(async () => {
  sample = makeSampleWorkspace();
  ({ library, source } = buildShapes(sample.folder));
  server = await startWorkbenches();
  workbench = await server.open(sample.folder);
  await workbench.openFile(library);
  await workbench.elf.getByRole('tab', { name: /^Dynamic Symbols/u }).click();
  await row().nth(1).waitFor();
});

beforeEach(() => onTestFailed(({ task }) => reportFailure(workbench, task)));

afterAll(async () => {
  await server?.close();
  sample?.remove();
});

const grid = () => workbench.elf.getByRole('grid').first();
const row = () => grid().getByRole('row');
const filter = () => workbench.elf.locator('vscode-textfield input');
const press = (key: string): Promise<void> => workbench.page.keyboard.press(key);
const names = async (): Promise<readonly string[]> =>
  await grid().locator('.rows [role="row"] [aria-colindex="2"]').allTextContents();

test('chips show the imports and the exports, as nm tells them', async () => {
  await workbench.elf.getByRole('button', { name: 'Imports' }).click();
  const imports = nm('--undefined-only');
  await expect.poll(async () => sorted(await names())).toEqual(imports);
  await workbench.elf.getByRole('button', { name: 'Exports' }).click();
  await expect.poll(async () => sorted(await names())).toEqual(nm('--defined-only'));
  expect(await accessibilityViolations(await workbench.elfFrame())).toEqual([]);
});

test('a filter that cannot be understood says where, at the input', async () => {
  await filter().fill('size:>soon');
  const alert = workbench.elf.locator('.filter-error');
  await alert.waitFor();
  expect(await alert.locator('mark').textContent()).toContain('soon');
  await expect.poll(() => filter().getAttribute('aria-invalid')).toBe('true');
  expect(await accessibilityViolations(await workbench.elfFrame())).toEqual([]);
  await filter().fill('');
  await alert.waitFor({ state: 'detached' });
  await expect.poll(() => filter().getAttribute('aria-invalid')).toBe('false');
});

test('the help of the filter opens and closes by keys', async () => {
  const help = workbench.elf.getByLabel('How to filter');
  await help.focus();
  await press('Enter');
  await workbench.elf.getByText('numbers; k, M, G are powers of 1024').waitFor();
  expect(await accessibilityViolations(await workbench.elfFrame())).toEqual([]);
  await press('Escape');
  await workbench.elf.getByText('numbers; k, M, G are powers of 1024').waitFor({ state: 'hidden' });
});

test('headers sort by keys and by the pointer, and tell the order', async () => {
  const size = workbench.elf.getByRole('columnheader', { name: 'Size' });
  await size.click();
  expect(await size.getAttribute('aria-sort')).toBe('ascending');
  const sizes = async (): Promise<readonly number[]> =>
    (await grid().locator('.rows [role="row"] [aria-colindex="5"]').allTextContents()).map(Number);
  await expect.poll(async () => isSorted(await sizes(), 1)).toBe(true);
  await grid().focus();
  await press('Home');
  await press('ArrowUp');
  for (let at = 1; at < 5; at += 1) await press('ArrowRight');
  await expect.poll(() => grid().getAttribute('aria-activedescendant')).toBe(await size.getAttribute('id'));
  await press('Enter');
  await expect.poll(() => size.getAttribute('aria-sort')).toBe('descending');
  await expect.poll(async () => isSorted(await sizes(), -1)).toBe(true);
  await press('Enter');
  await expect.poll(() => size.getAttribute('aria-sort')).toBe('none');
});

test('names are shown as they are in the source', async () => {
  await workbench.elf.getByRole('button', { name: 'Demangle' }).click();
  await expect.poll(names).toContain('shapes::Circle::area() const');
});

test('columns can be left out', async () => {
  await workbench.elf.getByLabel('Columns').first().click();
  await workbench.elf.getByLabel('Visibility').uncheck();
  await expect.poll(() => workbench.elf.getByRole('columnheader', { name: 'Visibility' }).count()).toBe(0);
  await press('Escape');
});

test('the selected row is copied as JSON', async () => {
  await select('shapes::Circle::area() const');
  await workbench.elf.getByRole('button', { name: 'Copy as JSON' }).click();
  await workbench.elf.getByText('Copied', { exact: true }).waitFor();
  await workbench.page.bringToFront();
  const copied: unknown = JSON.parse(await workbench.page.evaluate(() => navigator.clipboard.readText()));
  expect(copied).toMatchObject({ name: '_ZNK6shapes6Circle4areaEv', demangled: 'shapes::Circle::area() const' });
});

test('all rows that match are copied, as nm lists them', async () => {
  await workbench.elf.getByRole('button', { name: 'Copy All Matching Rows as TSV' }).click();
  await workbench.elf.getByText(/rows copied$/u).waitFor();
  const copied = await workbench.page.evaluate(() => navigator.clipboard.readText());
  const [head = '', ...lines] = copied.split('\n');
  const at = head.split('\t').indexOf('Name');
  expect(sorted(lines.map(line => line.split('\t')[at] ?? ''))).toEqual(nm('--defined-only'));
});

test('how a table was left is kept while another editor is in front', async () => {
  await workbench.openFile(join(sample.folder, 'build', 'libcsv.so'));
  await workbench.elf.getByText('libcsv.so', { exact: false }).first().waitFor();
  await workbench.openFile(library);
  await expect
    .poll(() => workbench.elf.getByRole('button', { name: 'Exports' }).getAttribute('aria-pressed'))
    .toBe('true');
  await expect.poll(names).toContain('shapes::Circle::area() const');
  expect(await workbench.elf.getByRole('columnheader', { name: 'Visibility' }).count()).toBe(0);
});

test('a row leads to the line of its source', async () => {
  await select('shapes::Circle::area() const');
  await grid().focus();
  await press('Shift+Enter');
  await workbench.page.locator('.tab', { hasText: 'shapes.cpp' }).first().waitFor();
  const code = workbench.page.locator('.view-lines');
  await expect.poll(async () => (await code.textContent())?.replaceAll('\u00a0', ' ')).toContain('Circle::area');
  expect(source).toContain('shapes.cpp');
});

async function select(name: string): Promise<void> {
  await grid().locator('.rows [role="row"]').filter({ hasText: name }).first().click();
}

function nm(which: string): readonly string[] {
  const text = execFileSync('nm', ['-D', '--format=just-symbols', '--without-symbol-versions', which, library], {
    encoding: 'utf8',
  });
  return sorted(text.split('\n').filter(line => line !== ''));
}

function sorted(texts: readonly string[]): readonly string[] {
  return [...texts].sort();
}

function isSorted(values: readonly number[], direction: 1 | -1): boolean {
  return values.length > 3 && values.every((value, at) => at === 0 || direction * (value - (values[at - 1] ?? 0)) >= 0);
}

/** A C++ library with debug information. */
function buildShapes(folder: string): { readonly library: string; readonly source: string } {
  const cpp = join(folder, 'shapes.cpp');
  const built = join(folder, 'build', 'libshapes.so');
  writeFileSync(
    cpp,
    `#include <cstdio>
namespace shapes {
struct Circle { double radius; double area() const; void print() const; };
double Circle::area() const { return 3.14159 * radius * radius; }
void Circle::print() const { std::printf("%f\\n", area()); }
double table[64] = { 1.0 };
int unit = 4;
}
`,
  );
  execFileSync('c++', ['-g', '-shared', '-fPIC', '-o', built, cpp]);
  return { library: built, source: cpp };
}
