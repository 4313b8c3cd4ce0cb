import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseModuleInfo } from '../../language-server/elf/kernel-module/kernel-module.ts';
import { compilersIn } from '../../language-server/elf/languages/compilers.ts';
import { createLanguageDetector } from '../../language-server/elf/languages/language-detector.ts';
import { withoutHanging } from '../support/hang.ts';

/** Pieces of what the signs look for: the worst that a name can be made of. */
const pieces = [
  '_ZN',
  '17h',
  '0123456789abcdef',
  'E',
  '.',
  '_R',
  'Nv',
  '_',
  'zi',
  '_closure',
  '_info',
  'P',
  '_QM',
  '_MOD_',
  '__',
  'Java_',
  '$s',
  '_D1a',
  'Z',
  'caml',
  'A',
  '.ltrans',
  '1',
  '.o',
  '.llvm.',
  '.lto_priv',
  'PyInit_',
  '__pyx_',
  'GCC: (',
  ')',
  'Intel(R) ',
  'Fortran',
  'rustc/',
  '/library/',
  '!',
  '\0',
  '\udce9',
];

function look(names: readonly string[]): void {
  const detector = createLanguageDetector();
  const report = withoutHanging(() => {
    detector.addDefined(names);
    detector.addUndefined(names);
    detector.addStrings(names);
    compilersIn(names);
    return detector.report({ fileName: names[0] ?? '', comments: names, sectionNames: names, needed: names });
  });
  for (const { evidence } of report.languages) expect(evidence.length).toBeGreaterThan(0);
}

test.each(pieces)('thousands of %j in a name', piece => {
  for (const end of ['', '!', '_info', '.o', '$', 'E']) {
    look([piece.repeat(30_000), `_${piece.repeat(20_000)}${end}`, `x${`${piece}_`.repeat(10_000)}${end}`]);
    for (const other of ['_', 'zi', 'P', '17h']) look([`${`${piece}${other}`.repeat(10_000)}${end}`]);
  }
});

test('any names of these pieces', () => {
  const name = fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map(parts => parts.join(''));
  fc.assert(fc.property(fc.array(name, { maxLength: 20 }), names => look(names)));
});

test('any section of a kernel module', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), bytes => {
      const entries = parseModuleInfo(Buffer.from(bytes), 0);
      expect(entries.length).toBeLessThanOrEqual(bytes.length);
      for (const { offset } of entries) expect(offset).toBeLessThan(bytes.length);
    }),
  );
});
