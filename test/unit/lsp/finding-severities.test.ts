import { expect, test } from 'vitest';
import { DiagnosticSeverity } from 'vscode-languageserver/node';
import { diagnosticsOfFindings } from '../../../language-server/lsp/diagnostics.ts';
import { parseSettings } from '../../../language-server/lsp/settings.ts';
import type { Finding } from '../../../language-server/protocol/finding.ts';

const parse = (severity: unknown) => parseSettings({ elf: { severity } });
const findings: readonly Finding[] = [
  { code: 'elf/executable-stack', severity: 'warning', message: 'A stack.' },
  { code: 'elf/soname-missing', severity: 'information', message: 'A name.' },
];
const shown = (severity: unknown): readonly (readonly [unknown, unknown])[] => {
  const severities = parse(severity).settings.findingSeverities;
  return diagnosticsOfFindings(findings, { severities, links: () => undefined }).map(item => [
    item.code,
    item.severity,
  ]);
};

test.each([
  [{}, DiagnosticSeverity.Warning],
  [{ 'elf/executable-stack': 'error' }, DiagnosticSeverity.Error],
  [{ 'elf/executable-stack': 'hint' }, DiagnosticSeverity.Hint],
  [{ 'elf/soname-missing': 'off' }, DiagnosticSeverity.Warning],
  [{ 'elf/executable-stack': 'loud' }, DiagnosticSeverity.Warning],
])('%j gives the severity %i', (severity, expected) => {
  expect(shown(severity)[0]).toEqual(['elf/executable-stack', expected]);
});

test('a finding that is off is not told', () => {
  expect(shown({ 'elf/executable-stack': 'off' })).toEqual([['elf/soname-missing', DiagnosticSeverity.Information]]);
});

test.each([
  [{ 'elf/executable-stack': 'loud' }, /"loud" for "elf\/executable-stack".*error, warning, information, hint, off/u],
  [{ 'elf/executable-stack': null }, /null for "elf\/executable-stack"/u],
  ['off', /elf\.severity is not an object/u],
  [['off'], /elf\.severity is not an object/u],
])('%j is said by name', (severity, words) => {
  expect(parse(severity).problems).toEqual([expect.stringMatching(words)]);
});

test('one bad entry leaves the others', () => {
  const { settings, problems } = parse({ 'elf/a': 3, 'elf/b': 'hint', __proto__: 'off' });
  expect([...settings.findingSeverities]).toEqual([['elf/b', 'hint']]);
  expect(problems).toHaveLength(1);
});

test('a code with a link has it, another has none', () => {
  const links = (code: string): string | undefined => (code === 'elf/soname-missing' ? 'file:///page#L3' : undefined);
  const [stack, name] = diagnosticsOfFindings(findings, { severities: new Map(), links });
  expect(stack).not.toHaveProperty('codeDescription');
  expect(name).toMatchObject({ codeDescription: { href: 'file:///page#L3' } });
});
