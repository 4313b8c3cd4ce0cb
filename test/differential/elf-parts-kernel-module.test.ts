import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type KernelModule, readKernelModule } from '../../language-server/elf/kernel-module/kernel-module.ts';
import { encodeBytes } from '../../language-server/native/byte-text.ts';
import { imageOf, outputOf, withSource } from '../support/elf-parts-files.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const modinfo = ['/usr/sbin/modinfo', '/sbin/modinfo'].find(existsSync) ?? 'modinfo';
const folder = process.env['BINARY_DETECTIVE_TEST_MODULES'] ?? '/lib/modules';
/** Those of this machine's kernel, where it has one of its own (containers have none). */
const installed = !existsSync(folder)
  ? []
  : readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('.ko'))
      .map(name => join(folder, name));

/** What MODULE_LICENSE() and its kin leave in a module (linux/module.h). */
function compileModule(path: string, entries: readonly string[]): string {
  const strings = entries.map(entry => `.string \\"${entry}\\"\\n`).join('');
  writeFileSync(`${path}.c`, `__asm__(".section .modinfo,\\"a\\"\\n${strings}.previous");\n`);
  execFileSync('cc', ['-c', '-o', path, `${path}.c`]);
  return path;
}

const scratch = temporaryFolder();
const built = [
  compileModule(join(scratch, 'plain.ko'), [
    'license=GPL',
    'description=A module',
    'author=A',
    'author=B',
    'depends=x,y',
  ]),
  compileModule(join(scratch, 'parameters.ko'), [
    'alias=pci:v00008086d*',
    'parm=debug:How much to say',
    'parmtype=debug:int',
    'parmtype=quiet:bool',
    'parm=name:Of the device',
    'vermagic=6.1.0 SMP preempt mod_unload',
  ]),
];
const modules = [...built, ...installed];

const read = (path: string): KernelModule | null => withSource(path, source => readKernelModule(imageOf(source)));

/** What is no entry of `.modinfo`, though modinfo prints it in the same way. */
const added = /^(?:filename|signer|sig_\w+|signature)=/u;

test(`${modules.length} kernel modules, as modinfo reads them`, () => {
  for (const path of modules) {
    const module = read(path);
    const printed = outputOf(modinfo, ['-0', path])
      .split('\0')
      .filter(entry => entry !== '')
      .map(entry => entry.replace(/^(filename|parm): +/u, '$1='));
    const theirs = printed.filter(entry => !added.test(entry));
    const text = (key: string, value: string): string => encodeBytes(`${key}=${value}`).toString('latin1');
    const ours = (module?.entries ?? []).filter(({ key }) => !/^parm(?:type)?$/u.test(key));
    const isParameter = (entry: string): boolean => entry.startsWith('parm=');
    expect(
      ours.map(({ key, value }) => text(key, value)),
      path,
    ).toEqual(theirs.filter(entry => !isParameter(entry) && !entry.startsWith('filename')));
    const parameters = (module?.parameters ?? []).map(({ name, type, description }) =>
      text(
        'parm',
        `${name}:${[description ?? '', ...(type === null ? [] : [`(${type})`])].filter(part => part !== '').join(' ')}`,
      ),
    );
    const plain = (entry: string): string =>
      entry
        .replace(/ +/gu, ' ')
        .replace(/: /u, ':')
        .replace(/\((\w[\w ]*)\)$/u, '$1');
    expect(parameters.map(plain).sort(), path).toEqual(theirs.filter(isParameter).map(plain).sort());
    expect(module?.signature === null, path).toBe(!printed.some(entry => entry.startsWith('sig_id')));
  }
});
