import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFailed, test } from 'vitest';
import { accessibilityViolations } from './support/accessibility.ts';
import { largestLibrary } from './support/large-library.ts';
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

const looks: readonly Look[] = ['dark', 'light', 'high-contrast'];

describe.each(looks)('in the %s theme', look => {
  let workbench: Workbench;

  beforeAll(async () => {
    workbench = await server.open(sample.folder, look);
    await workbench.openFile(largestLibrary().path);
  });
  afterAll(() => workbench?.close());
  beforeEach(() => onTestFailed(({ task }) => reportFailure(workbench, task)));
  afterEach(async () => expect(await accessibilityViolations(await workbench.elfFrame())).toEqual([]));

  const open = async (name: RegExp): Promise<void> => {
    await workbench.elf.getByRole('tab', { name }).click();
    await workbench.elf.getByRole('tab', { name, selected: true }).waitFor();
  };

  test('protections are readable', async () => {
    await open(/^Hardening/u);
    await workbench.elf.locator('.verdicts tbody tr').first().waitFor();
    await takeScreenshot(workbench, 'hardening', look);
  });

  test('the systems that it runs on are readable', async () => {
    await open(/^Compatibility/u);
    await workbench.elf.locator('.report-title').waitFor();
    await takeScreenshot(workbench, 'compatibility', look);
  });

  test('the map of what takes the room is readable', async () => {
    await open(/^Size/u);
    await workbench.elf.getByRole('option').first().waitFor();
    await takeScreenshot(workbench, 'size', look);
    await workbench.elf.getByRole('button', { name: '.text', exact: true }).click();
    await workbench.elf.locator('.crumbs [aria-current]').waitFor();
    await takeScreenshot(workbench, 'size-of-section', look);
  });

  test('bytes, chips and actions are readable', async () => {
    await open(/^Dynamic Symbols/u);
    await workbench.elf.getByRole('button', { name: 'Exports' }).click();
    await workbench.elf.getByRole('button', { name: 'Demangle' }).click();
    await expect.poll(() => workbench.elf.locator('[aria-busy]').count()).toBe(0);
    const row = workbench.elf.getByRole('grid').first().locator('.rows [role="row"]').nth(3);
    await row.click();
    await workbench.page.keyboard.press('Space');
    await workbench.elf.locator('.hex-row .byte').first().waitFor();
    await expect.poll(() => workbench.elf.locator('[aria-busy]').count()).toBe(0);
    await takeScreenshot(workbench, 'bytes', look);
  });

  test('an error in a filter is readable', async () => {
    await workbench.elf.locator('vscode-textfield input').fill('size:>soon type:FUNC');
    await workbench.elf.locator('.filter-error').waitFor();
    await takeScreenshot(workbench, 'filter-error', look);
  });
});
