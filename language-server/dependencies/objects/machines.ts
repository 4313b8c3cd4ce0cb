import type { LoaderTarget } from './loader-object.ts';

/** What glibc has compiled in for a machine. `e_machine` numbers are those of the ELF registry. */
export interface MachineFacts {
  /** Path of the program interpreter by the platform's ABI, for files that name none (libraries). */
  readonly interpreter: string;
  /** As musl names the machine in `/lib/ld-musl-ARCH.so.1`. */
  readonly muslName: string;
  /** `_DL_CACHE_DEFAULT_ID`: flags of the entries of ld.so.cache that this machine's loader takes. */
  readonly cacheFlags: number;
  /** Debian's multiarch triplet. */
  readonly multiarch: string;
  /** `lib` or `lib64`: the folder of system libraries where it is not Debian's. */
  readonly libraryFolder: 'lib' | 'lib64' | 'libx32';
  /** `AT_PLATFORM` as Linux gives it to every process of the machine; null where it gives none. */
  readonly platform: string | null;
  /** Names under `glibc-hwcaps/`, best first. */
  readonly hwcaps: readonly string[];
}

export const machineNumbers = {
  i386: 3,
  mips: 8,
  ppc64: 21,
  s390: 22,
  arm: 40,
  x8664: 62,
  aarch64: 183,
  riscv: 243,
  loongarch: 258,
};

const x8664: MachineFacts = {
  interpreter: '/lib64/ld-linux-x86-64.so.2',
  muslName: 'x86_64',
  cacheFlags: 0x303,
  multiarch: 'x86_64-linux-gnu',
  libraryFolder: 'lib64',
  platform: 'x86_64',
  hwcaps: ['x86-64-v4', 'x86-64-v3', 'x86-64-v2'],
};

const x32: MachineFacts = {
  ...x8664,
  interpreter: '/libx32/ld-linux-x32.so.2',
  muslName: 'x32',
  cacheFlags: 0x803,
  multiarch: 'x86_64-linux-gnux32',
  libraryFolder: 'libx32',
};

const i386: MachineFacts = {
  interpreter: '/lib/ld-linux.so.2',
  muslName: 'i386',
  cacheFlags: 0x3,
  multiarch: 'i386-linux-gnu',
  libraryFolder: 'lib',
  platform: 'i686',
  hwcaps: [],
};

const aarch64: MachineFacts = {
  interpreter: '/lib/ld-linux-aarch64.so.1',
  muslName: 'aarch64',
  cacheFlags: 0xa03,
  multiarch: 'aarch64-linux-gnu',
  libraryFolder: 'lib64',
  platform: 'aarch64',
  hwcaps: [],
};

const armHardFloat: MachineFacts = {
  interpreter: '/lib/ld-linux-armhf.so.3',
  muslName: 'armhf',
  cacheFlags: 0x903,
  multiarch: 'arm-linux-gnueabihf',
  libraryFolder: 'lib',
  platform: 'v7l',
  hwcaps: [],
};

const armSoftFloat: MachineFacts = {
  ...armHardFloat,
  interpreter: '/lib/ld-linux.so.3',
  muslName: 'arm',
  cacheFlags: 0xb03,
  multiarch: 'arm-linux-gnueabi',
};

const riscv64: MachineFacts = {
  interpreter: '/lib/ld-linux-riscv64-lp64d.so.1',
  muslName: 'riscv64',
  cacheFlags: 0x1003,
  multiarch: 'riscv64-linux-gnu',
  libraryFolder: 'lib64',
  platform: null,
  hwcaps: [],
};

const ppc64LittleEndian: MachineFacts = {
  interpreter: '/lib64/ld64.so.2',
  muslName: 'powerpc64le',
  cacheFlags: 0x503,
  multiarch: 'powerpc64le-linux-gnu',
  libraryFolder: 'lib64',
  platform: 'power8',
  hwcaps: ['power10', 'power9'],
};

const ppc64BigEndian: MachineFacts = {
  ...ppc64LittleEndian,
  interpreter: '/lib64/ld64.so.1',
  muslName: 'powerpc64',
  multiarch: 'powerpc64-linux-gnu',
  hwcaps: [],
};

const s390x: MachineFacts = {
  interpreter: '/lib/ld64.so.1',
  muslName: 's390x',
  cacheFlags: 0x403,
  multiarch: 's390x-linux-gnu',
  libraryFolder: 'lib64',
  platform: 'z13',
  hwcaps: ['z17', 'z16', 'z15', 'z14', 'z13'],
};

const loongarch64: MachineFacts = {
  interpreter: '/lib64/ld-linux-loongarch-lp64d.so.1',
  muslName: 'loongarch64',
  cacheFlags: 0x1203,
  multiarch: 'loongarch64-linux-gnu',
  libraryFolder: 'lib64',
  platform: 'loongarch',
  hwcaps: [],
};

const mips64LittleEndian: MachineFacts = {
  interpreter: '/lib64/ld.so.1',
  muslName: 'mips64el',
  cacheFlags: 0x703,
  multiarch: 'mips64el-linux-gnuabi64',
  libraryFolder: 'lib64',
  platform: null,
  hwcaps: [],
};

const mipsLittleEndian: MachineFacts = {
  ...mips64LittleEndian,
  interpreter: '/lib/ld.so.1',
  muslName: 'mipsel',
  cacheFlags: 0x3,
  multiarch: 'mipsel-linux-gnu',
  libraryFolder: 'lib',
};

/** EF_ARM_ABI_FLOAT_HARD of the ELF header's flags (ELF for the Arm Architecture). */
const armHardFloatFlag = 0x400;

/** Null for a machine that glibc does not run on, or that we have no facts of. */
export function machineFacts(target: LoaderTarget): MachineFacts | null {
  switch (target.machine) {
    case machineNumbers.x8664:
      return target.class === 64 ? x8664 : x32;
    case machineNumbers.i386:
      return i386;
    case machineNumbers.aarch64:
      return aarch64;
    case machineNumbers.arm:
      return (target.flags & armHardFloatFlag) !== 0 ? armHardFloat : armSoftFloat;
    case machineNumbers.riscv:
      return riscv64;
    case machineNumbers.ppc64:
      return target.byteOrder === 'little' ? ppc64LittleEndian : ppc64BigEndian;
    case machineNumbers.s390:
      return s390x;
    case machineNumbers.loongarch:
      return loongarch64;
    case machineNumbers.mips:
      return target.class === 64 ? mips64LittleEndian : mipsLittleEndian;
    default:
      return null;
  }
}
