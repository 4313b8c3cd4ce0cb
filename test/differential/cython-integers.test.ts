import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { narrowAddressCode } from '../../language-server/protocol/cython.ts';
import { lint } from '../support/cython-lint.ts';
import { compileCython } from '../support/cython-oracle.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder();

/** As Cython and C both write them. */
const types =
  'char|signed char|unsigned char|short|unsigned short|int|unsigned int|long|unsigned long|long long|unsigned long long|size_t|ssize_t|ptrdiff_t|int8_t|uint8_t|int16_t|uint16_t|int32_t|uint32_t|int64_t|uint64_t|intptr_t|uintptr_t|intmax_t|uintmax_t'.split(
    '|',
  );
const fixedSizes = types.filter(type => /^u?int\w+_t$/u.test(type));

const sourceOf = (cast: (type: string) => string): string =>
  [
    `from libc.stdint cimport ${fixedSizes.join(', ')}`,
    'def f(x, ptr):',
    '    cdef double* p = NULL',
    ...types.map((type, index) => `    a${index} = ${cast(type)}`),
    '',
  ].join('\n');

/** The level at which each type is spoken of, by its name. */
function levels(source: string): ReadonlyMap<string, string> {
  const found = lint(source).filter(({ code }) => code === narrowAddressCode);
  return new Map(found.map(({ range, severity }) => [types[range.start.line - 3] ?? '', severity]));
}

test('the C compiler says which integers hold no address', () => {
  const program = join(folder, 'sizes');
  writeFileSync(
    `${program}.c`,
    `#include <stddef.h>\n#include <stdint.h>\n#include <stdio.h>\n#include <sys/types.h>\nint main(void) {\n${types
      .map(type => `  printf("%d\\n", sizeof(${type}) < sizeof(void *));\n`)
      .join('')}}\n`,
  );
  execFileSync('cc', ['-o', program, `${program}.c`]);
  const answers = execFileSync(program, { encoding: 'utf8' }).trim().split('\n');
  const narrow = types.filter((_, index) => answers[index] === '1');
  expect(narrow).toContain('unsigned int');

  for (const cast of ['<TYPE>p', '<void*><TYPE>ptr', '<void*><TYPE>p']) {
    const told = levels(sourceOf(type => cast.replace('TYPE', type)));
    expect([...told].filter(([, level]) => level === 'warning').map(([type]) => type)).toEqual(narrow);
    // Enough here, and not on 64-bit Windows.
    expect([...told].filter(([, level]) => level !== 'warning').map(([type]) => type)).toEqual([
      'long',
      'unsigned long',
    ]);
  }
});

test('the Cython compiler takes them all: of a pointer by a cast of C, of an object by a conversion that may overflow', async () => {
  const { errors, casts } = await compileCython(
    folder,
    'integers.pyx',
    sourceOf(type => `<size_t><void*><${type}>${type.endsWith('int') ? 'p' : 'ptr'}`),
  );
  expect([...errors]).toEqual([]);
  const emitted = new Map(casts.filter(({ target }) => types.includes(target)).map(({ target, c }) => [target, c]));
  expect(emitted.get('int')).toBe('((int)__pyx_v_p)');
  expect(emitted.get('unsigned int')).toBe('((unsigned int)__pyx_v_p)');
  expect(emitted.get('long')).toMatch(/^\(\(long\)__pyx_t_\d+\)$/u);
});
