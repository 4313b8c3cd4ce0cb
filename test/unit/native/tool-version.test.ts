import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type ToolId, toolDefinition } from '../../../language-server/native/tools.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { openDoor } from './door-fixture.ts';

const folder = temporaryFolder();

/** First lines of `--version` as distributions ship the tools. */
const banners: readonly (readonly [ToolId, string, string])[] = [
  ['objdump', 'GNU objdump (GNU Binutils for Debian) 2.40', '2.40'],
  ['objdump', 'GNU objdump (GNU Binutils for Ubuntu) 2.42', '2.42'],
  ['objdump', 'GNU objdump version 2.41-38.fc40', '2.41-38.fc40'],
  ['objdump', 'GNU objdump version 2.35.2-43.el9', '2.35.2-43.el9'],
  ['objdump', 'GNU objdump (GNU Binutils) 2.43.1', '2.43.1'],
  [
    'objdump',
    'GNU objdump (GNU Binutils; SUSE Linux Enterprise 15) 2.41.0.20230908-150100.7',
    '2.41.0.20230908-150100.7',
  ],
  ['objdump', 'LLVM (http://llvm.org/):\n  LLVM version 17.0.6\n  Optimized build.', '17.0.6'],
  ['addr2line', 'GNU addr2line (GNU Binutils for Debian) 2.40\nCopyright (C) 2023 Free Software', '2.40'],
  ['cc', 'cc (Debian 12.2.0-14) 12.2.0', '12.2.0'],
  ['cc', 'gcc (GCC) 14.1.1 20240607 (Red Hat 14.1.1-5)', '14.1.1'],
  ['cc', 'gcc (Alpine 13.2.1_git20231014) 13.2.1 20231014', '13.2.1'],
  ['cc', 'Ubuntu clang version 18.1.3 (1ubuntu1)\nTarget: x86_64-pc-linux-gnu', '18.1.3'],
];

test.each(banners)('%s: %j', (tool, banner, version) => {
  expect(toolDefinition(tool).versionPattern.exec(`${banner}\n`)?.[1]).toBe(version);
});

test('a tool is asked once, and again after it was replaced', async () => {
  const path = join(folder, 'objdump');
  const asked = join(folder, 'asked');
  const install = (banner: string): void =>
    writeFileSync(path, `#!/bin/sh\necho x >>${asked}\necho '${banner}'\n`, { mode: 0o755 });
  const door = openDoor({ toolPath: () => path });

  install('GNU objdump (GNU Binutils) 2.9');
  expect(await door.find('objdump')).toEqual({ kind: 'found', path, version: '2.9' });
  writeFileSync(asked, '');
  expect(await door.find('objdump')).toMatchObject({ version: '2.9' });
  install('GNU objdump (GNU Binutils) 2.10.1');
  expect(await door.find('objdump')).toMatchObject({ version: '2.10.1' });
});

test('a tool that says no version is found all the same', async () => {
  const path = join(folder, 'mute');
  writeFileSync(path, '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  expect(await openDoor({ toolPath: () => path }).find('cc')).toEqual({ kind: 'found', path, version: null });
});
