import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { commandLineIn } from '../support/command-line.ts';
import { systemPython } from '../support/cython-bridge.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder();
const files: Readonly<Record<string, string>> = {
  'pyproject.toml': '[tool.setuptools.packages.find]\nwhere = ["lib"]\n',
  'lib/declared.pxd': 'cdef extern from *:\n    bytes made()\n',
  // What only the compiler finds: the `.pxd` by way of the project's build file.
  'src/deep/er/and/deep/er/still/found.pyx':
    'from declared cimport made\ndef f():\n    b = made()\n    cdef void* p = <void*>b\n',
  // What both find.
  'plain.pyx': 'def f(bytes b):\n    cdef void* p = <void*>b\n',
};
for (const [name, text] of Object.entries(files)) {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}
const { json, run } = commandLineIn(folder, { ...process.env, NO_COLOR: '1' });
const found = async (...flags: readonly string[]): Promise<readonly string[]> => {
  const { answer } = await json<{ readonly diagnostics: readonly { readonly path: string; readonly line: number }[] }>(
    'lint',
    '.',
    '--select',
    'cython/object-address',
    ...flags,
  );
  return answer.diagnostics.map(({ path, line }) => `${path.split('/').at(-1)}:${line}`);
};

test('the compiler of an interpreter finds what our own analysis cannot', async () => {
  expect(await found('--compiler', 'off')).toEqual(['plain.pyx:2']);
  expect(await found('--compiler', 'require', '--python', systemPython)).toEqual(['plain.pyx:2', 'found.pyx:4']);
  expect(await found('--python', systemPython)).toEqual(['plain.pyx:2', 'found.pyx:4']);
});

test('without one our own analysis goes on, or the run fails, as was asked', async () => {
  const asked = await run('lint', '.', '--python', '/nowhere/python');
  expect(asked.exitCode).toBe(1);
  expect(asked.stderr).toContain('/nowhere/python');
  const required = await run('lint', '.', '--compiler', 'require', '--python', '/nowhere/python');
  expect(required.exitCode).toBe(2);
  expect(required.stderr).toContain('/nowhere/python');
});
