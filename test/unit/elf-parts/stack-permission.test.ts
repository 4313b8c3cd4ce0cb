import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { inspectFile } from '../../../language-server/elf/inspection.ts';
import { buildElf } from '../../support/elf-builder.ts';
import { toolchainIn } from '../../support/elf-toolchain.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const { path, run } = toolchainIn(temporaryFolder());

/** Prints the permissions of the stack of a thread. */
const program = `#include <pthread.h>
#include <stdio.h>
static void *show(void *unused) {
  char line[512], mode[8];
  unsigned long start, end;
  FILE *maps = fopen("/proc/self/maps", "r");
  while (fgets(line, sizeof line, maps))
    if (sscanf(line, "%lx-%lx %7s", &start, &end, mode) == 3 && (unsigned long)line >= start && (unsigned long)line < end) puts(mode);
  fclose(maps);
  return unused;
}
int main(void) {
  pthread_t thread;
  return pthread_create(&thread, 0, show, 0) || pthread_join(thread, 0);
}
`;

/** Without its PT_GNU_STACK; what the stack of a thread of it is like. */
function threadStack(name: string, compiler: string, ...options: readonly string[]): string {
  writeFileSync(path('threads.c'), program);
  run(compiler, '-o', name, 'threads.c', '-pthread', ...options);
  const bytes = readFileSync(path(name));
  const headers = Number(bytes.readBigUInt64LE(32));
  for (let index = 0; index < bytes.readUInt16LE(56); index += 1) {
    if (bytes.readUInt32LE(headers + 56 * index) === 0x6474e551) bytes.writeUInt32LE(0, headers + 56 * index);
  }
  writeFileSync(path(name), bytes);
  return run(path(name)).trim();
}

const verdictOf = async (file: string): Promise<string> => (await inspectFile(file)).hardening.nx.verdict;

test('a program of glibc: its threads have executable stacks', async () => {
  expect(threadStack('dynamic', 'cc')).toBe('rwxp');
  expect(await verdictOf(path('dynamic'))).toBe('no');
});

test('a program of musl: no stack is executable', async () => {
  expect(threadStack('musl', 'musl-gcc')).toBe('rw-p');
  expect(await verdictOf(path('musl'))).toBe('yes');
});

test('a static program: it depends on what is in it, which nobody tells', async () => {
  expect(threadStack('static', 'cc', '-static')).toBe('rwxp');
  expect(threadStack('static-musl', 'musl-gcc', '-static')).toBe('rw-p');
  for (const name of ['static', 'static-musl']) expect(await verdictOf(path(name))).toBe('unknown');
});

test('static programs of other machines, by the rule of their kernel', async () => {
  const load = { type: 1, flags: 5, offset: 0, address: 0x10000, fileBytes: 200, memoryBytes: 200 };
  const expected = { 3: 'no', 8: 'no', 20: 'no', 21: 'yes', 40: 'no', 62: 'unknown', 183: 'yes', 258: 'unknown' };
  for (const [code, verdict] of Object.entries(expected)) {
    const bytes = buildElf({ type: 2, machine: Number(code), segments: [load] });
    writeFileSync(path('other'), bytes);
    expect.soft(await verdictOf(path('other')), code).toBe(verdict);
  }
});
