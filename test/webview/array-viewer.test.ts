import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { accessibilityViolations } from './support/accessibility.ts';
import { reportFailure, takeScreenshot } from './support/screenshot.ts';
import { type Look, startWorkbenches, type Workbench, type WorkbenchServer } from './support/workbench.ts';

const folder = temporaryFolder();
let server: WorkbenchServer;

/** An .npy file of float32, as numpy.save writes it. */
function save(name: string, shape: readonly number[], values: Float32Array): void {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`;
  const padded = `${text.padEnd(128 - 10 - 1)}\n`;
  const length = Buffer.alloc(2);
  length.writeUInt16LE(padded.length);
  const head = Buffer.concat([
    Buffer.from([0x93]),
    Buffer.from('NUMPY'),
    Buffer.from([1, 0]),
    length,
    Buffer.from(padded),
  ]);
  writeFileSync(join(folder, name), Buffer.concat([head, Buffer.from(values.buffer)]));
}

beforeAll(async () => {
  // What a layer's weights look like: a bell around 0, some of them 0 and one broken.
  let seed = 42;
  const random = (): number => {
    seed = (seed * 48_271) % 0x7fff_ffff;
    return seed / 0x7fff_ffff;
  };
  const weights = Float32Array.from({ length: 3 * 500 * 64 }, () => (random() + random() + random() - 1.5) / 4);
  weights[12_345] = Number.NaN;
  save('weights.npy', [3, 500, 64], weights);
  save(
    'long.npy',
    [3_000_000],
    Float32Array.from({ length: 3_000_000 }, (_, index) => index),
  );
  writeFileSync(join(folder, 'broken.npy'), '\u0093NUMPY and no more', 'latin1');
  server = await startWorkbenches();
});
afterAll(() => server?.close());

const looks: readonly Look[] = ['dark', 'light', 'high-contrast'];

describe.each(looks)('arrays in the %s theme', look => {
  let workbench: Workbench;

  beforeAll(async () => {
    workbench = await server.open(folder, look);
    await workbench.runCommand('View: Toggle Primary Side Bar Visibility');
  });
  afterAll(() => workbench?.close());
  afterEach(({ task }) => reportFailure(workbench, task));

  test('are a table, by keyboard alone, and accessible', async () => {
    const { elf, page } = workbench;
    await workbench.openFile(join(folder, 'weights.npy'));
    const grid = elf.getByRole('grid');
    await grid.waitFor();
    // Of the first axis, of which a table has no room, the first index.
    expect(await elf.getByLabel('Part').inputValue()).toBe('0, :, :');
    expect(await grid.getAttribute('aria-rowcount')).toBe('501');
    await elf.locator('#cell-0-0').filter({ hasText: /\d/u }).waitFor();
    await grid.focus();
    await page.keyboard.press('Control+End');
    await elf.locator('#cell-499-63.active').filter({ hasText: /\d/u }).waitFor();
    await page.keyboard.press('Home');
    await elf.locator('#cell-499-0.active').waitFor();
    expect(await accessibilityViolations(await workbench.elfFrame())).toEqual([]);
    await page.keyboard.press('Control+Home');
    await elf.locator('#cell-0-0.active').waitFor();
    await takeScreenshot(workbench, 'array-values', look);
  });

  test('have statistics and sums, of a part too', async () => {
    const { elf, page } = workbench;
    const part = elf.getByLabel('Part');
    await part.fill('0, 192:194, 55:60');
    await page.keyboard.press('Enter');
    await elf.getByRole('grid').and(elf.locator('[aria-rowcount="3"]')).waitFor();
    await elf.getByText('nan', { exact: true }).waitFor();
    await part.fill('9, :');
    await page.keyboard.press('Enter');
    await elf
      .getByRole('alert')
      .filter({ hasText: 'Index 9 is out of bounds for axis 0, which has 3 elements.' })
      .waitFor();
    await part.fill('...');
    await page.keyboard.press('Enter');
    await elf.getByRole('alert').filter({ hasText: 'The part has 3 axes, and a table two' }).waitFor();
    await part.fill('0, :, :');
    await page.keyboard.press('Enter');
    await elf.getByRole('grid').and(elf.locator('[aria-rowcount="501"]')).waitFor();
    await elf.getByRole('tab', { name: 'Statistics' }).click();
    await elf.getByText('1, the first at [192, 57]').waitFor();
    const bars = elf.locator('.histogram-bar');
    const heights = await bars.evaluateAll(all => all.map(bar => bar.getBoundingClientRect().height));
    expect(Math.max(...heights)).toBeGreaterThan(100);
    expect(heights[0]).toBeLessThan(20);
    expect(await accessibilityViolations(await workbench.elfFrame())).toEqual([]);
    await takeScreenshot(workbench, 'array-statistics', look);
    await elf.getByLabel('Part').fill('1, :, :');
    await page.keyboard.press('Enter');
    await elf.getByRole('tab', { name: 'Sums' }).click();
    await elf.getByRole('table', { name: 'Sum' }).getByText('pairwiseKahan').first().waitFor();
    expect(await accessibilityViolations(await workbench.elfFrame())).toEqual([]);
    await takeScreenshot(workbench, 'array-sums', look);
    await elf.getByRole('tab', { name: 'Values' }).click();
  });
});

describe('arrays that are long, or broken', () => {
  let workbench: Workbench;

  beforeAll(async () => {
    workbench = await server.open(folder);
  });
  afterAll(() => workbench?.close());
  afterEach(({ task }) => reportFailure(workbench, task));

  test('the last of three million rows is reached, selected and copied', async () => {
    const { elf, page } = workbench;
    await workbench.openFile(join(folder, 'long.npy'));
    const grid = elf.getByRole('grid');
    await grid.waitFor();
    await grid.focus();
    await page.keyboard.press('Control+End');
    await elf.locator('#cell-2999999-0.active').filter({ hasText: '2999999.0' }).waitFor();
    await page.keyboard.press('Shift+ArrowUp');
    await page.keyboard.press('Control+C');
    await elf.getByRole('status').filter({ hasText: '2 elements copied' }).waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('2999998.0\n2999999.0');
    expect(await elf.locator('[role="row"]').count()).toBeLessThan(100);
  });

  test('what cannot be read says why', async () => {
    const { elf } = workbench;
    await workbench.openFile(join(folder, 'broken.npy'));
    await elf.getByRole('alert').filter({ hasText: 'is no array that can be read' }).waitFor();
    expect(await accessibilityViolations(await workbench.elfFrame())).toEqual([]);
  });
});
