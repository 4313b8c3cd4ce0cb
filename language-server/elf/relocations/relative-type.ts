import { machine } from '../names/machines.ts';

/** The type that a relocation of RELR stands for (`R_…_RELATIVE`); 0 on machines that have none. */
export function relativeType(machineCode: number, elfClass: 32 | 64): number {
  if (machineCode === machine.aarch64) return elfClass === 64 ? 1027 : 183;
  return relativeTypes.get(machineCode) ?? 0;
}

const relativeTypes: ReadonlyMap<number, number> = new Map<number, number>([
  [machine.x86_64, 8],
  [machine.i386, 8],
  [machine.arm, 23],
  [machine.riscv, 3],
  [machine.ppc, 22],
  [machine.ppc64, 22],
  [machine.s390, 12],
  [machine.loongArch, 3],
  [machine.sparc, 22],
  [machine.sparc32plus, 22],
  [machine.sparcV9, 22],
  [machine.m68k, 22],
  [machine.sh, 165],
  [machine.alpha, 27],
]);
