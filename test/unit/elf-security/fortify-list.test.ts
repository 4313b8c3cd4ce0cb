import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { isCheckedFunction } from '../../../language-server/elf/hardening/hardening-fortify.ts';
import { toolchainIn } from '../../support/elf-toolchain.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const { compile } = toolchainIn(temporaryFolder());

/** The headers that declare checked functions; all that glibc includes with _FORTIFY_SOURCE. */
const headers =
  'stdio.h stdlib.h string.h strings.h unistd.h wchar.h poll.h setjmp.h syslog.h fcntl.h mqueue.h obstack.h sys/select.h sys/socket.h'.split(
    ' ',
  );

test('all checked functions that the headers of this machine declare are known', () => {
  const source = `#define _GNU_SOURCE\n${headers.map(name => `#include <${name}>`).join('\n')}\n`;
  const file = compile('headers.i', source, '-E', '-O2', '-D_FORTIFY_SOURCE=3');
  const text = execFileSync('cat', [file], { encoding: 'utf8' });
  const names = new Set(text.match(/\b__(?!builtin)\w+?(?:_chk|(?:open|openat|open64|openat64)_2)\b(?!_)/gu));
  const declared = [...names].filter(name => !name.startsWith('__builtin'));
  expect(declared.length).toBeGreaterThan(60);
  expect(declared.filter(name => !isCheckedFunction(name))).toEqual([]);
});

test('and all that its C library has', () => {
  const libc = execFileSync('cc', ['-print-file-name=libc.so.6'], { encoding: 'utf8' }).trim();
  const text = execFileSync('nm', ['-D', '--defined-only', '--without-symbol-versions', libc], { encoding: 'utf8' });
  const names = [...text.matchAll(/^\w+ [TWi] (__\w+_chk|__(?:mq_)?open\w*_2)$/gmu)].map(match => match[1] ?? '');
  expect(names.length).toBeGreaterThan(60);
  expect(names.filter(name => !isCheckedFunction(name))).toEqual([]);
});

test('what only sounds like one is none', () => {
  for (const name of ['__stack_chk_fail', 'my_chk', '__own_chk', 'memcpy', '__cfi_check', '__asan_memcpy']) {
    expect(isCheckedFunction(name), name).toBe(false);
  }
});
