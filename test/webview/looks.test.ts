import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
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

const built = (name: string): string => join(sample.folder, 'build', name);
const themes: Readonly<Record<Look, string>> = { dark: 'vs-dark', light: 'vs', 'high-contrast': 'hc-black' };

describe.each(Object.keys(themes) as Look[])('in the %s theme', look => {
  let workbench: Workbench;

  beforeAll(async () => {
    workbench = await server.open(sample.folder, look);
  });
  afterAll(() => workbench?.close());
  afterEach(async ({ task }) => {
    await reportFailure(workbench, task);
    await workbench.runCommand('View: Close All Editors');
  });

  test('the overview and the dependency tree tell of the missing library', async () => {
    const { page, elf } = workbench;
    await page.locator(`.monaco-workbench.${themes[look]}`).waitFor();
    await workbench.openFile(built('libplugin.so'));
    await elf.locator('.finding.error').waitFor();
    expect(await accessibilityViolations(await workbench.elfFrame())).toEqual([]);
    await elf.getByRole('button', { name: 'Dependency Tree' }).click();
    await workbench.row(/^libinventory-extra\.so, not found/u).waitFor();
    await workbench.row(/^libplugin\.so, 1 problem/u).waitFor();
    await takeScreenshot(workbench, 'dependency-tree', look);
  });

  test('the table of symbols is readable', async () => {
    const { page, elf } = workbench;
    await workbench.openFile(largestLibrary().path);
    await elf.getByRole('tab', { name: /^Dynamic Symbols/u }).click();
    await elf.getByRole('grid').focus();
    await elf.getByRole('row').nth(20).waitFor();
    for (const key of ['PageDown', 'PageDown', 'ArrowDown']) await page.keyboard.press(key);
    await expect.poll(() => elf.locator('[aria-busy]').count()).toBe(0);
    expect(await accessibilityViolations(await workbench.elfFrame())).toEqual([]);
    await takeScreenshot(workbench, 'symbols', look);
  });
});

describe('the whole workbench', () => {
  let workbench: Workbench;

  beforeAll(async () => {
    workbench = await server.open(sample.folder);
  });
  afterAll(() => workbench?.close());
  afterEach(async ({ task }) => {
    await reportFailure(workbench, task);
    await workbench.runCommand('View: Close All Editors');
  });

  test('shows the code of a function beside its library', async () => {
    const { page, elf } = workbench;
    await workbench.openFile(built('libcsv.so'));
    await elf.getByRole('tab', { name: /^Dynamic Symbols/u }).click();
    const row = elf.getByRole('row').filter({ hasText: 'csv_' }).first();
    await row.dblclick();
    await page.locator('.view-line').filter({ hasText: 'ret' }).first().waitFor();
    // Mnemonics, registers, addresses and names differ in colour.
    const colours = () =>
      page.locator('.view-line span span').evaluateAll(spans => new Set(spans.map(span => span.className)).size);
    await expect.poll(colours).toBeGreaterThan(3);
    await takeScreenshot(workbench, 'disassembly', 'dark');
  });

  test('runs fault injection in the Testing view, and shows a crash at its line', async () => {
    const { page } = workbench;
    await workbench.runCommand('Testing: Focus on Test Explorer View');
    const tests = page.locator('.test-explorer .monaco-list-row');
    const failed = tests.filter({ has: page.locator('.codicon-testing-failed-icon') });
    await tests.filter({ hasText: 'inventory' }).waitFor();
    await workbench.runCommand('Test: Run All Tests');
    await failed.filter({ hasText: /^inventory/u }).click({ timeout: 60_000 });
    await page.keyboard.press('ArrowRight');
    await failed
      .filter({ hasText: /^crash: SIGSEGV/u })
      .first()
      .click();
    await page.keyboard.press('ArrowRight');
    const crash = failed.filter({ hasText: /^n = \d+crash: SIGSEGV/u }).first();
    await crash.dblclick();
    await page
      .locator('.monaco-editor .test-message-inline-content, .monaco-editor .peekview-widget')
      .first()
      .waitFor();
    await takeScreenshot(workbench, 'malloc-faults', 'dark');
  });

  test('marks casts of objects, and lists them under Problems', async () => {
    const { page } = workbench;
    await workbench.openFile(join(sample.folder, 'casts.pyx'));
    await page.locator('.squiggly-warning').first().waitFor();
    await workbench.runCommand('Problems: Focus on Problems View');
    await page
      .locator('.markers-panel .monaco-list-row')
      .filter({ hasText: 'cython/object-address' })
      .first()
      .waitFor();
    await takeScreenshot(workbench, 'cython', 'dark');
  });
});
