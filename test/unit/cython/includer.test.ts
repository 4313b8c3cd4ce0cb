import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { lintFile } from '../../../language-server/cli/lint-file.ts';
import { includerOf } from '../../../language-server/cython/project/includer.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder();

function write(path: string, text: string): string {
  const full = join(folder, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, text);
  return full;
}

async function flagged(path: string): Promise<readonly number[]> {
  const preferences = { selection: { select: null, ignore: [] }, severities: new Map() };
  const { diagnostics } = await lintFile(path, { preferences, isFixing: false, signal: new AbortController().signal });
  return diagnostics.map(({ range }) => range.start.line + 1);
}

const body = 'cdef void use(Owner o, x):\n    p = <void*>o.address\n    p = <void*>o.thing\n    p = <Handle>x\n';

test('a file that is only included is seen through the one that includes it', async () => {
  write('a/top.pyx', 'from .types cimport Owner\nctypedef void* Handle\ninclude "parts/one.pxi"\np = <void*>5\n');
  write('a/types.pxd', 'cdef class Owner:\n    cdef size_t address\n    cdef object thing\n');
  const one = write('a/parts/one.pxi', body);
  expect(includerOf(one)?.path).toBe('parts/one.pxi');
  expect(await flagged(one)).toEqual([3, 4]);
});

test('through several, and by the name from the top', async () => {
  write(
    'b/top.pyx',
    'cdef class Owner:\n    cdef size_t address\n    cdef object thing\nctypedef void* Handle\ninclude "first.pxi"\n',
  );
  write('b/first.pxi', "include 'second.pxi'\n");
  expect(await flagged(write('b/second.pxi', body))).toEqual([3, 4]);
});

test('circles of includes end, and without an includer what is not declared is not known', async () => {
  write('c/x.pxi', 'include "y.pxi"\n');
  expect(await flagged(write('c/y.pxi', `include "x.pxi"\n${body}`))).toEqual([]);
});
