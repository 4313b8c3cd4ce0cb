import { execFile, execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { checkSymbols } from '../../language-server/dependencies/symbols/check-symbols.ts';
import { resolveTree } from '../../language-server/dependencies/tree/tree.ts';
import { decodeBytes } from '../../language-server/native/byte-text.ts';
import { runShell } from '../support/loader-build.ts';
import { type ListedObject, parseAnswer } from '../support/loader-oracle.ts';
import { bindingsOf } from '../support/loader-symbols-check.ts';
import { parseSymbols } from '../support/loader-symbols-oracle.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/**
 * Sysroots of other machines, of both byte orders and both classes, from Debian's cross packages. The oracle is each machine's
 * own loader, run by qemu below that root: the same files for programs that the cross link editor makes and for all libraries
 * of the root, the same undefined symbols, and each reference bound to the same object. Nothing leaves the root.
 */
const machines = [
  {
    name: 's390x',
    triplet: 's390x-linux-gnu',
    emulator: 'qemu-s390x',
    loader: '/lib/ld64.so.1',
    bits: 64,
    level: 'z13',
  },
  {
    name: 'aarch64',
    triplet: 'aarch64-linux-gnu',
    emulator: 'qemu-aarch64',
    loader: '/lib/ld-linux-aarch64.so.1',
    bits: 64,
    level: null,
  },
  {
    name: 'ARM',
    triplet: 'arm-linux-gnueabihf',
    emulator: 'qemu-arm',
    loader: '/lib/ld-linux-armhf.so.3',
    bits: 32,
    level: null,
  },
  {
    name: 'PowerPC',
    triplet: 'powerpc-linux-gnu',
    emulator: 'qemu-ppc',
    loader: '/lib/ld.so.1',
    bits: 32,
    level: null,
  },
  {
    name: 'PowerPC64',
    triplet: 'powerpc64le-linux-gnu',
    emulator: 'qemu-ppc64le',
    loader: '/lib64/ld64.so.2',
    bits: 64,
    level: 'power9',
  },
  {
    name: 'RISC-V',
    triplet: 'riscv64-linux-gnu',
    emulator: 'qemu-riscv64',
    loader: '/lib/ld-linux-riscv64-lp64d.so.1',
    bits: 64,
    level: null,
  },
  { name: 'MIPS', triplet: 'mips-linux-gnu', emulator: 'qemu-mips', loader: '/lib/ld.so.1', bits: 32, level: null },
] as const;

const base = temporaryFolder();

describe.each(machines)('$name', ({ triplet, emulator, loader, level, bits }) => {
  const root = join(base, triplet);
  const environment = { cwd: '/', libraryPath: '/usr/lib', preload: 'libz.so.1' };

  beforeAll(async () => {
    mkdirSync(join(root, 'usr/bin'), { recursive: true });
    mkdirSync(join(root, 'opt/own'), { recursive: true });
    cpSync(join('/usr', triplet, 'lib'), join(root, 'lib'), { recursive: true, verbatimSymlinks: true });
    if (existsSync(join('/usr', triplet, 'lib64'))) symlinkSync('lib', join(root, 'lib64'));
    const hwcaps =
      level === null
        ? ''
        : `mkdir -p opt/glibc-hwcaps/${level}; lib opt/glibc-hwcaps/${level}/libl.so; lib opt/libl.so`;
    await runShell(
      `
      printf '.globl _start\\n_start: .long 0\\n.section .note.GNU-stack,"",%%progbits\\n' > empty.s
      ${triplet}-as -o empty.o empty.s
      lib() { out=$1; shift; ${triplet}-ld -shared -soname "\${out##*/}" --no-as-needed --allow-shlib-undefined -o "$out" empty.o "$@"; }
      lib opt/libc1.so
      lib opt/own/libb.so -rpath '$ORIGIN/..' --enable-new-dtags opt/libc1.so
      lib opt/liba.so -rpath '/opt/link' opt/own/libb.so lib/libm.so.6
      ${hwcaps}
      ${triplet}-ld -pie -dynamic-linker ${loader} --no-as-needed --allow-shlib-undefined --unresolved-symbols=ignore-all -rpath '$ORIGIN/../../opt:/opt/link' --disable-new-dtags -o usr/bin/app empty.o opt/liba.so lib/libc.so.6 ${level === null ? '' : 'opt/libl.so'}`,
      root,
    );
    symlinkSync('own', join(root, 'opt/link'));
  });

  const inside = (path: string): string => (path.startsWith(`${root}/`) ? path.slice(root.length) : path);
  const ask = (file: string, variables: readonly string[] = [], options: readonly string[] = []): Promise<string> => {
    const set = ['LC_ALL=C', 'LD_TRACE_LOADED_OBJECTS=1', ...variables].flatMap(variable => ['-E', variable]);
    return new Promise(resolve => {
      const all = ['-L', root, ...set, join(root, loader), '--inhibit-cache', ...options, inside(file)];
      execFile(
        emulator,
        all,
        { encoding: 'buffer', env: { PATH: process.env['PATH'] }, maxBuffer: 1 << 28 },
        (error, stdout, stderr) => {
          const status = typeof error?.code === 'number' ? error.code : 0;
          resolve(`${decodeBytes(stdout)}${decodeBytes(stderr)}\nstatus=${status}\n`);
        },
      );
    });
  };
  /** Inside the root, where lib64 is a link to lib. */
  const plain = (text: string): string => text.replaceAll(root, '').replaceAll('/lib64/', '/lib/');
  const paths = (objects: readonly ListedObject[]): readonly string[] =>
    objects.flatMap(({ path }) => (path === null ? [] : [real(path)]));
  /** As a file of this machine, links followed: names of one file differ by how the root is laid out. */
  const real = (path: string): string =>
    execFileSync('realpath', [join(root, inside(path))], { encoding: 'utf8' }).trim();

  // The emulators of 32-bit machines look for folders outside of the root (statx), so that the loader takes them for missing.
  if (bits === 64) {
    test('a program finds what its own loader finds, inside the root', async () => {
      const file = join(root, 'usr/bin/app');
      const options = level === null ? [] : ['--glibc-hwcaps-mask', level];
      const tree = await resolveTree(file, { environment, sysroot: root, ...(level !== null && { hwcaps: level }) });
      const { objects, error } = parseAnswer(await ask(file, [], options));
      expect(error).toBeNull();
      expect(tree.problems).toEqual([]);
      expect(tree.loadOrder.every(path => path.startsWith(`${root}/`))).toBe(true);
      expect(tree.loadOrder.slice(1).map(path => real(path))).toEqual(paths(objects));
      expect(tree.loadOrder.length).toBeGreaterThan(level === null ? 5 : 6);
      expect(tree.loader).toEqual({ kind: 'glibc', version: '2.36' });
    });
  }

  test('all libraries of the root: the same files, undefined symbols and bindings', async () => {
    const libraries = readdirSync(join(root, 'lib'), { withFileTypes: true })
      .filter(entry => entry.isFile() && /\.so/u.test(entry.name))
      .map(({ name }) => join(root, 'lib', name));
    let bound = 0;
    for (const file of libraries) {
      const text = await ask(file, ['LD_WARN=yes', 'LD_BIND_NOW=yes', 'LD_DEBUG=bindings']);
      const { objects, error } = parseAnswer(plain(text));
      if (error !== null || basename(file) === basename(loader)) continue;
      const tree = await resolveTree(file, { environment: { cwd: '/' }, sysroot: root });
      if (tree.loadOrder.length > 1)
        expect(
          tree.loadOrder.slice(1).map(path => real(path)),
          file,
        ).toEqual(paths(objects));
      const said = parseSymbols(plain(text), inside(file));
      const symbols = await checkSymbols(file, { environment: { cwd: '/' }, sysroot: root });
      expect(symbols.undefined.map(({ message, object }) => `${message}\t(${inside(object)})`).sort(), file).toEqual(
        said.undefined,
      );
      const ours = await bindingsOf(file, { cwd: '/', sysroot: root });
      bound += ours.length;
      expect(ours.map(plain).sort(), file).toEqual([...said.bindings].sort());
    }
    expect(libraries.length).toBeGreaterThan(10);
    expect(bound).toBeGreaterThan(500);
  });
});
