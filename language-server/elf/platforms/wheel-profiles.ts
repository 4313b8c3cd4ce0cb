import type { PlatformMachine } from './machines.ts';

/**
 * What a wheel of a profile may need, from the policies of auditwheel (`manylinux-policy.json` and `musllinux-policy.json` of
 * 2026-08-17) and PEPs 513, 571, 599, 600 and 656. The newest version of each family; a family that is not there may not be
 * needed at all.
 */
export const wheelProfilesDate = '2026-08-17';

export interface WheelProfile {
  readonly name: string;
  /** The older name of the same. */
  readonly alias?: string;
  readonly machines: readonly PlatformMachine[];
  readonly levels: Readonly<Record<string, string>>;
  /** Where a machine differs. Empty: not there. */
  readonly exceptions?: Readonly<Partial<Record<PlatformMachine, Readonly<Record<string, string>>>>>;
}

/** The oldest first. */
export const manylinuxProfiles: readonly WheelProfile[] = [
  {
    name: 'manylinux_2_5',
    alias: 'manylinux1',
    machines: ['i686', 'x86_64'],
    levels: { CXXABI: '1.3.1', GCC: '4.2.0', GLIBC: '2.5', GLIBCXX: '3.4.8' },
  },
  {
    name: 'manylinux_2_12',
    alias: 'manylinux2010',
    machines: ['i686', 'x86_64'],
    levels: { CXXABI: '1.3.3', GCC: '4.5.0', GLIBC: '2.12', GLIBCXX: '3.4.13', ZLIB: '1.2.2.4' },
    exceptions: {
      x86_64: { GCC: '4.3.0' },
    },
  },
  {
    name: 'manylinux_2_17',
    alias: 'manylinux2014',
    machines: ['i686', 'x86_64', 'aarch64', 'ppc64', 'ppc64le', 's390x', 'armv7l'],
    levels: { CXXABI: '1.3.7', GCC: '4.8.0', GLIBC: '2.17', GLIBCXX: '3.4.19', LIBATOMIC: '1.0', ZLIB: '1.2.5.2' },
    exceptions: {
      x86_64: { LIBATOMIC: '' },
      aarch64: { GCC: '4.7.0', GLIBC: '2.18' },
      ppc64le: { GCC: '4.7.0' },
      s390x: { GCC: '4.7.0', LIBATOMIC: '' },
      armv7l: { GCC: '4.7.0' },
    },
  },
  {
    name: 'manylinux_2_24',
    machines: ['i686', 'x86_64', 'aarch64', 'ppc64le', 's390x', 'armv7l'],
    levels: { CXXABI: '1.3.10', GCC: '4.7.0', GLIBC: '2.24', GLIBCXX: '3.4.22', LIBATOMIC: '1.2', ZLIB: '1.2.5.2' },
    exceptions: {
      i686: { GCC: '4.8.0' },
      x86_64: { GCC: '4.8.0' },
    },
  },
  {
    name: 'manylinux_2_26',
    machines: ['i686', 'x86_64', 'aarch64', 'ppc64le', 's390x', 'armv7l'],
    levels: { CXXABI: '1.3.11', GCC: '7.0.0', GLIBC: '2.26', GLIBCXX: '3.4.24', LIBATOMIC: '1.2', ZLIB: '1.2.9' },
    exceptions: {
      x86_64: { CXXABI: '1.3.10', GCC: '4.8.0', GLIBCXX: '3.4.22', ZLIB: '1.2.5.2' },
      aarch64: { ZLIB: '1.2.5.2' },
    },
  },
  {
    name: 'manylinux_2_27',
    machines: ['i686', 'x86_64', 'aarch64', 'ppc64le', 's390x', 'armv7l'],
    levels: { CXXABI: '1.3.11', GCC: '7.0.0', GLIBC: '2.27', GLIBCXX: '3.4.24', LIBATOMIC: '1.2', ZLIB: '1.2.9' },
  },
  {
    name: 'manylinux_2_28',
    machines: ['i686', 'x86_64', 'aarch64', 'ppc64le', 's390x', 'armv7l'],
    levels: { CXXABI: '1.3.11', GCC: '7.0.0', GLIBC: '2.28', GLIBCXX: '3.4.24', LIBATOMIC: '1.2', ZLIB: '1.2.9' },
  },
  {
    name: 'manylinux_2_31',
    machines: ['i686', 'x86_64', 'aarch64', 'ppc64le', 's390x', 'armv7l', 'riscv64'],
    levels: { CXXABI: '1.3.12', GCC: '7.0.0', GLIBC: '2.31', GLIBCXX: '3.4.28', LIBATOMIC: '1.2', ZLIB: '1.2.9' },
  },
  {
    name: 'manylinux_2_34',
    machines: ['i686', 'x86_64', 'aarch64', 'ppc64le', 's390x', 'armv7l', 'riscv64'],
    levels: { CXXABI: '1.3.13', GCC: '7.0.0', GLIBC: '2.34', GLIBCXX: '3.4.29', LIBATOMIC: '1.2', ZLIB: '1.2.9' },
    exceptions: {
      aarch64: { GCC: '11.0' },
    },
  },
  {
    name: 'manylinux_2_35',
    machines: ['i686', 'x86_64', 'aarch64', 'ppc64le', 's390x', 'armv7l', 'riscv64'],
    levels: { CXXABI: '1.3.13', GCC: '7.0.0', GLIBC: '2.35', GLIBCXX: '3.4.30', LIBATOMIC: '1.2', ZLIB: '1.2.9' },
    exceptions: {
      i686: { GCC: '12.0.0' },
      x86_64: { GCC: '12.0.0' },
      aarch64: { GCC: '11.0' },
    },
  },
  {
    name: 'manylinux_2_36',
    machines: ['i686', 'x86_64', 'aarch64', 'ppc64le', 's390x', 'armv7l', 'riscv64', 'loongarch64'],
    levels: { CXXABI: '1.3.13', GCC: '7.0.0', GLIBC: '2.36', GLIBCXX: '3.4.30', LIBATOMIC: '1.2', ZLIB: '1.2.9' },
    exceptions: {
      i686: { GCC: '12.0.0', ZLIB: '1.2.12' },
      x86_64: { GCC: '12.0.0' },
      aarch64: { GCC: '11.0' },
    },
  },
  {
    name: 'manylinux_2_37',
    machines: ['i686', 'x86_64', 'aarch64', 'ppc64le', 's390x', 'armv7l', 'riscv64', 'loongarch64'],
    levels: { CXXABI: '1.3.13', GCC: '7.0.0', GLIBC: '2.36', GLIBCXX: '3.4.30', LIBATOMIC: '1.2', ZLIB: '1.2.12' },
    exceptions: {
      i686: { GCC: '12.0.0', GLIBC: '2.37' },
      x86_64: { GCC: '12.0.0' },
      aarch64: { GCC: '11.0' },
      armv7l: { GLIBC: '2.37' },
      riscv64: { GLIBC: '2.37' },
    },
  },
  {
    name: 'manylinux_2_38',
    machines: ['i686', 'x86_64', 'aarch64', 'ppc64le', 's390x', 'armv7l', 'riscv64', 'loongarch64'],
    levels: { CXXABI: '1.3.13', GCC: '7.0.0', GLIBC: '2.38', GLIBCXX: '3.4.30', LIBATOMIC: '1.2', ZLIB: '1.2.12' },
    exceptions: {
      i686: { GCC: '12.0.0' },
      x86_64: { GCC: '12.0.0' },
      aarch64: { GCC: '11.0' },
    },
  },
  {
    name: 'manylinux_2_39',
    machines: ['i686', 'x86_64', 'aarch64', 'ppc64le', 's390x', 'armv7l', 'riscv64', 'loongarch64'],
    levels: { CXXABI: '1.3.15', GCC: '14.0.0', GLIBC: '2.39', GLIBCXX: '3.4.33', LIBATOMIC: '1.2', ZLIB: '1.2.12' },
    exceptions: {
      loongarch64: { GLIBCXX: '3.4.32' },
    },
  },
  {
    name: 'manylinux_2_40',
    machines: ['i686', 'x86_64', 'aarch64', 'ppc64le', 's390x', 'armv7l', 'riscv64', 'loongarch64'],
    levels: { CXXABI: '1.3.15', GCC: '14.0.0', GLIBC: '2.40', GLIBCXX: '3.4.33', LIBATOMIC: '1.2', ZLIB: '1.2.12' },
  },
  {
    name: 'manylinux_2_41',
    machines: ['i686', 'x86_64', 'aarch64', 'ppc64le', 's390x', 'armv7l', 'riscv64', 'loongarch64'],
    levels: { CXXABI: '1.3.15', GCC: '14.0.0', GLIBC: '2.41', GLIBCXX: '3.4.33', LIBATOMIC: '1.2', ZLIB: '1.2.12' },
  },
];

/** Libraries that every system of a manylinux profile has; all others a wheel brings along (`auditwheel repair`). */
export const manylinuxLibraries: readonly string[] = [
  'libatomic.so.1',
  'libgcc_s.so.1',
  'libstdc++.so.6',
  'libm.so.6',
  'libmvec.so.1',
  'libanl.so.1',
  'libdl.so.2',
  'librt.so.1',
  'libc.so.6',
  'libnsl.so.1',
  'libutil.so.1',
  'libpthread.so.0',
  'libX11.so.6',
  'libXext.so.6',
  'libXrender.so.1',
  'libICE.so.6',
  'libSM.so.6',
  'libGL.so.1',
  'libgobject-2.0.so.0',
  'libgthread-2.0.so.0',
  'libglib-2.0.so.0',
  'libresolv.so.2',
  'libexpat.so.1',
  'libz.so.1',
];

/** The first profile that a library may be needed in. */
export const manylinuxLibrarySince: Readonly<Record<string, string>> = {
  'libexpat.so.1': 'manylinux_2_12',
  'libmvec.so.1': 'manylinux_2_24',
};

/** PEP 656. The version of musl is that of the oldest Alpine that a profile is meant for: 3.12, and 3.13. */
export const musllinuxProfiles: readonly WheelProfile[] = [
  {
    name: 'musllinux_1_1',
    machines: ['i686', 'x86_64', 'aarch64', 'ppc64le', 's390x', 'armv7l', 'riscv64'],
    levels: { MUSL: '1.1.24' },
  },
  {
    name: 'musllinux_1_2',
    machines: ['i686', 'x86_64', 'aarch64', 'ppc64le', 's390x', 'armv7l', 'riscv64', 'loongarch64'],
    levels: { MUSL: '1.2.2' },
  },
];

export const musllinuxLibraries: readonly string[] = ['libc.so', 'libz.so.1'];
