import { execFileSync } from 'node:child_process';
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
  library = join(sample.folder, 'build', 'libcsv.so');
  server = await startWorkbenches();
  workbench = await server.open(sample.folder);
  await workbench.openFile(library);
});

beforeEach(() => onTestFailed(({ task }) => reportFailure(workbench, task)));

afterAll(async () => {
  await server?.close();
  sample?.remove();
});

const press = (key: string): Promise<void> => workbench.page.keyboard.press(key);
const table = () => workbench.elf.getByRole('grid').first();
const hex = () => workbench.elf.locator('.hex-grid');
const place = () => workbench.elf.locator('.place-of');

test('Space shows the bytes of the chosen section, as od prints them', async () => {
  await workbench.elf.getByRole('tab', { name: /^Sections/u }).click();
  await table().locator('.rows [role="row"]').filter({ hasText: '.dynsym' }).click();
  await press('Space');
  const selected = workbench.elf.locator('.hex-row .byte.selected');
  await selected.first().waitFor();
  const [, , , , offset = '', size = ''] = section('.dynsym');
  const count = Math.min(Number.parseInt(size, 16), 32);
  const bytes = execFileSync('od', ['-An', '-v', '-tx1', `-j${Number.parseInt(offset, 16)}`, `-N${count}`, library], {
    encoding: 'utf8',
  });
  expect((await selected.allTextContents()).slice(0, count)).toEqual(bytes.trim().split(/\s+/u));
  expect(await accessibilityViolations(await workbench.elfFrame())).toEqual([]);
});

test('keys move through the bytes, and tell the field that each belongs to', async () => {
  await hex().focus();
  // The first symbol is empty; the second begins 24 bytes later, and its st_info 4 bytes into it.
  for (const key of ['ArrowDown', ...Array.from({ length: 12 }, () => 'ArrowRight')]) await press(key);
  await expect.poll(() => place().textContent()).toContain('st_info');
  expect(await hex().getAttribute('aria-activedescendant')).toBe(
    await workbench.elf.locator('.byte.cursor').getAttribute('id'),
  );
  await press('ArrowRight');
  await expect.poll(() => place().textContent()).toContain('st_other');
});

test('the entry of a row is shown instead of its contents', async () => {
  await workbench.elf.getByRole('button', { name: 'Entry in the table' }).click();
  await expect.poll(() => place().textContent()).toContain('sh_name');
});

test('the bytes follow the chosen row', async () => {
  await table().locator('.rows [role="row"]').filter({ hasText: '.dynamic' }).click();
  await expect.poll(() => place().textContent()).toContain('sh_name');
  await workbench.elf.getByRole('button', { name: 'Contents' }).click();
  const [, , , , offset = ''] = section('.dynamic');
  await expect.poll(() => place().textContent()).toContain(`0x${Number.parseInt(offset, 16).toString(16)}`);
  await table().focus();
  await press('Space');
  await hex().waitFor({ state: 'detached' });
});

test('a byte of code has the name of its function', async () => {
  await workbench.elf.getByRole('tab', { name: /^Symbols/u }).click();
  const [address = '', name = ''] = execFileSync('nm', [library], { encoding: 'utf8' })
    .split('\n')
    .flatMap(line => /^([0-9a-f]+) T (csv_\w+)$/u.exec(line)?.slice(1) ?? []);
  await workbench.elf.locator('vscode-textfield input').fill(`name:${name}`);
  await expect.poll(() => table().locator('.rows [role="row"]').count()).toBe(1);
  await table().locator('.rows [role="row"]').click();
  await press('Space');
  await expect.poll(() => place().textContent()).toContain(`${name} = function at 0x${address.replace(/^0+/u, '')}`);
});

/** Name, type, address, offset, size of a section by readelf, as it prints them. */
function section(name: string): readonly string[] {
  const text = execFileSync('readelf', ['-SW', library], { encoding: 'utf8' });
  const line = text.split('\n').find(each => each.includes(`] ${name} `)) ?? '';
  return line
    .replace(/\[\s*(\d+)\]/u, '$1')
    .trim()
    .split(/\s+/u);
}
