import { execFileSync } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  type KernelModule,
  parseModuleInfo,
  readKernelModule,
} from '../../../language-server/elf/kernel-module/kernel-module.ts';
import { imageOf, withSource } from '../../support/elf-parts-files.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder();

function compile(name: string, infos: readonly string[]): string {
  const texts = infos.map(
    (info, at) =>
      `static const char info${at}[] __attribute__((section(".modinfo"), used, aligned(1))) = ${JSON.stringify(info)};`,
  );
  writeFileSync(join(folder, `${name}.c`), `${texts.join('\n')}\nint start(void) { return 0; }\n`);
  execFileSync('cc', ['-c', '-fno-toplevel-reorder', `${name}.c`, '-o', `${name}.ko`], { cwd: folder });
  return join(folder, `${name}.ko`);
}

const read = (path: string): KernelModule | null => withSource(path, source => readKernelModule(imageOf(source)));

test('keys, values and what they mean', () => {
  const path = compile('sample', [
    'license=GPL v2',
    'description=A module = a sample',
    'parm=debug:How much it says: 0 to 3',
    'parmtype=debug:int',
    'parmtype=names:array of charp',
    'alias=pci:v00008086d*',
    'alias=sample',
    'depends=usbcore,,hid',
    'firmware=sample/one.bin',
    'intree=Y',
    'name=sample',
    'vermagic=6.1.0-50-amd64 SMP preempt mod_unload modversions ',
    'noequals',
  ]);
  const module = read(path);
  expect(module).toMatchObject({
    name: 'sample',
    license: 'GPL v2',
    description: 'A module = a sample',
    depends: ['usbcore', 'hid'],
    aliases: ['pci:v00008086d*', 'sample'],
    firmware: ['sample/one.bin'],
    versionMagic: { kernel: '6.1.0-50-amd64', options: ['SMP', 'preempt', 'mod_unload', 'modversions'] },
    parameters: [
      { name: 'debug', type: 'int', description: 'How much it says: 0 to 3' },
      { name: 'names', type: 'array of charp', description: null },
    ],
    isInTree: true,
    signature: null,
  });
  expect(module?.entries.at(-1)).toMatchObject({ key: 'noequals', value: '' });
});

test('a signature behind the file', () => {
  const path = compile('signed', ['name=signed']);
  const trailer = Buffer.from([0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 100]);
  appendFileSync(path, Buffer.concat([Buffer.alloc(100, 7), trailer, Buffer.from('~Module signature appended~\n')]));
  const signature = read(path)?.signature;
  expect(signature).toMatchObject({ kind: 'PKCS#7', sizeBytes: 100 });
  withSource(path, source => {
    expect(source.read(signature?.offset ?? 0, 100)).toEqual(Buffer.alloc(100, 7));
  });
  appendFileSync(
    path,
    Buffer.concat([Buffer.from([0, 0, 2, 0, 0, 0, 0, 0, 0xff, 0, 0, 0]), Buffer.from('~Module signature appended~\n')]),
  );
  withSource(path, source => {
    const image = imageOf(source);
    expect(readKernelModule(image)?.signature).toBeNull();
    expect(image.findings.list().map(({ code }) => code)).toEqual(['elf/module-signature']);
  });
});

test('what is no kernel module', () => {
  writeFileSync(join(folder, 'plain.c'), 'int x;');
  execFileSync('cc', ['-c', 'plain.c', '-o', 'plain.o'], { cwd: folder });
  expect(read(join(folder, 'plain.o'))).toBeNull();
});

test('the text of the section, byte by byte', () => {
  expect(parseModuleInfo(Buffer.from('\0\0a=b\0\0\0=c\0d=\0e', 'latin1'), 100)).toEqual([
    { offset: 102, key: 'a', value: 'b' },
    { offset: 108, key: '', value: 'c' },
    { offset: 111, key: 'd', value: '' },
    { offset: 114, key: 'e', value: '' },
  ]);
  expect(parseModuleInfo(Buffer.alloc(0), 0)).toEqual([]);
  expect(parseModuleInfo(Buffer.from([0x61, 0x3d, 0xe9]), 0)).toEqual([{ offset: 0, key: 'a', value: '\udce9' }]);
});
