import { machine } from '../names/machines.ts';
import type { ElfClass } from '../reader/fields.ts';
import { aarch64RelocationTypes } from './types/aarch64-types.ts';
import { alphaRelocationTypes } from './types/alpha-types.ts';
import { amdgpuRelocationTypes } from './types/amdgpu-types.ts';
import { arcRelocationTypes } from './types/arc-types.ts';
import { armRelocationTypes } from './types/arm-types.ts';
import { avrRelocationTypes } from './types/avr-types.ts';
import { bpfRelocationTypes } from './types/bpf-types.ts';
import { crisRelocationTypes } from './types/cris-types.ts';
import { cskyRelocationTypes } from './types/csky-types.ts';
import { i386RelocationTypes } from './types/i386-types.ts';
import { ia64RelocationTypes } from './types/ia64-types.ts';
import { loongarchRelocationTypes } from './types/loongarch-types.ts';
import { m68kRelocationTypes } from './types/m68k-types.ts';
import { microblazeRelocationTypes } from './types/microblaze-types.ts';
import { mipsRelocationTypes } from './types/mips-types.ts';
import { msp430RelocationTypes } from './types/msp430-types.ts';
import { nios2RelocationTypes } from './types/nios2-types.ts';
import { or1kRelocationTypes } from './types/or1k-types.ts';
import { pariscRelocationTypes } from './types/parisc-types.ts';
import { ppcRelocationTypes } from './types/ppc-types.ts';
import { ppc64RelocationTypes } from './types/ppc64-types.ts';
import type { RelocationTypes } from './types/relocation-types.ts';
import { riscvRelocationTypes } from './types/riscv-types.ts';
import { s390RelocationTypes } from './types/s390-types.ts';
import { shRelocationTypes } from './types/sh-types.ts';
import { sparcRelocationTypes } from './types/sparc-types.ts';
import { tilegxRelocationTypes } from './types/tilegx-types.ts';
import { x86_64RelocationTypes } from './types/x86-64-types.ts';
import { xtensaRelocationTypes } from './types/xtensa-types.ts';

/** A new machine is a line here and a file in `types/`. */
const typesOfMachine: ReadonlyMap<number, RelocationTypes> = new Map<number, RelocationTypes>([
  [machine.sparc, sparcRelocationTypes],
  [machine.i386, i386RelocationTypes],
  [machine.m68k, m68kRelocationTypes],
  [machine.iamcu, i386RelocationTypes],
  [machine.mips, mipsRelocationTypes],
  [machine.mipsLittleEndian, mipsRelocationTypes],
  [machine.parisc, pariscRelocationTypes],
  [machine.sparc32plus, sparcRelocationTypes],
  [machine.ppc, ppcRelocationTypes],
  [machine.ppc64, ppc64RelocationTypes],
  [machine.s390, s390RelocationTypes],
  [machine.arm, armRelocationTypes],
  [machine.sh, shRelocationTypes],
  [machine.sparcV9, sparcRelocationTypes],
  [machine.ia64, ia64RelocationTypes],
  [machine.x86_64, x86_64RelocationTypes],
  [76, crisRelocationTypes],
  [83, avrRelocationTypes],
  [92, or1kRelocationTypes],
  [93, arcRelocationTypes],
  [94, xtensaRelocationTypes],
  [105, msp430RelocationTypes],
  [113, nios2RelocationTypes],
  [machine.l1om, x86_64RelocationTypes],
  [machine.k1om, x86_64RelocationTypes],
  [machine.aarch64, aarch64RelocationTypes],
  [189, microblazeRelocationTypes],
  [191, tilegxRelocationTypes],
  [195, arcRelocationTypes],
  [224, amdgpuRelocationTypes],
  [machine.riscv, riscvRelocationTypes],
  [247, bpfRelocationTypes],
  [252, cskyRelocationTypes],
  [machine.loongArch, loongarchRelocationTypes],
  [machine.alpha, alphaRelocationTypes],
  [machine.s390Old, s390RelocationTypes],
]);

/**
 * Name of a type as `readelf -r` prints it. A relocation of 64-bit MIPS has three types, from the lowest byte up, which are
 * done one after the other; those that do something are named, with slashes between (as llvm-readelf has it). In 64-bit SPARC
 * the upper 24 bits are data of the relocation, not its type.
 */
export function relocationTypeName(machineCode: number, elfClass: ElfClass, type: number): string {
  const names = typesOfMachine.get(machineCode)?.();
  if (elfClass === 64 && (machineCode === machine.mips || machineCode === machine.mipsLittleEndian)) {
    const three = [type & 0xff, (type >>> 8) & 0xff, (type >>> 16) & 0xff];
    while (three.length > 1 && three.at(-1) === 0) three.pop();
    return three.map(one => nameOf(names, one)).join('/');
  }
  return nameOf(names, machineCode === machine.sparcV9 ? type & 0xff : type);
}

function nameOf(names: ReadonlyMap<number, string> | undefined, type: number): string {
  return names?.get(type) ?? `unrecognized: ${type.toString(16)}`;
}

const lituse = ['ADDR', 'BASE', 'BYTOFF', 'JSR', 'TLSGD', 'TLSLDM', 'JSRDIRECT'] as const;
const alphaLituse = 5;

/** On Alpha, the addend of LITUSE is no addend: it says in which way the literal is used. Undefined for all others. */
export function literalUse(machineCode: number, type: number, addend: bigint): string | undefined {
  if (machineCode !== machine.alpha || type !== alphaLituse) return undefined;
  return lituse[Number(BigInt.asUintN(32, addend))] ?? `unknown use ${BigInt.asUintN(64, addend).toString(16)}`;
}
