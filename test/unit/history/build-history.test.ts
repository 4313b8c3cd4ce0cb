import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readBuildHistory } from '../../../language-server/elf/history/build-history.ts';
import { lostProtections, verdictsOf } from '../../../language-server/elf/history/lost-protections.ts';
import { inspectFile } from '../../../language-server/elf/inspection.ts';
import { toolchainIn } from '../../support/elf-toolchain.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const { compile, path } = toolchainIn(temporaryFolder());
const source = '#include <stdio.h>\nint main(void) { return puts("") < 0; }\n';
const hardened = ['-pie', '-fPIE', '-Wl,-z,relro,-z,now', '-Wl,-z,noexecstack'];
const build = (...options: readonly string[]): string => compile('app', source, ...options);
const expectedLosses = (findings: readonly { readonly message: string }[]): readonly string[] =>
  findings.map(({ message }) => message.replace(/ was there .*$/u, ''));

test('the first look at a file has nothing to compare with', async () => {
  const { memory, findings } = await readBuildHistory(build(...hardened), '');
  expect(findings).toEqual([]);
  expect(memory).not.toBe('');
});

test('a build that loses protections says which, with what shows it, for as long as it is there', async () => {
  const first = await readBuildHistory(build(...hardened), '');
  const app = build('-no-pie', '-fno-PIE', '-Wl,-z,norelro,-z,lazy', '-Wl,-z,execstack');
  const second = await readBuildHistory(app, first.memory);
  expect(expectedLosses(second.findings)).toEqual([
    'RELRO',
    'Binding of all functions at start (BIND_NOW)',
    'A stack that is not executable (NX)',
    'Position independence (PIE)',
  ]);
  expect(second.findings[0]).toMatchObject({
    code: 'elf/lost-hardening',
    severity: 'warning',
    message: 'RELRO was there in the previous build of app and is gone: no PT_GNU_RELRO.',
    expected: 'full',
    actual: 'none',
  });
  const again = await readBuildHistory(app, second.memory);
  expect(again.findings).toEqual(second.findings);
  expect(again.memory).toBe(second.memory);
});

test('full RELRO that becomes partial is a loss', async () => {
  const first = await readBuildHistory(build('-Wl,-z,relro,-z,now'), '');
  const { findings } = await readBuildHistory(build('-Wl,-z,relro,-z,lazy'), first.memory);
  expect(findings[0]?.message).toMatch(/^RELRO was there .* and is only partly there: PT_GNU_RELRO/u);
});

test('the same options again, and gains, are no loss', async () => {
  const weak = await readBuildHistory(build('-no-pie', '-fno-PIE', '-Wl,-z,norelro'), '');
  const strong = await readBuildHistory(build(...hardened), weak.memory);
  const same = await readBuildHistory(build(...hardened), strong.memory);
  expect([strong.findings, same.findings]).toEqual([[], []]);
});

test.each([
  ['nothing', ''],
  ['no JSON', '{'],
  ['another JSON', '["relro"]'],
  ['verdicts that are no texts', '{"version":"1","verdicts":{"relro":1}}'],
])('a memory of %s counts as none', async (_what, memory) => {
  expect((await readBuildHistory(build(...hardened), memory)).findings).toEqual([]);
});

test('what is not known, or makes no sense for the file, is neither a gain nor a loss', async () => {
  const { hardening } = await inspectFile(build(...hardened));
  const before = { ...verdictsOf(hardening), relro: 'unknown', pie: 'notApplicable', toString: 'yes', later: 'yes' };
  expect(lostProtections(before, hardening)).toEqual([]);
});

test('a file that is no ELF file any more is refused, so that its memory stays', async () => {
  writeFileSync(path('text'), 'half a file');
  await expect(readBuildHistory(path('text'), '')).rejects.toMatchObject({ kind: 'notElf' });
});
