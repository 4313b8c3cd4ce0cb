import { machine } from '../names/machines.ts';

/** A machine as distributions and wheels name it (`uname -m`). */
export type PlatformMachine =
  | 'x86_64'
  | 'i686'
  | 'aarch64'
  | 'armv7l'
  | 'ppc64'
  | 'ppc64le'
  | 's390x'
  | 'riscv64'
  | 'loongarch64';

/** Null: a machine that no release in the data is made for. */
export function platformMachine(
  machineCode: number,
  elfClass: 32 | 64,
  byteOrder: 'little' | 'big',
): PlatformMachine | null {
  const is64 = elfClass === 64;
  switch (machineCode) {
    case machine.x86_64:
      return is64 ? 'x86_64' : null;
    case machine.i386:
      return 'i686';
    case machine.aarch64:
      return is64 ? 'aarch64' : null;
    case machine.arm:
      return byteOrder === 'little' ? 'armv7l' : null;
    case machine.ppc64:
      return byteOrder === 'little' ? 'ppc64le' : 'ppc64';
    case machine.s390:
      return is64 ? 's390x' : null;
    case machine.riscv:
      return is64 ? 'riscv64' : null;
    case machine.loongArch:
      return is64 ? 'loongarch64' : null;
    default:
      return null;
  }
}
