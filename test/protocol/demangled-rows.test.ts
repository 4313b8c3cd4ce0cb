import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pathToFileUri } from '../../language-server/native/file-uri.ts';
import { elfRows } from '../../language-server/protocol/elf.ts';
import { startLanguageServer } from '../support/language-client.ts';
import { sharedClient } from '../support/shared-client.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const client = sharedClient();
const folder = temporaryFolder();
const library = join(folder, 'libnames.so');
writeFileSync(
  join(folder, 'names.cc'),
  '#include <string>\nnamespace shop { int price(const std::string &name, int n) { return n + (int)name.size(); } }\nextern "C" int plain(void) { return 1; }\n',
);
execFileSync('g++', ['-shared', '-fPIC', '-o', library, join(folder, 'names.cc')]);
const page = { uri: pathToFileUri(library), table: 'dynamic-symbols', start: 0, count: 1000, filter: '' };

test('names are demangled as nm -C does, each beside its mangled one', async () => {
  const { rows, findings } = await client().request(elfRows, { ...page, demangle: true });
  const names = rows.map(({ cells, demangled }) => demangled ?? cells[1]);
  const printed = execFileSync('nm', ['-DC', '--without-symbol-versions', library], { encoding: 'utf8' });
  for (const line of printed.trimEnd().split('\n')) expect(names).toContain(line.slice(19));
  const price = rows.find(({ cells }) => cells[1]?.startsWith('_ZN4shop5price'));
  expect(price?.demangled).toMatch(/^shop::price\(std::.*string.* const&, int\)$/u);
  expect(rows.find(({ cells }) => cells[1] === 'plain')).not.toHaveProperty('demangled');
  expect(findings).toEqual([]);
});

test('names stay as they are where that was not asked for', async () => {
  const { rows } = await client().request(elfRows, page);
  expect(rows.some(row => 'demangled' in row)).toBe(false);
});

test('without c++filt names stay mangled, and one finding says how to get it', async () => {
  const settings = { tools: { cxxfilt: '/nowhere/c++filt' } };
  const poor = await startLanguageServer({ settings });
  try {
    const { rows, findings } = await poor.request(elfRows, { ...page, demangle: true });
    expect(rows.length).toBeGreaterThan(1);
    expect(rows.some(row => 'demangled' in row)).toBe(false);
    expect(findings.map(({ code }) => code)).toEqual(['elf/names-mangled']);
    expect(findings[0]?.message).toContain('binutils');
  } finally {
    await poor.close();
  }
});
