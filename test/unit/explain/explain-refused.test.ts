import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildIn, commandOf, explanationOf, runIn } from '../../support/explain-errors.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const root = temporaryFolder();

async function folderWith(name: string, build: string): Promise<string> {
  const folder = join(root, name);
  await buildIn(root, `mkdir ${name}; cd ${name}; ${build}`);
  return folder;
}

const main = `printf 'int one(void);int puts(const char*);int main(void){one();puts("ran");return 0;}' > main.c`;
const library = `printf 'int one(void){return 1;}' > one.c; cc -shared -fPIC -Wl,-soname,libone.so -o libone.so one.c`;
const program = `${main}; cc -o app main.c ./libone.so -Wl,-rpath,'$ORIGIN'`;

/** Runs a command with a filter of system calls that refuses mprotect(2) of all the given bits, as SELinux and systemd do. */
const refuse = `cat > refuse.c <<'END'
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(int count, char **words) {
  unsigned bits = strtoul(words[1], 0, 0);
  struct sock_filter filter[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mprotect, 0, 4),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
    BPF_STMT(BPF_ALU | BPF_AND | BPF_K, bits),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, bits, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog all = { sizeof filter / sizeof *filter, filter };
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &all)) return 99;
  execv(words[2], words + 2);
  return 98;
}
END
cc -o refuse refuse.c`;

describe('what the system refuses', () => {
  const textRelocations = `cat > one.s <<'END'
 .text
 .globl one
one: movabs $two, %rax
 ret
 .globl two
two: ret
 .section .note.GNU-stack,"",@progbits
END
cc -c one.s; ld -shared -z notext -soname libone.so -o libone.so one.o`;

  test('relocations in code, where it may not be made writable', async () => {
    const folder = await folderWith('text', `${textRelocations}; ${program}; ${refuse}`);
    expect(await runIn(folder, './app')).toEqual({ text: 'ran\n', exitCode: 0 });
    const { text } = await runIn(folder, './refuse 6 ./app');
    expect(text).toContain('cannot make segment writable for relocation');
    expect(await explanationOf(folder, text, 'text-relocations')).toMatchObject({
      object: { path: `${folder}/libone.so` },
      facts: [`${folder}/libone.so has DT_TEXTREL.`],
      state: { kind: 'persists' },
      remedies: [{ id: 'compile-pic' }, {}],
    });
    await buildIn(folder, library);
    expect((await explanationOf(folder, text, 'text-relocations')).state.kind).toBe('resolved');
  });

  // Only root mounts; the packages that the tests need ask for root too (test/setup/packages.mjs).
  test('a file system that is mounted noexec', async () => {
    const folder = await folderWith(
      'noexec',
      `${library}; ${program}; mkdir mount; mount -t tmpfs -o noexec none mount`,
    );
    try {
      await buildIn(folder, 'mv libone.so mount');
      await explainsNoexec(folder);
    } finally {
      await buildIn(folder, 'umount mount');
    }
  });

  async function explainsNoexec(folder: string): Promise<void> {
    const failed = await runIn(folder, 'LD_LIBRARY_PATH=mount ./app');
    expect(failed.text).toContain('failed to map segment from shared object');
    const settings = { libraryPath: `${folder}/mount` };
    const explanation = await explanationOf(folder, failed.text, 'mapping-failed', settings);
    expect(explanation).toMatchObject({
      object: { path: `${folder}/mount/libone.so` },
      state: { kind: 'persists' },
      remedies: [{ id: 'other-folder' }, { id: 'remount-exec' }, {}],
    });
    expect(explanation.facts.join()).toMatch(/with the option noexec/u);
    const preload = await runIn(folder, `LD_PRELOAD=${folder}/mount/libone.so /bin/true`);
    expect(await explanationOf(folder, preload.text, 'preload-ignored')).toMatchObject({ state: { kind: 'persists' } });

    await buildIn(folder, commandOf(explanation, 'remount-exec'));
    expect(await runIn(folder, 'LD_LIBRARY_PATH=mount ./app')).toEqual({ text: 'ran\n', exitCode: 0 });
    // The loader did not say that it was the mount.
    const after = await explanationOf(folder, failed.text, 'mapping-failed', settings);
    expect(after).toMatchObject({ state: { kind: 'unknown' }, remedies: [{ id: 'ulimit' }, {}] });
    expect((await explanationOf(folder, preload.text, 'preload-ignored')).state.kind).toBe('resolved');
  }
});

describe('what does not fit this machine', () => {
  test('a library for a processor that is yet to come', async () => {
    const folder = await folderWith('level', `${library.replace('-shared', '-shared -Wl,-z,x86-64-v4')}; ${program}`);
    // The property's bits follow its type and its size; the fifth is a level after v4.
    await buildIn(
      folder,
      `python3 -c 'import struct; data = bytearray(open("libone.so", "rb").read()); at = data.find(struct.pack("<II", 0xc0008002, 4)); assert at > 0; data[at + 8] = 16; open("libone.so", "wb").write(data)'`,
    );
    const { text } = await runIn(folder, './app');
    expect(text).toContain('CPU ISA level is lower than required');
    const explanation = await explanationOf(folder, text, 'newer-processor');
    expect(explanation).toMatchObject({ object: { path: `${folder}/libone.so` }, state: { kind: 'persists' } });
    expect(explanation.facts[0]).toBe(`${folder}/libone.so needs a level of x86-64 that came after v4.`);
    // What the loader says of this processor is what is said here.
    const help = await runIn(folder, '/lib64/ld-linux-x86-64.so.2 --help');
    const best = /(?<level>x86-64-v\d) \(supported/u.exec(help.text)?.groups?.['level'] ?? 'the baseline of x86-64';
    expect(explanation.facts[1]).toBe(`This processor has ${best}.`);
    await buildIn(folder, library.replace('-shared', `-shared ${commandOf(explanation, 'baseline')}`));
    expect(await runIn(folder, './app')).toEqual({ text: 'ran\n', exitCode: 0 });
    expect((await explanationOf(folder, text, 'newer-processor')).state.kind).toBe('resolved');
  });

  test('a library whose segments are not aligned as pages are', async () => {
    const folder = await folderWith('pages', `${library}; ${program}`);
    // p_vaddr of the first PT_LOAD, which the program header of 56 bytes has at 16.
    await buildIn(
      folder,
      `python3 -c 'import struct
data = bytearray(open("libone.so", "rb").read())
table, = struct.unpack_from("<Q", data, 32)
at = next(table + 56 * i for i in range(data[56]) if data[table + 56 * i] == 1)
struct.pack_into("<Q", data, at + 16, 0x10)
open("libone.so", "wb").write(data)'`,
    );
    const { text } = await runIn(folder, './app');
    expect(text).toContain('ELF load command address/offset not p');
    expect(await explanationOf(folder, text, 'unloadable-file')).toMatchObject({
      object: { path: `${folder}/libone.so` },
      state: { kind: 'persists' },
      remedies: expect.arrayContaining([expect.objectContaining({ id: 'page-size' })]),
    });
    await buildIn(folder, library);
    expect((await explanationOf(folder, text, 'unloadable-file')).state.kind).toBe('resolved');
  });

  test('a thread-local variable that musl has no fixed place for', async () => {
    const folder = await folderWith(
      'musl',
      `printf '__thread int v; int own(void){return v;}' > d.c; musl-gcc -shared -fPIC -o libd.so d.c
printf 'extern __thread int v __attribute__((tls_model("initial-exec"))); int use(void){return v;}' > u.c; musl-gcc -shared -fPIC -o libu.so u.c
cat > main.c <<'END'
#include <dlfcn.h>
#include <stdio.h>
int main(void) {
  if (dlopen("./libd.so", RTLD_NOW | RTLD_GLOBAL) && dlopen("./libu.so", RTLD_NOW)) { puts("ran"); return 0; }
  puts(dlerror());
  return 1;
}
END
musl-gcc -o app main.c`,
    );
    const { text } = await runIn(folder, './app');
    expect(text).toContain('initial-exec TLS resolves to dynamic definition');
    const explanation = await explanationOf(folder, text, 'musl-relocation');
    expect(explanation).toMatchObject({ symbol: { name: 'v' }, provider: { path: `${folder}/libd.so` } });
    expect(await runIn(folder, commandOf(explanation, 'preload', './app'))).toEqual({ text: 'ran\n', exitCode: 0 });
  });
});
