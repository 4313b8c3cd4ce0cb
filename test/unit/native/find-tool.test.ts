import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { distributionOf, installCommand } from '../../../language-server/native/distribution.ts';
import { findTool } from '../../../language-server/native/find-tool.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder();
const program = (name: string, mode: number): string => {
  const path = join(folder, name);
  writeFileSync(path, '#!/bin/sh\n');
  chmodSync(path, mode);
  return path;
};

test('PATH is searched name by name, folder by folder', () => {
  const gcc = program('gcc', 0o755);
  mkdirSync(join(folder, 'empty'));
  const search = findTool('cc', undefined, `${join(folder, 'empty')}:${folder}`);
  expect(search).toMatchObject({ kind: 'found', path: gcc });
  expect(search.searched).toEqual([join(folder, 'empty/cc'), join(folder, 'cc'), join(folder, 'empty/gcc'), gcc]);
});

test('the working folder is never searched, however PATH says it', () => {
  expect(findTool('objdump', undefined, `:.:bin::`)).toMatchObject({ kind: 'missing', searched: [] });
});

test('a folder or a file that is not executable is no program', () => {
  program('objdump', 0o644);
  expect(findTool('objdump', undefined, folder).kind).toBe('missing');
  mkdirSync(join(folder, 'addr2line'));
  expect(findTool('addr2line', undefined, folder).kind).toBe('missing');
});

test('a setting alone counts, and is named where it is wrong', () => {
  const own = program('my objdump', 0o755);
  expect(findTool('objdump', own, '/usr/bin')).toMatchObject({ kind: 'found', path: own });
  const missing = findTool('objdump', '/no/such/objdump', '/usr/bin');
  expect(missing).toMatchObject({ kind: 'missing', setting: 'binaryDetective.tools.objdump' });
  expect(missing).toHaveProperty('message', expect.stringContaining('names /no/such/objdump, which does not exist'));
  const notExecutable = findTool('objdump', program('text', 0o644), '/usr/bin');
  expect(notExecutable).toHaveProperty('message', expect.stringContaining('which is not executable'));
  expect(findTool('objdump', folder, '/usr/bin')).toHaveProperty('message', expect.stringContaining('is not a file'));
  expect(findTool('objdump', 'objdump', '/usr/bin')).toHaveProperty('message', expect.stringContaining('absolute'));
});

test.each([
  ['ID=debian\nVERSION_ID="12"', 'debian', 'apt-get install binutils'],
  ['ID=linuxmint\nID_LIKE="ubuntu debian"', 'debian', 'apt-get install binutils'],
  ['ID="almalinux"\nID_LIKE="rhel centos fedora"', 'fedora', 'dnf install binutils'],
  ['ID=arch', 'arch', 'pacman -S binutils'],
  ['ID=alpine', 'alpine', 'apk add binutils'],
])('the remedy on %j', (osRelease, distribution, command) => {
  const packages = { debian: 'binutils', fedora: 'binutils', arch: 'binutils', alpine: 'binutils' };
  expect(distributionOf(osRelease)).toBe(distribution);
  expect(installCommand(packages, distributionOf(osRelease))).toBe(command);
});

test('an unknown distribution gets every remedy', () => {
  const packages = { debian: 'a', fedora: 'b', arch: 'c', alpine: 'd' };
  expect(installCommand(packages, distributionOf('ID=plan9'))).toBe(
    'apt-get install a (debian), dnf install b (fedora), pacman -S c (arch), apk add d (alpine)',
  );
});
