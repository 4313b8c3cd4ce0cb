import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, onTestFailed, test } from 'vitest';
import { makeSampleWorkspace, type SampleWorkspace } from './support/sample-workspace.ts';
import { reportFailure } from './support/screenshot.ts';
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
  await server?.close();
  sample?.remove();
});
beforeEach(() => onTestFailed(({ task }) => reportFailure(workbench, task)));

const view = () => workbench.page.locator('.pane').filter({ hasText: 'Dependency Tree' });
const title = (name: string) => view().getByRole('button', { name, exact: true });

test('a file that is dropped on the view becomes a tree of it', async () => {
  const { page } = workbench;
  await workbench.openFile(join(sample.folder, 'build', 'libplugin.so'));
  await workbench.elf.getByRole('tab', { name: /^Overview/u }).waitFor();
  await page.locator('.activitybar [aria-label^="Binary Detective"]').first().click();
  await view().waitFor();
  await page.locator('.tab').filter({ hasText: 'libplugin.so' }).dragTo(view().locator('.pane-body'));
  await workbench.row(/^libplugin\.so, 1 problem/u).waitFor();
  // A file that the view merely follows goes when another editor is in front; one that was dropped stays.
  await workbench.openFile(join(sample.folder, 'build', 'libcsv.so'));
  await workbench.row(/^libcsv\.so, \d objects/u).waitFor();
  await workbench.row(/^libplugin\.so, 1 problem/u).waitFor();
});

test('buttons leave out what is no problem, and what is of the system', async () => {
  const libc = workbench.row(/^libc\.so\.6, /u);
  await libc.first().waitFor();
  await view().hover();
  await title('Show Only Problems').click();
  await expect.poll(() => libc.count()).toBe(0);
  await workbench.row(/^libinventory-extra\.so, not found/u).waitFor();
  await view().hover();
  await title('Show All, Not Only Problems').click();
  await libc.first().waitFor();
  await view().hover();
  await title('Hide System Libraries').click();
  await expect.poll(() => libc.count()).toBe(0);
  await title('Show System Libraries').click();
  await libc.first().waitFor();
});

test('a missing library has below it where the loader looks for it', async () => {
  await workbench.row(/^libinventory-extra\.so, not found/u).click();
  await workbench.page.keyboard.press('ArrowRight');
  await workbench
    .row(/^tried \/.*libinventory-extra\.so: No such file or directory/u)
    .first()
    .waitFor();
});

test('a library is found below lines that are closed', async () => {
  const { page } = workbench;
  await view().hover();
  await title('Find in Dependency Trees…').click();
  const input = page.locator('.quick-input-widget input[type="text"]').first();
  await input.fill('ld-linux');
  await page.locator('.quick-input-widget .monaco-list-row.focused').filter({ hasText: 'ld-linux' }).waitFor();
  await page.keyboard.press('Enter');
  await workbench.page.locator('[role="treeitem"][aria-selected="true"]').filter({ hasText: 'ld-linux' }).waitFor();
});
