import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { accessibilityViolations } from './support/accessibility.ts';
import { makeSampleWorkspace, type SampleWorkspace } from './support/sample-workspace.ts';
import { reportFailure, takeScreenshot } from './support/screenshot.ts';
import { type Look, startWorkbenches, type Workbench, type WorkbenchServer } from './support/workbench.ts';

let server: WorkbenchServer;
let sample: SampleWorkspace;

beforeAll(async () => {
  sample = makeSampleWorkspace();
  server = await startWorkbenches();
});
afterAll(async () => {
  await server?.close();
  sample?.remove();
});

async function sweepAndShow({ page, runCommand, elf }: Workbench): Promise<void> {
  await runCommand('Testing: Focus on Test Explorer View');
  const tests = page.locator('.test-explorer .monaco-list-row');
  await tests.filter({ hasText: /^inventory/u }).waitFor();
  await runCommand('Test: Run All Tests');
  await tests
    .filter({ hasText: /^inventory/u, has: page.locator('.codicon-testing-failed-icon') })
    .waitFor({ timeout: 60_000 });
  await runCommand('Binary Detective: Show Allocation Failures as a Picture');
  await elf.locator('.plot').waitFor();
}

const looks: readonly Look[] = ['dark', 'light', 'high-contrast'];

describe.each(looks)('the picture of a sweep in the %s theme', look => {
  let workbench: Workbench;

  beforeAll(async () => {
    workbench = await server.open(sample.folder, look);
    await sweepAndShow(workbench);
    await workbench.runCommand('View: Toggle Panel Visibility');
  });
  afterAll(() => workbench?.close());
  afterEach(({ task }) => reportFailure(workbench, task));

  test('is readable, by keys and by screen readers too', async () => {
    const { elf, page } = workbench;
    await elf.locator('.plot').focus();
    await page.keyboard.press('Home');
    const chosen = elf.locator('#plot-active');
    await expect.poll(() => chosen.textContent()).toMatch(/n = 0, /u);
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => chosen.textContent()).toMatch(/n = 1, /u);
    // The lanes go by harm: whatever was chosen, the first of them is where the program crashes.
    for (let lane = 0; lane < 10; lane += 1) await page.keyboard.press('ArrowUp');
    await expect.poll(() => chosen.textContent()).toMatch(/, crash, SIGSEGV at/u);
    await elf.locator('.stack').first().waitFor();
    // The same run is chosen in the table.
    await expect.poll(() => elf.locator('.points-grid .row.active').textContent()).toMatch(/crash/u);
    expect(await accessibilityViolations(await workbench.elfFrame())).toEqual([]);
    await takeScreenshot(workbench, 'allocation-failures', look);
  });

  // In one theme: these are about what it does, not about looks.
  if (look === 'dark') {
    test('zooms and pans by keys and wheel, and shows all again', async () => {
      const { elf, page } = workbench;
      const camera = (): Promise<unknown> =>
        elf.locator('fault-plot').evaluate(plot => (plot as unknown as { camera: unknown }).camera);
      await elf.locator('.plot').focus();
      expect(await camera()).toBe(null);
      await page.keyboard.press('+');
      const closer = (await camera()) as { from: number; to: number };
      expect(closer.to).toBeGreaterThan(closer.from);
      await page.keyboard.press('Shift+ArrowRight');
      await elf.locator('.plot canvas').hover();
      await page.mouse.wheel(0, -200);
      await expect
        .poll(async () => {
          const { from, to } = (await camera()) as { from: number; to: number };
          return to - from < closer.to - closer.from;
        })
        .toBe(true);
      await page.keyboard.press('0');
      expect(await camera()).toBe(null);
      // The same runs along the time of the clean run.
      const chosen = await elf.locator('#plot-active').textContent();
      await elf.getByRole('button', { name: 'Time', exact: true }).click();
      await expect
        .poll(() => elf.locator('fault-plot').evaluate(plot => (plot as unknown as { axis: string }).axis))
        .toBe('time');
      expect(await elf.locator('#plot-active').textContent()).toBe(chosen);
      await elf.getByRole('button', { name: 'Number', exact: true }).click();
    });

    test('chooses what is clicked, as the table does, and shows bugs alone', async () => {
      const { elf, page } = workbench;
      await elf.locator('.points-grid').focus();
      await page.keyboard.press('End');
      const last = await elf.locator('.points-grid .row.active .cell.number').textContent();
      await expect.poll(() => elf.locator('#plot-active').textContent()).toContain(`n = ${last},`);
      // The first lane's runs begin at the left: one is found by going along it.
      const box = await elf.locator('.plot canvas').boundingBox();
      if (box === null) throw new Error('The picture has no place.');
      const before = await elf.locator('#plot-active').textContent();
      for (let x = 4; x < box.width; x += 8) {
        await page.mouse.click(box.x + x, box.y + 17);
        if ((await elf.locator('#plot-active').textContent()) !== before) break;
      }
      await expect.poll(() => elf.locator('#plot-active').textContent()).toMatch(/, crash, /u);
      const all = Number(await elf.locator('.points-grid').getAttribute('aria-rowcount'));
      await elf.getByRole('button', { name: 'Only Bugs' }).click();
      await expect
        .poll(async () => Number(await elf.locator('.points-grid').getAttribute('aria-rowcount')))
        .toBeLessThan(all);
      await elf.getByRole('button', { name: 'Only Bugs' }).click();
    });

    test('goes to the source, and is as it was when it comes back', async () => {
      const { elf, page } = workbench;
      await elf.getByRole('button', { name: 'Table', exact: true }).click();
      await elf.locator('.plot').waitFor({ state: 'detached' });
      const chosen = await elf.locator('.points-grid .row.active .cell.number').textContent();
      await workbench.openFile(join(sample.folder, 'src/inventory.c'));
      await page.locator('.tab.active').filter({ hasText: 'inventory.c' }).waitFor();
      await page.locator('.tab').filter({ hasText: 'Allocation Failures' }).click();
      await expect.poll(() => elf.locator('.points-grid .row.active .cell.number').textContent()).toBe(chosen);
      expect(await elf.locator('.plot').count()).toBe(0);
      await elf.getByRole('button', { name: 'Both', exact: true }).click();
      await elf.locator('.points-grid').focus();
      await page.keyboard.press('Enter');
      await page.locator('.monaco-editor .view-line').first().waitFor();
    });

    test('the lines that ask for memory are marked beside the text', async () => {
      const { page } = workbench;
      await workbench.openFile(join(sample.folder, 'src/inventory.c'));
      const mark = page.locator('.monaco-editor .margin [class*="ced-"][class*="glyph-margin"], .monaco-editor .cgmr');
      await mark.first().waitFor();
      await takeScreenshot(workbench, 'allocation-marks', look);
    });
  }
});
