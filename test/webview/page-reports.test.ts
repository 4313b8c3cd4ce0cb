import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
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
  library = join(sample.folder, 'build', 'libweak.so');
  const source = join(sample.folder, 'weak.c');
  writeFileSync(
    source,
    '#include <stdio.h>\n#include <string.h>\nint weak(char *to, const char *from) { return printf("%s", strcpy(to, from)); }\n',
  );
  const flags = ['-shared', '-fPIC', '-O2', '-z', 'execstack', '-z', 'norelro', '-z', 'lazy'];
  execFileSync('cc', [...flags, '-o', library, source], { stdio: 'pipe' });
  server = await startWorkbenches();
  workbench = await server.open(sample.folder);
  await workbench.openFile(library);
});

beforeEach(() => onTestFailed(({ task }) => reportFailure(workbench, task)));

afterAll(async () => {
  await server?.close();
  sample?.remove();
});

const open = async (name: RegExp): Promise<void> => {
  await workbench.elf.getByRole('tab', { name }).click();
  await workbench.elf.locator('.report-title').waitFor();
};
const rowOf = (name: string) =>
  workbench.elf.getByRole('row').filter({ has: workbench.elf.getByRole('rowheader', { name }) });

test('the hardening tab tells each verdict in words, with what shows it and what to do', async () => {
  await open(/^Hardening/u);
  const stack = rowOf('NX stack');
  await stack.waitFor();
  const cells = await stack.getByRole('cell').allTextContents();
  expect(cells[0]?.trim()).toBe('No');
  expect(cells[1]).toContain('PT_GNU_STACK');
  expect(cells[2]?.trim()).toBe('-Wl,-z,noexecstack');
  expect((await rowOf('RELRO').getByRole('cell').first().textContent())?.trim()).toBe('None');
  expect((await rowOf('No text relocations').getByRole('cell').first().textContent())?.trim()).toBe('Yes');
  expect(await workbench.elf.locator('.finding').first().textContent()).toContain('stack');
  expect(await accessibilityViolations(await workbench.elfFrame())).toEqual([]);
});

test('the hardening tab follows the file', async () => {
  execFileSync('cc', [
    '-shared',
    '-fPIC',
    '-Wl,-z,now',
    '-z',
    'noexecstack',
    '-o',
    library,
    join(sample.folder, 'weak.c'),
  ]);
  await expect
    .poll(async () => (await rowOf('NX stack').getByRole('cell').first().textContent())?.trim(), { timeout: 20_000 })
    .toBe('Yes');
  expect((await rowOf('RELRO').getByRole('cell').first().textContent())?.trim()).toBe('Full');
});

test('the compatibility tab tells the newest needed version, who forces it, and where it runs', async () => {
  await open(/^Compatibility/u);
  const needed = [...execFileSync('readelf', ['-V', library], { encoding: 'utf8' }).matchAll(/Name: GLIBC_([\d.]+)/gu)]
    .map(([, version = '']) => version)
    .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  const heading = workbench.elf.getByRole('heading', { level: 1 });
  await expect.poll(() => heading.textContent()).toContain(`GLIBC ${needed[0]}`);
  const debian = rowOf('Debian');
  expect(await debian.getByRole('cell').first().textContent()).toMatch(/\d+ \(\w+\)/u);
  expect(await accessibilityViolations(await workbench.elfFrame())).toEqual([]);
});

test('a report is in front again after another editor was', async () => {
  await workbench.openFile(join(sample.folder, 'build', 'libcsv.so'));
  await workbench.elf.getByText('libcsv.so', { exact: false }).first().waitFor();
  await workbench.openFile(library);
  await expect
    .poll(() => workbench.elf.getByRole('tab', { name: /^Compatibility/u }).getAttribute('aria-selected'))
    .toBe('true');
});

test('the size tab shows the sections as a map and as a table, by the sizes of readelf', async () => {
  await open(/^Size/u);
  const tile = workbench.elf.getByRole('option', { name: /^\.text: / });
  await tile.waitFor();
  const text = rowOf('.text');
  const sizes = execFileSync('readelf', ['-SW', library], { encoding: 'utf8' });
  const [, hex = ''] = / \.text +PROGBITS +[0-9a-f]+ [0-9a-f]+ ([0-9a-f]+) /u.exec(sizes) ?? [];
  expect(await text.getByRole('cell').nth(1).textContent()).toBe(Number.parseInt(hex, 16).toLocaleString('en'));
  expect(await accessibilityViolations(await workbench.elfFrame())).toEqual([]);
});

test('keys look into a section and back', async () => {
  const map = workbench.elf.getByRole('listbox');
  await map.focus();
  const active = () => workbench.elf.locator('[role="option"][aria-selected="true"]');
  const tiles = await workbench.elf.getByRole('option').count();
  const seen = new Set<string>();
  for (const key of ['Home', 'ArrowRight', 'ArrowDown', 'ArrowLeft', 'ArrowUp']) {
    await workbench.page.keyboard.press(key);
    await expect.poll(() => map.getAttribute('aria-activedescendant')).toBe(await active().getAttribute('id'));
    seen.add((await active().getAttribute('id')) ?? '');
  }
  expect(seen.size).toBeGreaterThan(1);
  await workbench.elf.getByRole('button', { name: '.text', exact: true }).click();
  await rowOf('weak').waitFor();
  expect(await accessibilityViolations(await workbench.elfFrame())).toEqual([]);
  await map.focus();
  await workbench.page.keyboard.press('Escape');
  await expect.poll(() => workbench.elf.getByRole('option').count()).toBe(tiles);
});

test('the overview shows the largest parts, and leads to the size tab', async () => {
  await workbench.elf.getByRole('tab', { name: /^Overview/u }).click();
  const parts = workbench.elf.getByRole('region', { name: 'Size by section' });
  await parts.waitFor();
  const shown = await parts.getByRole('listitem').allTextContents();
  expect(shown.length).toBeGreaterThan(4);
  expect(shown.join(' ')).toMatch(/ B|KiB/u);
  expect(await accessibilityViolations(await workbench.elfFrame())).toEqual([]);
  await parts.getByRole('button', { name: 'More About Its Size' }).press('Enter');
  const tab = workbench.elf.getByRole('tab', { name: /^Size/u });
  await expect.poll(() => tab.getAttribute('aria-selected')).toBe('true');
  await expect.poll(() => tab.evaluate(element => element === element.ownerDocument.activeElement)).toBe(true);
});

test('without debug information the size by source file says how to get it', async () => {
  await open(/^Size/u);
  await workbench.elf.getByRole('button', { name: 'Source Files' }).click();
  await workbench.elf.getByText('has no debug information', { exact: false }).waitFor();
  expect(await workbench.elf.locator('.notice code').textContent()).toBe('Compile it with -g, and do not strip it.');
  expect(await accessibilityViolations(await workbench.elfFrame())).toEqual([]);
});

test('with it, keys lead through its folders to the file, and the place is kept', async () => {
  mkdirSync(join(sample.folder, 'src', 'deep'), { recursive: true });
  writeFileSync(
    join(sample.folder, 'src', 'deep', 'inner.h'),
    'static inline int inner(int a) { int s = 0; for (int i = 0; i < a; i++) s += a * i ^ s; return s; }\n',
  );
  for (const name of ['one', 'two']) {
    const text = `#include "deep/inner.h"\nint ${name}(int a) { return inner(a) + ${name.length}; }\n`;
    writeFileSync(join(sample.folder, 'src', `${name}.c`), text);
  }
  const sources = ['one', 'two'].map(name => join(sample.folder, 'src', `${name}.c`));
  execFileSync('cc', ['-shared', '-fPIC', '-g', '-O2', '-o', library, ...sources], { stdio: 'pipe' });
  const folder = rowOf(join(sample.folder, 'src'));
  await folder.waitFor();
  expect(await folder.getByRole('cell').first().textContent()).toBe('folder');
  await folder.getByRole('button').press('Enter');
  await rowOf('one.c').waitFor();
  // Of a header, the functions that it was inlined into.
  await rowOf('deep/inner.h').getByRole('button').press('Enter');
  for (const name of ['one', 'two']) await rowOf(name).waitFor();
  expect(await accessibilityViolations(await workbench.elfFrame())).toEqual([]);
  await workbench.elf.getByRole('listbox').focus();
  await workbench.page.keyboard.press('Escape');
  await rowOf('deep/inner.h').waitFor();

  await workbench.openFile(join(sample.folder, 'build', 'libcsv.so'));
  await workbench.elf.getByText('libcsv.so', { exact: false }).first().waitFor();
  await workbench.openFile(library);
  await rowOf('deep/inner.h').waitFor();
  expect(await workbench.elf.getByRole('button', { name: 'Source Files' }).getAttribute('aria-pressed')).toBe('true');

  await workbench.elf.getByRole('listbox').focus();
  await workbench.page.keyboard.press('Escape');
  await folder.waitFor();
  await workbench.elf.getByRole('button', { name: 'Compile Units' }).click();
  await folder.waitFor();
});
