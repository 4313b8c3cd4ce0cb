import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type KernelModule, readKernelModule } from '../../language-server/elf/kernel-module/kernel-module.ts';
import { encodeBytes } from '../../language-server/native/byte-text.ts';
import { imageOf, outputOf, withSource } from '../support/elf-parts-files.ts';

/** kmod's modinfo on the modules of a kernel, where both are here (containers have no kernel of their own). */
const modinfo = ['/usr/sbin/modinfo', '/sbin/modinfo'].find(existsSync);
const folder = process.env['BINARY_DETECTIVE_TEST_MODULES'] ?? '/lib/modules';
const modules = !existsSync(folder)
  ? []
  : readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('.ko'))
      .map(name => join(folder, name));

const read = (path: string): KernelModule | null => withSource(path, source => readKernelModule(imageOf(source)));

/** What is no entry of `.modinfo`, though modinfo prints it in the same way. */
const added = /^(?:filename|signer|sig_\w+|signature)=/u;

test.runIf(modinfo !== undefined && modules.length > 0)(
  `${modules.length} kernel modules, as modinfo reads them`,
  () => {
    for (const path of modules) {
      const module = read(path);
      const printed = outputOf(modinfo ?? '', ['-0', path])
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
  },
);
