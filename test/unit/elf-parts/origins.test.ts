import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inspectFile } from '../../../language-server/elf/inspection.ts';
import { readOverview } from '../../../language-server/elf/overview.ts';
import type { ElfOverview } from '../../../language-server/protocol/elf.ts';
import { toolchainIn } from '../../support/elf-toolchain.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const { compile, run, path } = toolchainIn(temporaryFolder());

const factsOf = ({ facts }: ElfOverview, label: string): readonly string[] =>
  facts.find(fact => fact.label === label)?.values ?? [];

const assembled = (name: string, text: string): string =>
  compile(name, `.text\nnop\n${text}\n`, '-shared', '-nostdlib');

describe('what a file is written in, on the overview and in an inspection', () => {
  const made: readonly {
    readonly name: string;
    readonly text: string;
    readonly language: string;
    readonly summary?: string;
  }[] = [
    { name: 'fortran.so', text: '.quad _gfortran_st_write', language: 'Fortran' },
    {
      name: 'rust.so',
      text: '.section .comment,"MS",@progbits,1\n.asciz "rustc version 1.77.2 (25ef9e3d8 2024-04-09)"',
      language: 'Rust',
      summary: 'built by Rust 1.77.2',
    },
    {
      name: 'go.so',
      text: '.section .go.buildinfo,"aw"\n.byte 0xff\n.ascii " Go buildinf:"\n.byte 8, 2\n.zero 16\n.byte 8\n.ascii "go1.22.3"',
      language: 'Go',
      summary: 'built by Go 1.22.3',
    },
    {
      name: 'old-go.so',
      text: `.section .go.buildinfo,"aw"
.byte 0xff
.ascii " Go buildinf:"
.byte 8, 0
.quad string, 0
string: .quad text, 8
text: .ascii "go1.16.9"`,
      language: 'Go',
      summary: 'built by Go 1.16.9',
    },
    { name: 'cython.so', text: '.globl __pyx_module_is_main_x\n__pyx_module_is_main_x: nop', language: 'Cython' },
    { name: 'cplusplus.so', text: '.globl _ZN3foo3barEv\n_ZN3foo3barEv: nop', language: 'C++' },
  ];
  for (const { name, text, language, summary } of made) {
    test(name, async () => {
      const file = assembled(name, text);
      const overview = await readOverview(file);
      expect(factsOf(overview, 'Languages')).toEqual([
        expect.stringMatching(new RegExp(`^${language.replace('++', '\\+\\+')} \\(.+: .+\\)$`, 'u')),
      ]);
      const inspection = await inspectFile(file);
      expect(inspection.languages).toMatchObject([{ language, certainty: 'certain' }]);
      expect(inspection.summary).toBe(overview.identity.summary);
      if (summary !== undefined) expect(inspection.summary).toContain(summary);
    });
  }

  test('a version of Go that leads out of the file is none', async () => {
    const text =
      '.section .go.buildinfo,"aw"\n.byte 0xff\n.ascii " Go buildinf:"\n.byte 8, 0\n.quad 0x7fffffffffff, -1';
    expect((await readOverview(assembled('bad-go.so', text))).identity.summary).not.toContain('built by');
  });
});

describe('a module of CPython says for which', () => {
  const source = 'int PyInit_fast(void) { return 1; }\n';
  const names: readonly (readonly [name: string, expected: RegExp])[] = [
    ['fast.cpython-312-x86_64-linux-gnu.so', /^ABI tag cpython-312-x86_64-linux-gnu \(for Python 3\.12 only\)$/u],
    ['fast.cpython-313t-x86_64-linux-gnu.so', /^ABI tag .* \(for Python 3\.13 only, free-threaded\)$/u],
    ['fast.abi3.so', /^ABI tag abi3 \(the stable ABI\)$/u],
    ['fast.so', /^no ABI tag in its name/u],
  ];
  for (const [name, expected] of names) {
    test(name, async () => {
      const file = compile(name, source, '-shared', '-fPIC');
      const [module, tag, ...more] = factsOf(await readOverview(file), 'Extension of');
      expect(module).toMatch(/^(?:CPython|Python): module fast \(PyInit_fast\)$/u);
      expect(tag).toMatch(expected);
      expect(more).toEqual([]);
    });
  }

  test('and whether it can be imported under its name', async () => {
    const file = compile('slow.abi3.so', source, '-shared', '-fPIC');
    expect(factsOf(await readOverview(file), 'Extension of').at(-1)).toContain('not importable');
    expect((await inspectFile(file)).extension).toMatchObject({
      kind: 'python',
      module: 'fast',
      abiTag: 'abi3',
      isStableAbi: true,
      isImportable: false,
    });
  });

  test('those of the Python of this machine, as its importlib names them', async () => {
    const python = `import importlib.machinery, sysconfig
print(sysconfig.get_path('platstdlib') + '/lib-dynload')
print(importlib.machinery.EXTENSION_SUFFIXES[0])`;
    const [folder = '', suffix = ''] = run('/usr/bin/python3', '-c', python).trim().split('\n');
    const modules = readdirSync(folder).filter(name => name.endsWith(suffix));
    expect(modules.length).toBeGreaterThan(3);
    for (const name of modules) {
      const overview = await readOverview(join(folder, name));
      const tag = suffix.slice(1, -'.so'.length);
      const module = basename(name, suffix);
      expect(factsOf(overview, 'Extension of')).toEqual([
        `CPython: module ${module} (PyInit_${module})`,
        expect.stringContaining(`ABI tag ${tag} (for Python `),
      ]);
    }
  });
});

test('an RPATH is shown as it stands, and as what it means here', async () => {
  const file = compile('run.so', 'int a;\n', '-shared', '-fPIC', `-Wl,-rpath,$ORIGIN/../lib:/opt/x:\${ORIGIN}`);
  const folder = dirname(file);
  expect(factsOf(await readOverview(file), 'RUNPATH')).toEqual([
    `$ORIGIN/../lib → ${join(folder, '../lib')}`,
    '/opt/x',
    `\${ORIGIN} → ${folder}`,
  ]);
});

test('the largest parts are together as large as the file', async () => {
  for (const file of ['/bin/sh', compile('bss.so', 'char zeros[100000];\n', '-shared', '-fPIC')]) {
    const { parts = [], sizeBytes } = await readOverview(file);
    expect(parts.reduce((sum, { fileBytes }) => sum + fileBytes, 0)).toBe(sizeBytes);
    expect(parts.length).toBeLessThanOrEqual(9);
    expect(parts.find(({ name }) => name === '.text')?.fileBytes ?? 1).toBeGreaterThan(0);
  }
  expect((await readOverview(path('bss.so'))).parts?.find(({ name }) => name === '.bss')).toMatchObject({
    fileBytes: 0,
    memoryBytes: expect.any(Number),
  });
});
