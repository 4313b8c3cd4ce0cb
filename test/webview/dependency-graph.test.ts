import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFailed, test } from 'vitest';
import { buildLibraryTree, buildManyLibraries } from '../support/library-trees.ts';
import { accessibilityViolations } from './support/accessibility.ts';
import { reportFailure } from './support/screenshot.ts';
import { startWorkbenches, type Workbench, type WorkbenchServer } from './support/workbench.ts';

const folder = mkdtempSync(join(tmpdir(), 'bd-graph-'));
const chainLength = 1000;
let server: WorkbenchServer;
let workbench: Workbench;
let app: string;
let chain: string;

beforeAll(async () => {
  const small = join(folder, 'small');
  app = buildLibraryTree(
    small,
    {
      app: ['libleft.so', 'libright.so'],
      'libleft.so': ['libbottom.so', 'libgone.so'],
      'libright.so': ['libbottom.so'],
      'libbottom.so': ['libleft.so'],
    },
    ['libgone.so'],
  );
  chain = buildManyLibraries(join(folder, 'chain'), 'thousand', chainLength, at => [(at + 1) % chainLength]);
  server = await startWorkbenches();
  workbench = await server.open(folder);
});
afterAll(async () => {
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => onTestFailed(({ task }) => reportFailure(workbench, task)));

async function show(path: string): Promise<void> {
  await workbench.openFile(path);
  // VS Code moves the focus while it opens an editor, which would close the command palette.
  await workbench.page
    .locator('.tab.active')
    .filter({ hasText: basename(path) })
    .waitFor();
  await workbench.page.getByText('The file is not displayed in the text editor').waitFor();
  await workbench.runCommand('Binary Detective: Show Dependencies as Tree and Picture');
  await workbench.elf.getByRole('treegrid').waitFor();
  await workbench.elf.getByRole('heading', { level: 1 }).waitFor();
}

const rows = () => workbench.elf.getByRole('treegrid').locator('.rows [role="row"]');
const row = (name: string) => rows().filter({ hasText: name });
const active = () => workbench.elf.locator('.rows [role="row"][aria-selected="true"]');
const box = (name: string | RegExp) => workbench.elf.getByRole('option', { name });
const press = async (...keys: readonly string[]): Promise<void> => {
  for (const key of keys) await workbench.page.keyboard.press(key);
};

describe('the tree', () => {
  test('shows what is loaded, why from there, and what is missing', async () => {
    await show(app);
    // The program, its three needs, and its interpreter, which it names without needing it.
    await expect.poll(() => rows().count()).toBe(5);
    const shown = await row('libleft.so').locator('[role="gridcell"]').allTextContents();
    expect(shown[1]?.trim()).toMatch(/^1 problem · RUNPATH of app, entry 1: \$ORIGIN$/u);
    expect(await workbench.elf.getByRole('heading', { level: 1 }).textContent()).toBe('app');
  });

  test('is walked by keys, which open and close, and lead to what is loaded elsewhere', async () => {
    await workbench.elf.getByRole('treegrid').focus();
    await press('Home', 'ArrowDown', 'ArrowRight');
    await expect.poll(() => active().getAttribute('aria-expanded')).toBe('true');
    await row('libgone.so').waitFor();
    expect(await row('libgone.so').getAttribute('aria-level')).toBe('3');
    await press('ArrowRight');
    await expect.poll(() => active().textContent()).toContain('libbottom.so');
    // It needs libleft.so, which is above it: a line that can be followed, and no endless tree.
    await press('ArrowRight', 'ArrowRight');
    await expect.poll(() => active().getAttribute('aria-level')).toBe('4');
    expect(await active().textContent()).toContain('libleft.so');
    expect(await active().getAttribute('aria-expanded')).toBeNull();
    await press('ArrowRight');
    await expect.poll(() => active().getAttribute('aria-level')).toBe('2');
    await press('ArrowLeft');
    await expect.poll(() => active().getAttribute('aria-expanded')).toBe('false');
    await press('ArrowLeft');
    await expect.poll(() => active().getAttribute('aria-level')).toBe('1');
    expect(await accessibilityViolations(await workbench.elfFrame())).toEqual([]);
  });

  test('tells of a missing library where the loader looks for it, in its words', async () => {
    await workbench.elf.getByRole('treegrid').focus();
    await press('Home', '*');
    await row('libgone.so').click();
    const tried = workbench.elf.locator('.pane .tried tbody tr');
    await expect.poll(() => tried.count()).toBeGreaterThan(1);
    const candidates = await tried.locator('td:first-child').allTextContents();
    const debug = execFileSync('sh', ['-c', 'LD_DEBUG=libs "$0" 2>&1 || true', app], { encoding: 'utf8' });
    const asked = debug.split('find library=libgone.so')[1]?.split('find library=')[0] ?? '';
    const byLoader = [...asked.matchAll(/trying file=(\S+)/gu)].map(match => match[1]);
    expect(byLoader.length).toBeGreaterThan(1);
    // The loader also tries folders of processor levels that are not there; ours leaves these out.
    expect(byLoader).toEqual(expect.arrayContaining(candidates));
    expect(candidates[0]).toBe(join(folder, 'small', 'libgone.so'));
  });

  test('is filtered by problems, by name, and by what is of the system', async () => {
    const toggle = (name: string) => workbench.elf.getByRole('button', { name, exact: true });
    await toggle('Only Problems').click();
    await expect.poll(() => row('libc.so.6').count()).toBe(0);
    await row('libgone.so').waitFor();
    await toggle('Only Problems').click();
    await toggle('Hide System Libraries').click();
    await expect.poll(() => row('libc.so.6').count()).toBe(0);
    await row('libright.so').waitFor();
    await toggle('Hide System Libraries').click();
    const filter = workbench.elf.locator('.graph-bar vscode-textfield input');
    await filter.fill('BOTTOM');
    await expect.poll(() => rows().count()).toBe(5);
    await filter.fill('');
    await row('libc.so.6').waitFor();
  });

  test('says why a library is here by every path', async () => {
    await row('libbottom.so').first().click();
    await workbench.elf.getByRole('button', { name: 'Why Is This Here?' }).click();
    const paths = workbench.elf.locator('.why li');
    await expect.poll(() => paths.count()).toBe(2);
    const texts = (await paths.allTextContents()).map(text => text.replaceAll(/\s+/gu, ' ').trim());
    expect(texts).toEqual(['app → libleft.so → libbottom.so', 'app → libright.so → libbottom.so']);
    await expect.poll(() => workbench.elf.getByRole('option').count()).toBe(4);
    expect(await accessibilityViolations(await workbench.elfFrame())).toEqual([]);
    await workbench.elf.getByRole('button', { name: 'Show All', exact: true }).click();
    await box(/^libc\.so\.6/u).waitFor();
  });

  test('is copied for Graphviz', async () => {
    await workbench.elf.getByRole('button', { name: 'DOT' }).click();
    await workbench.elf.getByText('Copied').waitFor();
    const dot = await workbench.page.evaluate(() => navigator.clipboard.readText());
    expect(dot).toMatch(/^digraph dependencies \{[\s\S]*label="libgone\.so: not found"/u);
  });
});

describe('the picture', () => {
  const picture = () => workbench.elf.locator('svg.picture');
  const scale = async (): Promise<number> => {
    const transform = await picture().locator('> g').getAttribute('transform');
    return Number(/scale\(([\d.]+)\)/u.exec(transform ?? '')?.[1]);
  };

  test('has a box for each library, and marks what is missing by more than its colour', async () => {
    const gone = box(/^libgone\.so, .*not found/u);
    await gone.waitFor();
    expect(await gone.locator('text').textContent()).toBe('✗ libgone.so');
    const dashes = await gone.locator('.front').evaluate(element => getComputedStyle(element).strokeDasharray);
    expect(dashes).not.toBe('none');
    for (const name of ['libleft.so', 'libright.so', 'libbottom.so'])
      expect(await box(new RegExp(`^${name}`, 'u')).count()).toBe(1);
  });

  test('is zoomed by keys and buttons, and moved by keys and the pointer', async () => {
    await picture().focus();
    const before = await scale();
    await press('+');
    await expect.poll(scale).toBeGreaterThan(before);
    await workbench.elf.getByRole('button', { name: 'Zoom out' }).click();
    await expect.poll(scale).toBeCloseTo(before, 5);
    const place = () => picture().locator('> g').getAttribute('transform');
    const at = await place();
    await picture().focus();
    await press('Shift+ArrowRight');
    await expect.poll(place).not.toBe(at);
    const moved = await place();
    const room = await picture().boundingBox();
    if (room === null) throw new Error('There is no picture.');
    const { mouse } = workbench.page;
    await mouse.move(room.x + 8, room.y + 8);
    await mouse.down();
    await mouse.move(room.x + 60, room.y + 40, { steps: 4 });
    await mouse.up();
    await expect.poll(place).not.toBe(moved);
    await press('0');
  });

  test('is walked by keys, with the tree beside it', async () => {
    await picture().focus();
    await press('Home');
    await expect.poll(() => picture().getAttribute('aria-activedescendant')).toBe('box-0');
    await press('ArrowRight');
    const seen = workbench.elf.locator('[role="option"][aria-selected="true"]');
    await expect.poll(() => seen.getAttribute('id')).not.toBe('box-0');
    const label = await seen.locator('text').textContent();
    await expect.poll(() => active().locator('.label').textContent()).toBe(label?.replace(/^\W+/u, ''));
    // What leads to it has its reason written at it.
    await expect.poll(() => workbench.elf.locator('.reason').count()).toBeGreaterThan(0);
  });

  test('folds what is in one folder, and unfolds it again', async () => {
    await workbench.elf.getByRole('button', { name: 'Folder', exact: true }).click();
    const group = box(new RegExp(`^${join(folder, 'small')}: 3 objects`, 'u'));
    await group.waitFor();
    const folded = await workbench.elf.getByRole('option').count();
    await group.click();
    await picture().focus();
    await press(' ');
    await expect.poll(() => workbench.elf.getByRole('option').count()).toBe(folded + 2);
    await press(' ');
    await expect.poll(() => workbench.elf.getByRole('option').count()).toBe(folded);
  });

  test('folds by the packages that dpkg knows', async () => {
    await workbench.elf.getByRole('button', { name: 'Package', exact: true }).click();
    await box(/^libc6(:\w+)?: \d objects/u).waitFor();
    await workbench.elf.getByRole('button', { name: 'Nothing', exact: true }).click();
    await box(/^libc\.so\.6/u).waitFor();
  });

  test('opens a library in the inspector', async () => {
    await box(/^libright\.so/u).dblclick();
    await workbench.page.locator('.tab.active', { hasText: 'libright.so' }).waitFor();
    await workbench.elf.getByRole('tab', { name: /^Overview/u }).waitFor();
  });

  test('has a menu of VS Code’s own on a library', async () => {
    await workbench.page.locator('.tab').filter({ hasText: 'app: Dependencies' }).click();
    await box(/^libbottom\.so/u).click({ button: 'right' });
    await workbench.page.getByRole('menuitem', { name: 'Why Is This Here?' }).waitFor();
    await press('ArrowDown', 'Enter');
    await expect.poll(() => workbench.elf.locator('.why li').count()).toBe(2);
    await workbench.elf.getByRole('button', { name: 'Show All', exact: true }).click();
    await row('libright.so').first().click({ button: 'right' });
    await workbench.page.getByRole('menuitem', { name: 'Copy Path' }).waitFor();
    await press('ArrowUp', 'Enter');
    const copied = (): Promise<string> => workbench.page.evaluate(() => navigator.clipboard.readText());
    await expect.poll(copied).toBe(join(folder, 'small', 'libright.so'));
  });

  test('stands as it was after another editor was in front', async () => {
    await workbench.page.locator('.tab').filter({ hasText: 'app: Dependencies' }).click();
    await expect.poll(() => active().locator('.label').textContent()).toBe('libright.so');
    await box(/^libright\.so/u).waitFor();
  });
});

describe('what if', () => {
  test('shows what another library path would change', async () => {
    const other = join(folder, 'other');
    buildLibraryTree(other, { app: [], 'libgone.so': [] });
    await workbench.elf.getByRole('button', { name: 'What If…' }).click();
    await workbench.elf.getByLabel('LD_LIBRARY_PATH is').fill(other);
    await workbench.elf.getByRole('button', { name: 'Show', exact: true }).click();
    await workbench.elf.getByText(`What if: LD_LIBRARY_PATH=${other}`).waitFor();
    const changes = workbench.elf.locator('.diff-list li');
    await changes
      .filter({ hasText: join(other, 'libgone.so') })
      .first()
      .waitFor();
    await changes.filter({ hasText: 'libgone.so is found' }).waitFor();
    await expect.poll(() => workbench.elf.locator('.graph-summary').textContent()).toContain('no problems');
    expect(await accessibilityViolations(await workbench.elfFrame())).toEqual([]);
    await workbench.elf.getByRole('button', { name: 'As It Is' }).click();
    await expect.poll(() => workbench.elf.locator('.graph-summary').textContent()).toContain('1 problem');
  });

  test('and which symbols are missing, and which needs are for nothing', async () => {
    await workbench.elf.getByRole('button', { name: 'Symbols', exact: true }).click();
    const unused = workbench.elf.locator('.pane .edge-list li');
    await unused.filter({ hasText: 'libleft.so' }).waitFor();
    await unused.filter({ hasText: 'libright.so' }).waitFor();
  });
});

describe('a file that is no ELF file', () => {
  test('has a sentence instead of a tree', async () => {
    writeFileSync(join(folder, 'notes.so'), 'only text');
    await workbench.openFile(join(folder, 'notes.so'));
    await workbench.elf.getByText('This file cannot be inspected').waitFor();
    await workbench.runCommand('Binary Detective: Show Dependencies as Tree and Picture');
    await workbench.elf.getByText('The dependencies cannot be resolved').waitFor();
    expect(await workbench.elf.getByRole('alert').textContent()).toContain('ELF');
    expect(await accessibilityViolations(await workbench.elfFrame())).toEqual([]);
  });
});

describe('a chain of a thousand that ends where it began', () => {
  test('is opened whole, and read to its end', async () => {
    await show(chain);
    const grid = workbench.elf.getByRole('treegrid');
    await grid.focus();
    await press('Home', '*');
    const count = async (): Promise<number> => Number(await grid.getAttribute('aria-rowcount'));
    await expect.poll(count).toBeGreaterThan(chainLength);
    expect(await rows().count()).toBeLessThan(200);
    await workbench.elf.locator('.graph-bar vscode-textfield input').fill('libnode-00999.so');
    await expect.poll(count).toBeLessThan(chainLength + 10);
    await grid.focus();
    await press('End');
    await expect.poll(() => active().getAttribute('aria-level')).toBe(String(chainLength + 1));
    expect(await active().textContent()).toContain('libnode-00999.so');
    expect(await accessibilityViolations(await workbench.elfFrame())).toEqual([]);
    await workbench.elf.locator('.graph-bar vscode-textfield input').fill('');
  });

  test('has its needs folded in the picture', async () => {
    await box(/: 1,000 objects/u).waitFor();
    expect(await workbench.elf.getByRole('option').count()).toBeLessThan(10);
  });
});
