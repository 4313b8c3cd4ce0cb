import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fact, heading } from './measure.ts';

/** How long `activate` of the extension takes, as its own log says in a real VS Code; the first run installs one. */
export function benchActivation(): Promise<void> {
  heading('Activation of the extension in a real VS Code');
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const { stdout } = spawnSync(process.execPath, [join(root, 'test/run.mjs'), 'host'], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, GREP: 'activation' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const took = /activation took ([\d.]+) ms/u.exec(stdout)?.[1];
  fact(took === undefined ? `VS Code did not run:\n${stdout}` : `${took} ms`);
  return Promise.resolve();
}
