import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type RunnerTask } from 'vitest';
import type { Look, Workbench } from './workbench.ts';

const folder = new URL('../../../docs/screenshots', import.meta.url).pathname;
/** An empty window is smaller. */
const leastBytes = 20_000;

/** Looks at the window as it is. `UPDATE_SCREENSHOTS=1` keeps what was seen under docs/screenshots. */
export async function takeScreenshot({ page }: Workbench, name: string, look: Look): Promise<void> {
  // Nothing of the pointer's and no notification of VS Code's own.
  await page.mouse.move(640, 2);
  const image = await page.screenshot({ animations: 'disabled', caret: 'hide' });
  expect(image.length).toBeGreaterThan(leastBytes);
  if (process.env['UPDATE_SCREENSHOTS'] !== '1') return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}-${look}.png`), image);
}

/** After a test that has failed: says where to see what its window looked like. */
export async function reportFailure({ page }: Workbench, { name, result }: RunnerTask): Promise<void> {
  if (result?.state !== 'fail') return;
  const path = join(tmpdir(), `binary-detective-${name.replaceAll(/\W+/gu, '-').slice(0, 60)}.png`);
  await page.screenshot({ path });
  console.error(`What "${name}" saw: ${path}`);
}
