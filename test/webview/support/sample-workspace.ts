import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const sources = new URL('../../workspace', import.meta.url).pathname;

export interface SampleWorkspace {
  readonly folder: string;
  remove(): void;
}

/** A copy of the sample workspace of its own, built. */
export function makeSampleWorkspace(): SampleWorkspace {
  const parent = mkdtempSync(join(tmpdir(), 'bd-'));
  const folder = join(parent, 'inventory');
  cpSync(sources, folder, { recursive: true, filter: path => !path.endsWith('/workspace/build') });
  execFileSync('make', ['--silent', '-C', folder], { stdio: 'pipe' });
  return { folder, remove: () => rmSync(parent, { recursive: true, force: true }) };
}
