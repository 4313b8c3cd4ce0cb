import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, onTestFailed, test } from 'vitest';
import { accessibilityViolations } from './support/accessibility.ts';
import { type ManySymbols, makeManySymbols } from './support/many-symbols.ts';
import { makeSampleWorkspace, type SampleWorkspace } from './support/sample-workspace.ts';
import { reportFailure } from './support/screenshot.ts';
import { startWorkbenches, type Workbench, type WorkbenchServer } from './support/workbench.ts';

let server: WorkbenchServer;
let sample: SampleWorkspace;
let workbench: Workbench;
let library: ManySymbols;

beforeAll(async () => {
  sample = makeSampleWorkspace();
  library = await makeManySymbols(sample.folder, 300_000);
  server = await startWorkbenches();
  workbench = await server.open(sample.folder);
  await workbench.openFile(library.path);
});

beforeEach(() => onTestFailed(({ task }) => reportFailure(workbench, task)));

afterAll(async () => {
  await server?.close();
  sample?.remove();
});

const grid = () => workbench.elf.getByRole('grid').first();
const rows = () => grid().locator('.rows [role="row"]');
const selected = () => grid().locator('.rows [role="row"][aria-selected="true"]');
const filter = () => workbench.elf.locator('vscode-textfield input');
const press = (key: string): Promise<void> => workbench.page.keyboard.press(key);
const clipboard = async (): Promise<string> => {
  await workbench.page.bringToFront();
  return await workbench.page.evaluate(() => navigator.clipboard.readText());
};
/** Position and name of the row that the keys are on. */
async function activeRow(): Promise<readonly [position: number, name: string]> {
  const id = await grid().getAttribute('aria-activedescendant');
  if (id === null) return [-1, ''];
  const row = workbench.elf.locator(`[id="${id}"]`);
  const name = await row.locator('[aria-colindex="2"]').textContent();
  return [Number(await row.getAttribute('aria-rowindex')) - 2, name ?? ''];
}
const isAt = (position: number) =>
  expect.poll(activeRow, { timeout: 10_000 }).toEqual([position, library.names[position] ?? '']);
const places = (): readonly number[] => library.names.map((_name, place) => place);

test('a table of 300,000 rows has them all, and makes only those in sight', async () => {
  await workbench.elf.getByRole('tab', { name: /^Symbols/u }).click();
  expect(library.names.length).toBeGreaterThan(300_000);
  await expect.poll(() => grid().getAttribute('aria-rowcount')).toBe(String(library.names.length + 1));
  await rows().nth(20).waitFor();
  expect(await rows().count()).toBeLessThan(150);
  expect(await grid().getAttribute('aria-multiselectable')).toBe('true');
  expect(await accessibilityViolations(await workbench.elfFrame())).toEqual([]);
});

test('keys page to its end, row by row as readelf lists them', async () => {
  await grid().focus();
  await press('Home');
  await press('PageDown');
  await expect.poll(async () => (await activeRow())[0]).toBeGreaterThan(5);
  const [page] = await activeRow();
  for (let at = 2; at <= 12; at += 1) {
    await press('PageDown');
    await isAt(at * page);
  }
  await press('End');
  const last = library.names.length - 1;
  await isAt(last);
  await press('PageUp');
  await isAt(last - page);
  for (let at = 0; at < 3; at += 1) await press('ArrowUp');
  await isAt(last - page - 3);
  for (let at = 0; at < 2; at += 1) await press('PageDown');
  await isAt(last);
});

test('it is sorted by size, and the order is whole', async () => {
  const size = workbench.elf.getByRole('columnheader', { name: 'Size' });
  await size.click();
  await size.click();
  expect(await size.getAttribute('aria-sort')).toBe('descending');
  const place = await size.getAttribute('aria-colindex');
  const largest = library.sizes.reduce((most, size) => Math.max(most, size), 0);
  const sizeOf = async (position: 'first' | 'last'): Promise<number> =>
    Number(await rows()[position]().locator(`[aria-colindex="${place}"]`).textContent());
  await expect.poll(() => sizeOf('first')).toBe(largest);
  await grid().focus();
  await press('End');
  await expect.poll(() => sizeOf('last')).toBe(0);
  await size.click();
  expect(await size.getAttribute('aria-sort')).toBe('none');
  await press('Home');
});

test('a filter leaves what the sizes of readelf say', async () => {
  await filter().fill('size:>1000 name~_5');
  const matching = places().filter(at => (library.sizes[at] ?? 0) > 1000 && library.names[at]?.includes('_5'));
  expect(matching.length).toBeGreaterThan(100);
  const shown = `${matching.length.toLocaleString('en')} of ${library.names.length.toLocaleString('en')} rows`;
  await expect.poll(() => workbench.elf.locator('.count').textContent()).toBe(shown);
  await expect
    .poll(() => rows().first().locator('[aria-colindex="2"]').textContent())
    .toBe(library.names[matching[0] ?? 0]);

  // All that it leaves, from the keyboard.
  await filter().press('Enter');
  await press('Control+a');
  await expect
    .poll(() => workbench.elf.locator('.selected-name').textContent())
    .toBe(`${matching.length.toLocaleString('en')} rows selected`);
  expect(await accessibilityViolations(await workbench.elfFrame())).toEqual([]);
  await press('Control+c');
  await workbench.elf.getByText(/rows copied$/u).waitFor();
  const [head = '', ...lines] = (await clipboard()).split('\n');
  const name = head.split('\t').indexOf('Name');
  expect(lines.map(line => line.split('\t')[name])).toEqual(matching.map(at => library.names[at]));
  await filter().fill('');
  await expect.poll(() => grid().getAttribute('aria-rowcount')).toBe(String(library.names.length + 1));
});

test('rows are selected by the pointer and by keys, and copied', async () => {
  const nameOf = (position: number): string => library.names[position] ?? '';
  const rowAt = (position: number) => grid().locator(`[aria-rowindex="${position + 2}"]`);
  const selectedNames = async (): Promise<readonly string[]> =>
    await selected().locator('[aria-colindex="2"]').allTextContents();
  await rowAt(3).click();
  await rowAt(6).click({ modifiers: ['Shift'] });
  await expect.poll(selectedNames).toEqual([3, 4, 5, 6].map(nameOf));
  await rowAt(9).click({ modifiers: ['Control'] });
  await rowAt(4).click({ modifiers: ['Control'] });
  await expect.poll(selectedNames).toEqual([3, 5, 6, 9].map(nameOf));
  await workbench.elf.getByRole('button', { name: 'Copy as JSON' }).click();
  await workbench.elf.getByText('4 rows copied').waitFor();
  const objects = JSON.parse(await clipboard()) as readonly { readonly name: string }[];
  expect(objects.map(({ name }) => name)).toEqual([3, 5, 6, 9].map(nameOf));

  await rowAt(10).click();
  for (let at = 0; at < 3; at += 1) await press('Shift+ArrowDown');
  await expect.poll(selectedNames).toEqual([10, 11, 12, 13].map(nameOf));
  await press('Control+ArrowDown');
  await press('Control+ArrowDown');
  await expect.poll(async () => (await activeRow())[0]).toBe(15);
  await press('Control+Space');
  await expect.poll(selectedNames).toEqual([10, 11, 12, 13, 15].map(nameOf));
  await workbench.elf.getByRole('button', { name: 'Copy Names' }).click();
  await workbench.elf.getByText('5 rows copied').waitFor();
  expect((await clipboard()).split('\n')).toEqual([10, 11, 12, 13, 15].map(nameOf));
  await grid().focus();
  await press('Escape');
  await expect.poll(selectedNames).toEqual([nameOf(15)]);
});

test('all 300,000 rows are selected at once; to copy them is told and can be given up', async () => {
  await grid().focus();
  await press('Control+a');
  const all = library.names.length.toLocaleString('en');
  await expect.poll(() => workbench.elf.locator('.selected-name').textContent()).toBe(`${all} rows selected`);
  const before = await clipboard();
  await workbench.elf.getByRole('button', { name: 'Copy as JSON' }).click();
  await workbench.elf.getByText(/^[\d,]+ rows so far/u).waitFor();
  await workbench.elf.getByRole('button', { name: 'Cancel' }).click();
  await workbench.elf.getByRole('button', { name: 'Cancel' }).waitFor({ state: 'detached' });
  expect(await clipboard()).toBe(before);
});

test('filter, order, scroll position, selection, columns, tab and bytes are there again after another editor was in front', async () => {
  const count = places().filter(at => (library.sizes[at] ?? 0) > 500).length;
  await filter().fill('size:>500');
  await expect.poll(() => workbench.elf.locator('.count').textContent()).toContain(`${count.toLocaleString('en')} of`);
  await workbench.elf.getByRole('columnheader', { name: 'Size' }).click();
  await workbench.elf.getByLabel('Columns').first().click();
  await workbench.elf.getByLabel('Visibility').uncheck();
  await press('Escape');
  await expect.poll(() => grid().getAttribute('aria-rowcount')).toBe(String(count + 1));
  await grid().focus();
  for (let at = 0; at < 5; at += 1) await press('PageDown');
  for (let at = 0; at < 3; at += 1) await press('Shift+ArrowDown');
  await expect.poll(() => selected().count()).toBe(4);
  await press('Space');
  await workbench.elf.getByRole('button', { name: 'Entry in the table' }).click();
  await expect.poll(() => workbench.elf.locator('.place-of').textContent()).toContain('st_name');
  await expect.poll(() => workbench.elf.locator('[aria-busy]').count()).toBe(0);
  const look = async () => ({
    filter: await filter().inputValue(),
    sort: await workbench.elf.getByRole('columnheader', { name: 'Size' }).getAttribute('aria-sort'),
    columns: await workbench.elf.getByRole('columnheader').allTextContents(),
    selected: await selected().locator('[aria-colindex="2"]').allTextContents(),
    active: await activeRow(),
    tab: await workbench.elf.locator('[role="tab"][aria-selected="true"]').textContent(),
    bytes: await workbench.elf.locator('.hex-row').first().textContent(),
    top: await grid().evaluate(element => Math.round(element.scrollTop / 22)),
  });
  const before = await look();
  expect(before.selected.length).toBe(4);
  expect(before.top).toBeGreaterThan(20);

  await workbench.openFile(join(sample.folder, 'build', 'libcsv.so'));
  await workbench.elf.locator('dt:has-text("SONAME") + dd').waitFor();
  await workbench.openFile(library.path);
  await workbench.elf.locator('.hex-row .byte').first().waitFor();
  await expect.poll(look, { timeout: 10_000 }).toEqual(before);
});
