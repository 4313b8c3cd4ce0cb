import { expect, test } from 'vitest';
import { githubAnnotation } from '../../../language-server/cli/github-annotations.ts';

const range = (line: number, character: number, endLine: number, endCharacter: number) => ({
  start: { line, character },
  end: { line: endLine, character: endCharacter },
});
const finding = {
  path: 'src/a.pyx',
  range: range(2, 8, 2, 16),
  severity: 'warning',
  code: 'cython/object-address',
  message: 'A cast.',
} as const;

test.each([
  [
    finding,
    '::warning file=src/a.pyx,line=3,col=9,endLine=3,endColumn=17,title=Binary Detective%3A cython/object-address::A cast.',
  ],
  [
    { ...finding, severity: 'error', path: 'a,b: 100%.pyx' } as const,
    '::error file=a%2Cb%3A 100%25.pyx,line=3,col=9,endLine=3,endColumn=17,title=Binary Detective%3A cython/object-address::A cast.',
  ],
  [
    { ...finding, severity: 'hint', range: range(2, 8, 3, 1) } as const,
    '::notice file=src/a.pyx,line=3,endLine=4,title=Binary Detective%3A cython/object-address::A cast.',
  ],
])('%#', (given, line) => {
  expect(githubAnnotation(given)).toBe(line);
});

test('no text can begin a command of its own', () => {
  const message = '50 % of it:\r\n::stop-commands::x';
  const line = githubAnnotation({ ...finding, severity: 'information', message });
  expect(line).toMatch(/^::notice /u);
  expect(line).not.toMatch(/[\r\n]/u);
  expect(line).toContain('::50 %25 of it:\\x0d\\x0a::stop-commands::x');
});
