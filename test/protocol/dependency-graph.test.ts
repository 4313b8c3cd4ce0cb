import { execFileSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { filePackages, maximumPackagePaths } from '../../language-server/protocol/file-packages.ts';
import { commandLineIn } from '../support/command-line.ts';
import { buildLibraryTree } from '../support/library-trees.ts';
import { refusal, sharedClient } from '../support/shared-client.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder();
const app = buildLibraryTree(
  folder,
  { app: ['liba.so', 'libgone.so'], 'liba.so': ['libb.so'], 'libb.so': ['liba.so'] },
  ['libgone.so'],
);
const { run } = commandLineIn(folder, { ...process.env, LD_LIBRARY_PATH: '' });

interface DotGraph {
  readonly objects: readonly { readonly label: string }[];
  readonly edges: readonly { readonly tail: number; readonly head: number }[];
}

describe('tree --format', () => {
  test('dot is what Graphviz reads, with an arrow for each need', async () => {
    const { stdout, exitCode } = await run('tree', '--format', 'dot', app);
    const { objects, edges } = JSON.parse(
      execFileSync('dot', ['-Tjson0'], { input: stdout, encoding: 'utf8' }),
    ) as DotGraph;
    const arrows = edges.map(({ tail, head }) => `${objects[tail]?.label} -> ${objects[head]?.label}`);
    expect(arrows).toEqual(
      expect.arrayContaining([
        'app -> liba.so',
        'app -> libgone.so: not found',
        'liba.so -> libb.so',
        'libb.so -> liba.so',
      ]),
    );
    expect(exitCode).toBe(1);
  });

  test('mermaid is a flowchart of the same', async () => {
    const { stdout, exitCode } = await run('tree', '--format', 'mermaid', app);
    expect(stdout).toMatch(/^flowchart LR\n {2}n0\["app"\]/u);
    expect(stdout.match(/\| n\d+$/gmu)?.length).toBeGreaterThan(4);
    expect(exitCode).toBe(1);
  });
});

describe('packages', () => {
  const client = sharedClient();

  test('are told over the wire', async () => {
    const libc = realpathSync(execFileSync('cc', ['-print-file-name=libc.so.6'], { encoding: 'utf8' }).trim());
    const { manager, packages } = await client().request(filePackages, { paths: [libc, app] });
    expect(manager).toBe('dpkg');
    expect(Object.keys(packages)).toEqual([libc]);
  });

  test('of more files than any tree has are refused', async () => {
    const paths = Array.from({ length: maximumPackagePaths + 1 }, () => '/x');
    expect((await refusal(client().request(filePackages, { paths }))).data?.kind).toBe('invalidParams');
  });
});
