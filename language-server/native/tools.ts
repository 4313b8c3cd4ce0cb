import type { Distribution } from './distribution.ts';

/** A native program that the project can use. A new tool is one entry here (and its setting in package.json). */
interface ToolDefinition {
  /** File names to look for, in this order, in every folder of PATH. */
  readonly names: readonly string[];
  /** What needs it, in a few words. */
  readonly purpose: string;
  readonly versionArgs: readonly string[];
  /** The version is its first group, in what the tool prints to either stream. */
  readonly versionPattern: RegExp;
  readonly packages: Readonly<Record<Distribution, string>>;
}

const binutils = { debian: 'binutils', fedora: 'binutils', arch: 'binutils', alpine: 'binutils' };
/** Distributions that have several versions of LLVM put the number behind each name. */
const llvmVersions = [22, 21, 20, 19, 18, 17, 16, 15, 14];
const gnuVersion = /\s(\d+\.\d+(?:[.\w-]*\w)?)\s*$/mu;

const definitions = {
  objdump: {
    names: ['objdump'],
    purpose: 'disassembly',
    versionArgs: ['--version'],
    versionPattern: gnuVersion,
    packages: binutils,
  },
  llvmObjdump: {
    names: ['llvm-objdump', ...llvmVersions.map(version => `llvm-objdump-${version}`)],
    purpose: 'disassembly for machines that objdump does not know',
    versionArgs: ['--version'],
    versionPattern: /LLVM version (\d+\.\d+\.\d+)/u,
    packages: { debian: 'llvm', fedora: 'llvm', arch: 'llvm', alpine: 'llvm' },
  },
  readelf: {
    names: ['readelf'],
    purpose: 'the raw text of readelf',
    versionArgs: ['--version'],
    versionPattern: gnuVersion,
    packages: binutils,
  },
  nm: {
    names: ['nm'],
    purpose: 'the raw text of nm',
    versionArgs: ['--version'],
    versionPattern: gnuVersion,
    packages: binutils,
  },
  git: {
    names: ['git'],
    purpose: 'comparison with an older revision',
    versionArgs: ['--version'],
    versionPattern: /git version (\d+(?:\.\d+)+)/u,
    packages: { debian: 'git', fedora: 'git', arch: 'git', alpine: 'git' },
  },
  addr2line: {
    names: ['addr2line'],
    purpose: 'source lines of crashes',
    versionArgs: ['--version'],
    versionPattern: gnuVersion,
    packages: binutils,
  },
  cxxfilt: {
    names: ['c++filt', 'llvm-cxxfilt'],
    purpose: 'demangled names',
    versionArgs: ['--version'],
    versionPattern: gnuVersion,
    packages: binutils,
  },
  rpm: {
    names: ['rpm'],
    purpose: 'the packages of libraries where rpm has installed them',
    versionArgs: ['--version'],
    versionPattern: /RPM version (\d+(?:\.\d+)+)/u,
    packages: { debian: 'rpm', fedora: 'rpm', arch: 'rpm-tools', alpine: 'rpm' },
  },
  cc: {
    names: ['cc', 'gcc', 'clang'],
    purpose: 'malloc fault injection',
    versionArgs: ['--version'],
    versionPattern: /(\d+\.\d+\.\d+)/u,
    packages: { debian: 'gcc libc6-dev', fedora: 'gcc', arch: 'gcc', alpine: 'gcc musl-dev' },
  },
  python: {
    names: ['python3', 'python'],
    purpose: 'the types that the Cython compiler finds, and the C that it generates',
    versionArgs: ['--version'],
    versionPattern: /Python (\d+\.\d+\.\d+)/u,
    packages: { debian: 'cython3', fedora: 'python3-Cython', arch: 'cython', alpine: 'cython' },
  },
  ctest: {
    names: ['ctest'],
    purpose: 'tests of CMake builds as targets of malloc fault injection',
    versionArgs: ['--version'],
    versionPattern: /ctest version (\d+(?:\.\d+)+)/u,
    packages: { debian: 'cmake', fedora: 'cmake', arch: 'cmake', alpine: 'cmake' },
  },
  gdb: {
    names: ['gdb'],
    purpose: 'stopping where an injected allocation failure happens',
    versionArgs: ['--version'],
    versionPattern: gnuVersion,
    packages: { debian: 'gdb', fedora: 'gdb', arch: 'gdb', alpine: 'gdb' },
  },
  muslCc: {
    names: ['musl-gcc', 'x86_64-linux-musl-gcc', 'aarch64-linux-musl-gcc'],
    purpose: 'malloc fault injection into programs for musl',
    versionArgs: ['--version'],
    versionPattern: /(\d+\.\d+\.\d+)/u,
    packages: { debian: 'musl-tools', fedora: 'musl-gcc', arch: 'musl', alpine: 'gcc musl-dev' },
  },
} as const satisfies Readonly<Record<string, ToolDefinition>>;

export type ToolId = keyof typeof definitions;

export const toolIds = Object.keys(definitions) as readonly ToolId[];

export function toolDefinition(tool: ToolId): ToolDefinition {
  return definitions[tool];
}

/** The setting that names a tool's program. */
export function toolSetting(tool: ToolId): string {
  return `binaryDetective.tools.${tool}`;
}
