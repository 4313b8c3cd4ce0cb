import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { lintFile } from '../../../language-server/cli/lint-file.ts';
import { moduleRoots } from '../../../language-server/cython/project/module-roots.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder();

function write(path: string, text: string): string {
  const full = join(folder, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, text);
  return full;
}

const source = write('project/package/inner/m.pyx', '');
write('project/pyproject.toml', '');
write('project/src/x.pxd', '');

/** An environment of its own, with a package that is installed and one that is only linked to. */
const site = 'lib/python3.11/site-packages';
write('project/.venv/bin/python3', '');
write('project/.venv/pyvenv.cfg', 'home = /nowhere/bin\ninclude-system-site-packages = false\n');
write(
  `project/.venv/${site}/installed/__init__.pxd`,
  'cdef class Typed:\n    cdef size_t address\n    cdef object thing\n',
);
write(`project/.venv/${site}/Cython/Includes/extra.pxd`, '');
write(`project/.venv/${site}/editable.pth`, `import os\n# a comment\n${join(folder, 'elsewhere')}\n/no/such/folder\n`);
write('elsewhere/linked/__init__.pxd', 'ctypedef void* Handle\n');
write('elsewhere/linked/parts.pxd', 'from linked cimport Handle\ncdef class Part:\n    cdef Handle handle\n');

const bare = { PATH: '' };

test('the project, its src, its environment, what that links to, and the declarations of Cython', () => {
  expect(moduleRoots({ source, environment: bare })).toEqual(
    ['project/', 'project/src/', `project/.venv/${site}/`, 'elsewhere/', `project/.venv/${site}/Cython/Includes/`].map(
      name => join(folder, name),
    ),
  );
});

test('folders that a person names come before', () => {
  const [first, second] = moduleRoots({ source, includePath: ['package', '/usr'], environment: bare });
  expect([first, second]).toEqual(['/usr/', `${join(folder, 'project/package')}/`]);
});

test('an environment that sees the packages below it, and a chosen interpreter', () => {
  write(`base/${site}/below.pxd`, '');
  write('open/bin/python3', '');
  write('open/pyvenv.cfg', `home = ${join(folder, 'base/bin')}\ninclude-system-site-packages = true\n`);
  write(`open/${site}/above.pxd`, '');
  const roots = moduleRoots({ source, interpreter: join(folder, 'open/bin/python3'), environment: bare });
  expect(roots.slice(2)).toEqual([`${join(folder, 'open', site)}/`, `${join(folder, 'base', site)}/`]);
});

test("pyenv's script leads to the version that it starts", () => {
  write('pyenv/shims/python3', '');
  write('pyenv/version', '3.11.7\n');
  write('pyenv/versions/3.11.7/bin/python3', '');
  write(`pyenv/versions/3.11.7/${site}/p.pxd`, '');
  const loose = write('loose/m.pyx', '');
  expect(moduleRoots({ source: loose, environment: { PATH: join(folder, 'pyenv/shims') } })).toEqual([
    `${join(folder, 'pyenv/versions/3.11.7', site)}/`,
  ]);
});

test('a link to an interpreter has the packages of where it leads, and circles of links have none', () => {
  write(`real/${site}/p.pxd`, '');
  write('real/bin/python3', '');
  mkdirSync(join(folder, 'linked/bin'), { recursive: true });
  symlinkSync(join(folder, 'real/bin/python3'), join(folder, 'linked/bin/python3'));
  symlinkSync(join(folder, 'linked/bin/circle'), join(folder, 'linked/bin/circle'));
  const loose = join(folder, 'loose/m.pyx');
  const rootsOf = (name: string) => moduleRoots({ source: loose, interpreter: join(folder, name), environment: bare });
  expect(rootsOf('linked/bin/python3')).toEqual([`${join(folder, 'real', site)}/`]);
  expect(rootsOf('linked/bin/circle')).toEqual([]);
});

test('types of installed packages decide', async () => {
  const path = write(
    'project/package/uses.pyx',
    [
      'from installed cimport Typed',
      'from linked.parts cimport Part',
      'from linked cimport Handle',
      'def f(Typed t, Part part, x):',
      '    p = <void*>t.address',
      '    p = <void*>part.handle',
      '    p = <void*>t.thing',
      '    p = <Handle>x',
      '',
    ].join('\n'),
  );
  const preferences = { selection: { select: null, ignore: [] }, severities: new Map() };
  const { diagnostics } = await lintFile(path, { preferences, isFixing: false, signal: new AbortController().signal });
  expect(diagnostics.map(({ range }) => range.start.line)).toEqual([6, 7]);
});
