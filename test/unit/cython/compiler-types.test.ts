import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compilerTypesOf, lineChange } from '../../../language-server/cython/bridge/compiler-types.ts';
import { includePathOf } from '../../../language-server/cython/bridge/include-path.ts';
import { lintCython } from '../../../language-server/cython/lint.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const pointer = { type: { kind: 'pointer', to: { kind: 'void' } }, text: 'void *' } as const;

/** What a compiler would say of one cast. */
function castAt(line: number, character: number, operand: Parameters<typeof compilerTypesOf>[0]['types'][number]) {
  return compilerTypesOf({
    casts: [[line, character, 0, 1]],
    accesses: [],
    types: [pointer, operand],
    missing: [],
    files: [],
    isPartial: false,
    errors: [],
  });
}

const bytes = { type: { kind: 'object', of: 'bytes' }, text: 'bytes object' } as const;
const number = { type: { kind: 'integer', isBool: false }, text: 'size_t' } as const;

describe('what is known of a text after an edit', () => {
  const types = castAt(2, 4, bytes);

  test.each([
    ['a line before', 'a\nb\nc\nd', 'new\na\nb\nc\nd', 3],
    ['a line behind', 'a\nb\nc\nd', 'a\nb\nc\nd\nnew', 2],
    ['a line less', 'a\nb\nc\nd', 'b\nc\nd', 1],
    ['nothing', 'a\nb\nc\nd', 'a\nb\nc\nd', 2],
  ])('%s moves it', (_, before, after, line) => {
    const moved = types.moved(lineChange(before, after));
    expect(moved.castsAt(line, 4)).toMatchObject([{ operandText: 'bytes object' }]);
    expect(moved.signature === types.signature).toBe(line === 2);
  });

  test('the line itself is not known any more', () => {
    const moved = types.moved(lineChange('a\nb\nc\nd', 'a\nb\nchanged\nd'));
    expect([0, 1, 2, 3, 4].flatMap(line => moved.castsAt(line, 4))).toEqual([]);
  });
});

describe('the compiler decides', () => {
  const text = 'from nowhere cimport thing\ndef f(a):\n    p = <void*>thing\n    q = <void*>a\n';

  test('where our own analysis knows nothing', () => {
    expect(lintCython(text, { kind: 'pyx' }).map(({ range }) => range.start.line)).toEqual([3]);
    const compilerTypes = castAt(2, 8, bytes);
    const found = lintCython(text, { kind: 'pyx', compilerTypes });
    expect(found.map(({ range, severity }) => [range.start.line, severity])).toEqual([
      [2, 'error'],
      [3, 'information'],
    ]);
  });

  test('and where it knows otherwise', () => {
    expect(lintCython(text, { kind: 'pyx', compilerTypes: castAt(3, 8, number) })).toEqual([]);
  });

  test('but not where it does not know itself', () => {
    const unknown = { type: { kind: 'unknown' }, text: '' } as const;
    expect(lintCython(text, { kind: 'pyx', compilerTypes: castAt(3, 8, unknown) })).toHaveLength(1);
  });
});

test('folders of cimports come from what a project writes out, without running it', () => {
  const root = temporaryFolder();
  for (const folder of ['lib', 'more', 'packages', 'set', 'deep/er'])
    mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(
    join(root, 'setup.py'),
    "raise SystemExit\ncythonize('x', include_path=['lib', 'gone'], package_dir={'': 'packages'})\n",
  );
  writeFileSync(join(root, 'pyproject.toml'), '[tool.setuptools.packages.find]\nwhere = ["more"]\n');
  const found = includePathOf(join(root, 'deep/er/module.pyx'), ['set']);
  expect(found).toEqual(['set', 'more', 'lib', 'packages'].map(name => join(root, name)).concat(root));
});
