import { afterAll, afterEach, beforeAll, describe, test } from 'vitest';
import { makeSampleWorkspace, type SampleWorkspace } from './support/sample-workspace.ts';
import { reportFailure, takeScreenshot } from './support/screenshot.ts';
import { startWorkbenches, type Workbench, type WorkbenchServer } from './support/workbench.ts';

let server: WorkbenchServer;
let sample: SampleWorkspace;
let workbench: Workbench;

beforeAll(async () => {
  sample = makeSampleWorkspace();
  server = await startWorkbenches();
  workbench = await server.open(sample.folder);
});

afterAll(async () => {
  await workbench?.close();
  await server?.close();
  sample?.remove();
});

afterEach(({ task }) => reportFailure(workbench, task));

describe('the view of loader traces', () => {
  test('shows a program that the settings name, phase by phase, with the keyboard alone', async () => {
    const { page } = workbench;
    await workbench.runCommand('Binary Detective: Trace Loader of Program…');
    const picker = page.locator('.quick-input-widget');
    await picker.locator('.monaco-list-row.focused').filter({ hasText: 'inventory' }).waitFor();
    await page.keyboard.press('Enter');
    const root = workbench.row(/^inventory, exit 0/u);
    await root.waitFor();
    const process = workbench.row(/^build\/inventory, \d+/u);
    await process.waitFor();
    // The command leaves the focus on the trace.
    await page.locator('.monaco-list.element-focused, .monaco-list:focus').first().waitFor();
    for (const key of ['ArrowDown', 'ArrowRight']) await page.keyboard.press(key);
    const searches = workbench.row(/^Searches, \d+/u);
    await searches.waitFor();
    for (const key of ['ArrowDown', 'ArrowRight']) await page.keyboard.press(key);
    await workbench.row(/^libcsv\.so, .*RUNPATH · for inventory$/u).waitFor();
    for (const key of ['ArrowDown', 'ArrowRight']) await page.keyboard.press(key);
    const tried = workbench.row(/^\/.*\/inventory\/build\/.*libcsv\.so/u);
    await tried.first().waitFor();
    await takeScreenshot(workbench, 'loader-trace', 'dark');
  });
});
