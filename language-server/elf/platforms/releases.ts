import type { PlatformMachine } from './machines.ts';

/**
 * What each release has, as of 2026-11-24; the levels are those at release, updates never lower them. Where each was looked up:
 * - Debian 11 and 13: their package indices (deb.debian.org). 12: as installed. 10: its images (GCC 8.3.0-6; glibc 2.28).
 * - Ubuntu: packages.ubuntu.com (20.04: libstdc++6 10-20200411, 22.04: 12-20220319, 24.04: 14-20240412; 26.04 `glibc`, `gcc`); 18.04
 *   had libstdc++ of GCC 8 and glibc 2.27.
 * - RHEL and its clones: auditwheel's policies manylinux2014, _2_28, _2_34 and _2_39, which are made on releases 7 to 10.
 * - Fedora: packages.fedoraproject.org (43, 44), the change pages of the GNU toolchain (41, 42), its packages (40: glibc 2.39-2.fc40,
 *   gcc 14.0.1 of 2024-04).
 * - Amazon Linux: "Comparing AL2 and AL2023", and GCC of the images (7.3.1-17, 11.3.1-4).
 * - openSUSE Leap: the RPMs (15.6, 16.0), the update pools of SLE 15 (15.5: glibc 2.31, libstdc++6-12.2.1+git416).
 * - Alpine: pkgs.alpinelinux.org (3.13, 3.14, 3.16, 3.18 to 3.24), packages and compilers of its images (3.12: musl 1.1.24-r8, gcc 9.3.0;
 *   3.15: musl 1.2.2-r7, gcc 10.3.1_git20211027; 3.16: gcc 11.2.1_git20220219; 3.17: musl 1.2.3-r4, gcc 12.2.1_git20220924).
 */
export const releasesDate = '2026-11-24';

export interface Release {
  readonly name: string;
  /** Month of its release, "2023-06"; absent where it could not be looked up. */
  readonly released?: string;
  readonly glibc?: string;
  readonly musl?: string;
  /**
   * Version of GCC that libstdc++.so.6 and libgcc_s.so.1 are from, often newer than the compiler of the release. A snapshot
   * from just before a release of GCC counts as that.
   */
  readonly gcc: string;
  readonly machines: readonly PlatformMachine[];
}

export interface Family {
  readonly name: string;
  readonly libc: 'glibc' | 'musl';
  /** The oldest first. */
  readonly releases: readonly Release[];
}

const debianMachines: readonly PlatformMachine[] = ['x86_64', 'i686', 'aarch64', 'armv7l', 'ppc64le', 's390x'];
const redHat7: readonly PlatformMachine[] = ['x86_64', 'i686', 'aarch64', 'ppc64', 'ppc64le', 's390x'];
const redHat8: readonly PlatformMachine[] = ['x86_64', 'i686', 'aarch64', 'ppc64le', 's390x'];
const redHat10: readonly PlatformMachine[] = ['x86_64', 'aarch64', 'ppc64le', 's390x'];
const amazonMachines: readonly PlatformMachine[] = ['x86_64', 'aarch64'];
const suseMachines: readonly PlatformMachine[] = ['x86_64', 'i686', 'aarch64', 'ppc64le', 's390x'];
const alpineMachines: readonly PlatformMachine[] = ['x86_64', 'i686', 'aarch64', 'armv7l', 'ppc64le', 's390x'];
const withRiscv = (machines: readonly PlatformMachine[]): readonly PlatformMachine[] => [...machines, 'riscv64'];
const alpineAll: readonly PlatformMachine[] = [...withRiscv(alpineMachines), 'loongarch64'];

/** A new release is a line here. */
export const families: readonly Family[] = [
  {
    name: 'Debian',
    libc: 'glibc',
    releases: [
      { name: '10 (buster)', released: '2019-07', glibc: '2.28', gcc: '8.3.0', machines: debianMachines },
      { name: '11 (bullseye)', released: '2021-08', glibc: '2.31', gcc: '10.2.1', machines: debianMachines },
      { name: '12 (bookworm)', released: '2023-06', glibc: '2.36', gcc: '12.2.0', machines: debianMachines },
      { name: '13 (trixie)', released: '2025-08', glibc: '2.41', gcc: '14.2.0', machines: withRiscv(debianMachines) },
    ],
  },
  {
    name: 'Ubuntu',
    libc: 'glibc',
    releases: [
      { name: '18.04', released: '2018-04', glibc: '2.27', gcc: '8.1.0', machines: debianMachines },
      { name: '20.04', released: '2020-04', glibc: '2.31', gcc: '10.1.0', machines: withRiscv(debianMachines) },
      { name: '22.04', released: '2022-04', glibc: '2.35', gcc: '12.1.0', machines: withRiscv(debianMachines) },
      { name: '24.04', released: '2024-04', glibc: '2.39', gcc: '14.1.0', machines: withRiscv(debianMachines) },
      { name: '26.04', released: '2026-04', glibc: '2.43', gcc: '16.1.0', machines: withRiscv(debianMachines) },
    ],
  },
  {
    name: 'RHEL, AlmaLinux, Rocky Linux',
    libc: 'glibc',
    releases: [
      { name: '7 (RHEL, CentOS)', released: '2014-06', glibc: '2.17', gcc: '4.8.5', machines: redHat7 },
      { name: '8', released: '2019-05', glibc: '2.28', gcc: '8.2.1', machines: redHat8 },
      { name: '9', released: '2022-05', glibc: '2.34', gcc: '11.2.1', machines: redHat8 },
      { name: '10', released: '2025-05', glibc: '2.39', gcc: '14.2.1', machines: redHat10 },
    ],
  },
  {
    name: 'Fedora',
    libc: 'glibc',
    releases: [
      { name: '40', released: '2024-04', glibc: '2.39', gcc: '14.1.0', machines: redHat8 },
      { name: '41', released: '2024-10', glibc: '2.40', gcc: '14.2.1', machines: redHat8 },
      { name: '42', released: '2025-04', glibc: '2.41', gcc: '15.1.0', machines: redHat8 },
      { name: '43', released: '2025-10', glibc: '2.42', gcc: '15.2.1', machines: redHat8 },
      { name: '44', released: '2026-04', glibc: '2.43', gcc: '16.1.0', machines: redHat8 },
    ],
  },
  {
    name: 'Amazon Linux',
    libc: 'glibc',
    releases: [
      { name: '2', released: '2018-06', glibc: '2.26', gcc: '7.3.1', machines: ['i686', ...amazonMachines] },
      { name: '2023', released: '2023-03', glibc: '2.34', gcc: '11.3.1', machines: amazonMachines },
    ],
  },
  {
    name: 'openSUSE Leap',
    libc: 'glibc',
    releases: [
      { name: '15.5', released: '2023-06', glibc: '2.31', gcc: '12.2.1', machines: suseMachines },
      { name: '15.6', released: '2024-06', glibc: '2.38', gcc: '13.2.1', machines: suseMachines },
      { name: '16.0', released: '2025-10', glibc: '2.40', gcc: '15.1.1', machines: redHat10 },
    ],
  },
  {
    name: 'Alpine Linux',
    libc: 'musl',
    releases: [
      { name: '3.12', released: '2020-05', musl: '1.1.24', gcc: '9.3.0', machines: alpineMachines },
      { name: '3.13', released: '2021-01', musl: '1.2.2', gcc: '10.2.1', machines: alpineMachines },
      { name: '3.14', released: '2021-06', musl: '1.2.2', gcc: '10.3.1', machines: alpineMachines },
      { name: '3.15', released: '2021-11', musl: '1.2.2', gcc: '10.3.1', machines: alpineMachines },
      { name: '3.16', released: '2022-05', musl: '1.2.3', gcc: '11.2.1', machines: alpineMachines },
      { name: '3.17', released: '2022-11', musl: '1.2.3', gcc: '12.2.1', machines: alpineMachines },
      { name: '3.18', released: '2023-05', musl: '1.2.4', gcc: '12.2.1', machines: alpineMachines },
      { name: '3.19', released: '2023-12', musl: '1.2.4', gcc: '13.2.1', machines: alpineMachines },
      { name: '3.20', released: '2024-05', musl: '1.2.5', gcc: '13.2.1', machines: withRiscv(alpineMachines) },
      { name: '3.21', released: '2024-12', musl: '1.2.5', gcc: '14.2.0', machines: alpineAll },
      { name: '3.22', released: '2025-05', musl: '1.2.5', gcc: '14.2.0', machines: alpineAll },
      { name: '3.23', released: '2025-12', musl: '1.2.5', gcc: '15.2.0', machines: alpineAll },
      { name: '3.24', musl: '1.2.6', gcc: '15.2.0', machines: alpineAll },
    ],
  },
];
