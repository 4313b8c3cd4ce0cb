import { expect, test } from 'vitest';
import { comparisonText } from '../../../extension/compare/comparison-text.ts';
import { compareFiles } from '../../../language-server/elf/compare/compare-files.ts';
import { toolchainIn } from '../../support/elf-toolchain.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const { compile } = toolchainIn(temporaryFolder());
const english = (text: string, ...args: readonly string[]): string =>
  text.replace(/\{(\d)\}/gu, (_match, index: string) => args[Number(index)] ?? '');
const build = (name: string, source: string, ...options: readonly string[]): string =>
  compile(name, source, '-shared', '-fPIC', '-Wl,-soname,libone.so.1', ...options);
const before = build(
  'before.so',
  '#include <stdio.h>\nint gone(void) { return puts(""); } int kept(void) { return 1; }',
  '-Wl,-z,relro,-z,now',
);
const after = build(
  'after.so',
  '#include <math.h>\nchar big[5000] = { 1 }; int kept(void) { return 1; } double fresh(double x) { return exp(x); }',
  '-Wl,-z,norelro',
  '-Wl,--no-as-needed',
  '-lm',
);

const headings = (text: string): readonly string[] =>
  [...text.matchAll(/^(\S.*) \(\d[\d,]*\)$/gmu)].map(match => match[1] ?? '');
const linesBelow = (text: string, heading: string): readonly string[] => {
  const lines = text.split('\n');
  const start = lines.findIndex(line => line.startsWith(`${heading} (`)) + 1;
  const end = lines.findIndex((line, index) => index >= start && line === '');
  return lines.slice(start, end < 0 ? undefined : end).filter(line => line !== '');
};

test('what may break somebody stands first, then what changed, then sizes', async () => {
  const text = comparisonText(await compareFiles(before, after), english);
  const order = [
    'Hardening lost',
    'Newest version needed',
    'Versions needed',
    'Exports removed',
    'Libraries needed',
    'Size by section',
    'Exports added',
    'Shown by',
  ];
  expect(headings(text).filter(heading => order.includes(heading))).toEqual(order);
  expect(text).toMatch(/^Before: .*before\.so\n {4}shared library.* B\nAfter: .*after\.so\n/u);
  expect(linesBelow(text, 'Hardening lost').join('\n')).toContain('relro: full → none (no PT_GNU_RELRO)');
  expect(linesBelow(text, 'Exports removed')).toEqual([expect.stringMatching(/^ {4}- gone {2}GLOBAL FUNC \d+ B$/u)]);
  expect(linesBelow(text, 'Libraries needed')).toContain('    + libm.so.6');
  expect(linesBelow(text, 'Size by symbol (.symtab)')[0]).toMatch(/^ {4}\+5,000 {2}big {2}\(– → 5,000\)$/u);
});

test('a list that is cut says how much more there is', async () => {
  const comparison = await compareFiles(before, after, { limit: 1 });
  const lines = linesBelow(comparisonText(comparison, english), 'Size by section');
  expect(lines).toHaveLength(2);
  expect(lines[1]).toBe(`    … and ${comparison.sections.total - 1} more`);
});

test('the same file twice is said to be identical, without empty lists', async () => {
  const text = comparisonText(await compareFiles(before, before), english);
  expect(text).toContain('The files are identical, byte for byte.');
  expect(headings(text).filter(heading => heading !== 'Shown by')).toEqual([]);
});

test('the words are those of the reader, names cannot deceive', async () => {
  const comparison = await compareFiles(before, after);
  const [symbol] = comparison.exports.removed.rows;
  const rows = symbol === undefined ? [] : [{ ...symbol, name: 'a\u202eb\nc' }];
  const named = { ...comparison, exports: { ...comparison.exports, removed: { rows, total: 1 } } };
  const text = comparisonText(named, words => `[${words}]`);
  expect(text).toContain('[Exports removed]');
  expect(text).not.toContain('\u202e');
  expect(text).not.toContain('\nc');
});
