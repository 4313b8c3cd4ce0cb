import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFailed, test } from 'vitest';
import { accessibilityViolations } from './support/accessibility.ts';
import { makeSampleWorkspace, type SampleWorkspace } from './support/sample-workspace.ts';
import { reportFailure } from './support/screenshot.ts';
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

const looks: readonly Look[] = ['dark', 'light', 'high-contrast'];

describe.each(looks)('in the %s theme axe-core finds nothing', look => {
  let workbench: Workbench;

  beforeAll(async () => {
    workbench = await server.open(sample.folder, look);
    await workbench.openFile(join(sample.folder, 'build', 'libplugin.so'));
    await workbench.elf.getByRole('tab').first().waitFor();
  });
  afterAll(() => workbench?.close());
  beforeEach(() => onTestFailed(({ task }) => reportFailure(workbench, task)));

  const press = (key: string): Promise<void> => workbench.page.keyboard.press(key);
  const grid = () => workbench.elf.getByRole('grid').first();
  const rows = () => grid().locator('.rows [role="row"]');
  const check = async (what: string): Promise<void> => {
    await expect.poll(() => workbench.elf.locator('[aria-busy]').count()).toBe(0);
    expect(await accessibilityViolations(await workbench.elfFrame()), what).toEqual([]);
  };
  const open = async (name: string | RegExp): Promise<void> => {
    await workbench.elf.getByRole('tab', { name }).click();
    await workbench.elf.getByRole('tab', { name, selected: true }).waitFor();
  };

  test('in any tab', async () => {
    const titles = await workbench.elf.getByRole('tab').evaluateAll(tabs => tabs.map(tab => tab.id));
    expect(titles.length).toBeGreaterThan(10);
    for (const id of titles) {
      await workbench.elf.locator(`[id="${id}"]`).click();
      await workbench.elf.locator(`[id="${id}"][aria-selected="true"]`).waitFor();
      // What is asked for comes, be it a table, a report or the overview.
      await workbench.elf.locator('.tab-panel :is(.grid, h1, h2, table, [role="option"])').first().waitFor();
      await workbench.elf.locator('.report-loading').waitFor({ state: 'detached' });
      await check(id);
    }
  });

  test('with menus open', async () => {
    await open(/^Symbols/u);
    for (const menu of ['How to filter', 'Columns']) {
      await workbench.elf.getByLabel(menu).first().click();
      await workbench.elf.locator('.menu[open]').waitFor();
      await check(menu);
      await press('Escape');
      await workbench.elf.locator('.menu[open]').waitFor({ state: 'detached' });
    }
  });

  test('with a selection, and with the keys on a row beside it', async () => {
    await open(/^Symbols/u);
    await rows().nth(2).click();
    await press('Shift+ArrowDown');
    await press('Shift+ArrowDown');
    await expect.poll(() => grid().locator('[role="row"][aria-selected="true"]').count()).toBe(3);
    await check('selection');
    await press('Control+ArrowDown');
    await check('row beside');
  });

  test('with the bytes of a row', async () => {
    await open(/^Sections/u);
    await rows().filter({ hasText: '.text' }).first().click();
    await press('Space');
    await workbench.elf.locator('.hex-row .byte').first().waitFor();
    await check('bytes');
    await press('Space');
  });

  test('in the map of sizes, inside a section', async () => {
    await open(/^Size/u);
    await workbench.elf.getByRole('option').first().waitFor();
    await check('sizes');
    await workbench.elf.getByRole('button', { name: '.text', exact: true }).click();
    await workbench.elf.locator('.crumbs [aria-current]').waitFor();
    await check('section');
  });
});
