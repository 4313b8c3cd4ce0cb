import {
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { replaceFile } from '../../../language-server/cli/replace-file.ts';
import { decodeBytes, encodeBytes } from '../../../language-server/native/byte-text.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder();
const latin = Buffer.from([0xef, 0xbb, 0xbf, 0xe9, 0x0d, 0x0a, 0xff, 0x00]);

test('a file keeps its mode and the bytes that nobody changes', () => {
  const path = join(folder, 'latin.pyx');
  writeFileSync(path, latin, { mode: 0o640 });
  const before = decodeBytes(latin);
  replaceFile(path, before, `${before}!`);
  expect(readFileSync(path)).toEqual(Buffer.concat([latin, Buffer.from('!')]));
  expect(statSync(path).mode & 0o7777).toBe(0o640);
  expect(readdirSync(folder)).toEqual(['latin.pyx']);
});

test('who has the old one open reads it to its end', () => {
  const path = join(folder, 'old.pyx');
  writeFileSync(path, 'old');
  linkSync(path, join(folder, 'other-name'));
  replaceFile(path, 'old', 'new');
  expect(readFileSync(path, 'utf8')).toBe('new');
  expect(readFileSync(join(folder, 'other-name'), 'utf8')).toBe('old');
});

test('of a link what it leads to is replaced', () => {
  mkdirSync(join(folder, 'real'));
  writeFileSync(join(folder, 'real/a.pyx'), 'old');
  symlinkSync('real/a.pyx', join(folder, 'link.pyx'));
  replaceFile(join(folder, 'link.pyx'), 'old', 'new');
  expect(lstatSync(join(folder, 'link.pyx')).isSymbolicLink()).toBe(true);
  expect(readFileSync(join(folder, 'real/a.pyx'), 'utf8')).toBe('new');
});

test('a name that is not UTF-8', () => {
  const name = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff])]);
  writeFileSync(name, 'old');
  replaceFile(decodeBytes(name), 'old', 'new');
  expect(readFileSync(encodeBytes(decodeBytes(name)), 'utf8')).toBe('new');
});

test('what somebody else has changed meanwhile is left as it is', () => {
  const path = join(folder, 'changed.pyx');
  writeFileSync(path, 'changed');
  expect(() => replaceFile(path, 'old', 'new')).toThrow(/changed meanwhile/u);
  expect(readFileSync(path, 'utf8')).toBe('changed');
  expect(() => replaceFile(join(folder, 'absent.pyx'), 'old', 'new')).toThrow(/cannot be written \(ENOENT\)/u);
});
