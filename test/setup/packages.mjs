// Programs that some suites need beside Node, a C compiler, binutils and gdb, and how a Debian machine gets them.
import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * @typedef {{
 *   readonly provides: string,
 *   readonly package: string,
 *   readonly suites: readonly string[],
 * }} Requirement
 * `provides` is a program on PATH, or the absolute path of a file.
 */

/**
 * Assembler, linker and objdump for another machine.
 * @param {string} target
 * @returns {Requirement}
 */
const crossBinutils = target => ({
  provides: `${target}-as`,
  package: `binutils-${target}`,
  suites: ['unit', 'differential'],
});

/**
 * The C library of another machine, as a sysroot.
 * @type {readonly Requirement[]}
 */
const crossLibraries = [
  ['s390x', '/usr/s390x-linux-gnu/lib/ld64.so.1'],
  ['arm64', '/usr/aarch64-linux-gnu/lib/ld-linux-aarch64.so.1'],
  ['armhf', '/usr/arm-linux-gnueabihf/lib/ld-linux-armhf.so.3'],
  ['powerpc', '/usr/powerpc-linux-gnu/lib/ld.so.1'],
  ['ppc64el', '/usr/powerpc64le-linux-gnu/lib/ld64.so.2'],
  ['riscv64', '/usr/riscv64-linux-gnu/lib/ld-linux-riscv64-lp64d.so.1'],
  ['mips', '/usr/mips-linux-gnu/lib/ld.so.1'],
].map(([name, provides]) => ({ provides: provides ?? '', package: `libc6-${name}-cross`, suites: ['differential'] }));

/** @type {readonly Requirement[]} */
export const requirements = [
  { provides: 'cc', package: 'gcc', suites: ['unit', 'protocol', 'fuzz', 'differential', 'host', 'webview'] },
  { provides: 'g++', package: 'g++', suites: ['unit', 'protocol', 'differential', 'host', 'webview'] },
  { provides: 'make', package: 'make', suites: ['unit', 'protocol', 'host', 'webview'] },
  { provides: '/usr/bin/python3', package: 'python3', suites: ['unit', 'differential', 'host', 'webview'] },
  { provides: '/usr/lib/python3/dist-packages/numpy', package: 'python3-numpy', suites: ['differential'] },
  { provides: '/usr/include/python3.11/Python.h', package: 'python3-dev', suites: ['unit', 'differential'] },
  { provides: 'xmllint', package: 'libxml2-utils', suites: ['unit'] },
  { provides: '/usr/lib/python3/dist-packages/junitparser', package: 'python3-junitparser', suites: ['unit'] },
  { provides: 'patchelf', package: 'patchelf', suites: ['unit'] },
  { provides: 'rpmbuild', package: 'rpm', suites: ['unit'] },
  { provides: 'lz4', package: 'lz4', suites: ['unit'] },
  { provides: 'objdump', package: 'binutils', suites: ['unit', 'protocol', 'differential', 'host', 'webview'] },
  { provides: '/usr/lib/debug/.build-id', package: 'libc6-dbg', suites: ['differential'] },
  { provides: 'dwz', package: 'dwz', suites: ['unit'] },
  { provides: 'gdb', package: 'gdb', suites: ['unit', 'differential', 'host'] },
  { provides: 'ctest', package: 'cmake', suites: ['unit', 'host'] },
  { provides: 'meson', package: 'meson', suites: ['unit'] },
  { provides: 'parallel', package: 'parallel', suites: ['protocol'] },
  ...['jq', 'sqlite3', 'gawk', 'file', 'bc'].map(name => ({ provides: name, package: name, suites: ['unit'] })),
  { provides: 'git', package: 'git', suites: ['unit', 'protocol', 'host', 'differential'] },
  { provides: 'checksec', package: 'checksec', suites: ['differential'] },
  { provides: 'cython3', package: 'cython3', suites: ['unit', 'protocol', 'host', 'differential'] },
  { provides: 'musl-gcc', package: 'musl-tools', suites: ['unit', 'differential'] },
  // The start files of 32 bits, among them what -ffast-math links.
  { provides: '/usr/lib/gcc/x86_64-linux-gnu/12/32/crtfastmath.o', package: 'lib32gcc-12-dev', suites: ['unit'] },
  { provides: '/lib/ld-linux.so.2', package: 'libc6-i386', suites: ['unit', 'differential'] },
  { provides: '/usr/lib/gcc/x86_64-linux-gnu/12/32/libgcc.a', package: 'gcc-multilib', suites: ['unit'] },
  { provides: '/usr/lib/x86_64-linux-gnu/libjemalloc.so', package: 'libjemalloc-dev', suites: ['unit'] },
  { provides: 'eu-readelf', package: 'elfutils', suites: ['unit', 'differential'] },
  { provides: 'llvm-objdump', package: 'llvm', suites: ['unit', 'differential'] },
  { provides: 'dot', package: 'graphviz', suites: ['unit', 'protocol'] },
  { provides: 'modinfo', package: 'kmod', suites: ['unit', 'differential'] },
  ...['aarch64', 's390x', 'powerpc', 'powerpc64le', 'mips', 'riscv64', 'i686'].map(machine =>
    crossBinutils(`${machine}-linux-gnu`),
  ),
  crossBinutils('arm-linux-gnueabihf'),
  { provides: 'qemu-s390x', package: 'qemu-user', suites: ['differential'] },
  ...crossLibraries,
];

/**
 * Installs what is absent for these suites, in one run of apt-get where it can.
 * @param {readonly string[]} suites
 * @param {(line: string) => void} report
 * @returns {Promise<ReadonlyMap<string, string>>} For each suite that cannot run, the reason.
 */
export async function installPackages(suites, report) {
  const absent = requirements.filter(
    requirement => requirement.suites.some(suite => suites.includes(suite)) && !isPresent(requirement.provides),
  );
  if (absent.length === 0) return new Map();
  const packages = absent.map(requirement => requirement.package);
  const failure = await aptInstall(packages, report);
  /** @type {Map<string, string>} */
  const reasons = new Map();
  for (const { provides, package: name, suites: needing } of absent) {
    if (isPresent(provides)) continue;
    for (const suite of needing) reasons.set(suite, `${provides} (Debian package ${name}) is not here; ${failure}`);
  }
  return reasons;
}

/** @param {string} provides */
function isPresent(provides) {
  if (provides.startsWith('/')) return existsSync(provides);
  return (process.env['PATH'] ?? '').split(delimiter).some(folder => isExecutable(join(folder, provides)));
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {readonly string[]} packages
 * @param {(line: string) => void} report
 * @returns {Promise<string>} Why the packages may still be absent.
 */
async function aptInstall(packages, report) {
  if (!existsSync('/usr/bin/apt-get')) return 'this machine has no apt-get to install it with';
  if (process.getuid?.() !== 0) return `only root may install it: apt-get install ${packages.join(' ')}`;
  report(`apt-get install ${packages.join(' ')}`);
  const install = ['install', '--yes', '--no-install-recommends', ...packages];
  if (await aptGet(install)) return 'apt-get installed its package without it';
  report('apt-get update');
  if ((await aptGet(['update'])) && (await aptGet(install))) return 'apt-get installed its package without it';
  return 'apt-get could not install it';
}

/**
 * @param {readonly string[]} args
 * @returns {Promise<boolean>}
 */
function aptGet(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const child = spawn('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=120', ...args], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return new Promise(resolve => {
    child.on('error', () => resolve(false));
    child.on('close', code => resolve(code === 0));
  });
}
