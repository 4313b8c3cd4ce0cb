import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { buildLibraryTree, buildManyLibraries } from '../support/library-trees.ts';
import { accessibilityViolations } from './support/accessibility.ts';
import { reportFailure, takeScreenshot } from './support/screenshot.ts';
import { type Look, startWorkbenches, type Workbench, type WorkbenchServer } from './support/workbench.ts';

const folder = mkdtempSync(join(tmpdir(), 'bd-looks-'));
const manyLibraries = 2000;
let server: WorkbenchServer;
let player: string;
let many: string;

beforeAll(async () => {
  // What a program with plugins and codecs looks like: layers, diamonds, a cycle, and something that was forgotten.
  player = buildLibraryTree(
    join(folder, 'player'),
    {
      app: ['libplayer-ui.so.2', 'libplayer-core.so.2'],
      'libplayer-ui.so.2': ['libplayer-core.so.2', 'libwidgets.so.1', 'libthemes.so.0'],
      'libplayer-core.so.2': ['libdemux.so.5', 'libcodecs.so.58', 'libplayer-util.so.2', 'libplugins.so.1'],
      'libwidgets.so.1': ['libcanvas.so.1', 'libthemes.so.0', 'libplayer-util.so.2'],
      'libthemes.so.0': ['libcanvas.so.1'],
      'libcanvas.so.1': ['libplayer-util.so.2'],
      'libdemux.so.5': ['libcodecs.so.58', 'libplayer-util.so.2'],
      'libcodecs.so.58': ['libvendor-h265.so.1', 'libplayer-util.so.2', 'libmath-fast.so.3'],
      'libplugins.so.1': ['libplayer-core.so.2', 'libplayer-util.so.2'],
      'libmath-fast.so.3': [],
      'libplayer-util.so.2': [],
    },
    ['libvendor-h265.so.1'],
  );
  // A random tree that is the same each time (Lehmer's generator with the factor of Park and Miller): mostly near neighbours.
  let seed = 42;
  const random = (below: number): number => {
    seed = (seed * 48_271) % 0x7fff_ffff;
    return seed % below;
  };
  many = buildManyLibraries(join(folder, 'many'), 'many', manyLibraries, at =>
    at < 0 ? [0, 1, 2] : [2 * at + 1, 2 * at + 2, at + 1 + random(40)].filter(other => other < manyLibraries),
  );
  server = await startWorkbenches();
});
afterAll(async () => {
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function show(workbench: Workbench, path: string): Promise<void> {
  await workbench.openFile(path);
  // VS Code moves the focus while it opens an editor, which would close the command palette.
  await workbench.page
    .locator('.tab.active')
    .filter({ hasText: basename(path) })
    .waitFor();
  await workbench.page.getByText('The file is not displayed in the text editor').waitFor();
  await workbench.runCommand('Binary Detective: Show Dependencies as Tree and Picture');
  await workbench.elf.getByRole('treegrid').waitFor();
  await workbench.elf.getByRole('option').first().waitFor();
}

const looks: readonly Look[] = ['dark', 'light', 'high-contrast'];

describe.each(looks)('dependencies in the %s theme', look => {
  let workbench: Workbench;

  beforeAll(async () => {
    workbench = await server.open(folder, look);
    await workbench.runCommand('View: Toggle Primary Side Bar Visibility');
  });
  afterAll(() => workbench?.close());
  afterEach(({ task }) => reportFailure(workbench, task));

  test('are readable as a tree and a picture, with why a library is here', async () => {
    const { elf, page } = workbench;
    await show(workbench, player);
    await elf.getByRole('treegrid').focus();
    await page.keyboard.press('*');
    await elf.locator('.rows [role="row"]').filter({ hasText: 'libvendor-h265.so.1' }).click();
    await elf.locator('.pane .tried tbody tr').first().waitFor();
    expect(await accessibilityViolations(await workbench.elfFrame())).toEqual([]);
    await takeScreenshot(workbench, 'dependencies', look);
    await elf.getByRole('button', { name: 'Why Is This Here?' }).click();
    await elf.locator('.why li').first().waitFor();
    expect(await accessibilityViolations(await workbench.elfFrame())).toEqual([]);
    await takeScreenshot(workbench, 'why-is-this-here', look);
  });

  test('are readable where there is another theme for a form', async () => {
    const { elf } = workbench;
    await elf.getByRole('button', { name: 'Show All', exact: true }).click();
    await elf.getByRole('button', { name: 'What If…' }).click();
    await elf.getByLabel('LD_LIBRARY_PATH is').fill('/opt/vendor/lib');
    await elf.getByLabel('the processor has').selectOption('none');
    await elf.getByRole('button', { name: 'Show', exact: true }).click();
    await elf.getByText('What if: LD_LIBRARY_PATH=/opt/vendor/lib, hwcaps none').waitFor();
    await elf.locator('.pane h3').filter({ hasText: 'What is different' }).waitFor();
    expect(await accessibilityViolations(await workbench.elfFrame())).toEqual([]);
    await takeScreenshot(workbench, 'what-if', look);
  });

  // In one theme: it is about what takes long, not about looks.
  if (look === 'dark') {
    describe('two thousand libraries', () => {
      test('are folded at first, and drawn one by one for who asks, in a worker that leaves the page alive', async () => {
        const { elf, page } = workbench;
        await show(workbench, many);
        expect(await elf.getByRole('option').count()).toBeLessThan(10);
        await elf.getByRole('button', { name: 'Nothing', exact: true }).click();
        // While the worker lays them out, the tree answers keys.
        const grid = elf.getByRole('treegrid');
        await grid.focus();
        await page.keyboard.press('*');
        await expect.poll(async () => Number(await grid.getAttribute('aria-rowcount'))).toBeGreaterThan(manyLibraries);
        await expect.poll(() => elf.getByRole('option').count(), { timeout: 60_000 }).toBeGreaterThan(manyLibraries);
        await elf.locator('svg.picture').focus();
        await page.keyboard.press('ArrowRight');
        await expect.poll(() => elf.locator('svg.picture').getAttribute('aria-activedescendant')).not.toBe('box-0');
      });

      test('can be left undrawn', async () => {
        const { elf } = workbench;
        await elf.getByRole('button', { name: 'Folder', exact: true }).click();
        await expect.poll(() => elf.getByRole('option').count()).toBeLessThan(10);
        await elf.getByRole('button', { name: 'Nothing', exact: true }).click();
        await elf.getByRole('button', { name: 'Cancel' }).click();
        await elf.getByText('The picture was not drawn.').waitFor();
        await elf.getByRole('button', { name: 'Draw It' }).waitFor();
      });
    });
  }
});
