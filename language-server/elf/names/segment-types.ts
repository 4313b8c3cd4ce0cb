import { machine } from './machines.ts';
import { osAbi } from './os-abis.ts';
import { offset } from './section-types.ts';

const common: ReadonlyMap<number, string> = new Map([
  [0, 'NULL'],
  [1, 'LOAD'],
  [2, 'DYNAMIC'],
  [3, 'INTERP'],
  [4, 'NOTE'],
  [5, 'SHLIB'],
  [6, 'PHDR'],
  [7, 'TLS'],
  [0x6474e550, 'GNU_EH_FRAME'],
  [0x6474e551, 'GNU_STACK'],
  [0x6474e552, 'GNU_RELRO'],
  [0x6474e553, 'GNU_PROPERTY'],
  [0x6474e554, 'GNU_SFRAME'],
  [0x65a3dbe5, 'OPENBSD_MUTABLE'],
  [0x65a3dbe6, 'OPENBSD_RANDOMIZE'],
  [0x65a3dbe7, 'OPENBSD_WXNEEDED'],
  [0x65a3dbe8, 'OPENBSD_NOBTCFI'],
  [0x65a41be6, 'OPENBSD_BOOTDATA'],
]);

const mips = new Map([
  [0x70000000, 'REGINFO'],
  [0x70000001, 'RTPROC'],
  [0x70000002, 'OPTIONS'],
  [0x70000003, 'ABIFLAGS'],
]);
const s390 = new Map([[0x70000000, 'S390_PGSTE']]);

/** The processor's own types. A new machine is a line here. */
const ofMachine: ReadonlyMap<number, ReadonlyMap<number, string>> = new Map<number, ReadonlyMap<number, string>>([
  [machine.mips, mips],
  [machine.mipsLittleEndian, mips],
  [
    machine.parisc,
    new Map([
      [0x70000000, 'PARISC_ARCHEXT'],
      [0x70000001, 'PARISC_UNWIND'],
      [0x70000002, 'PARISC_WEAKORD'],
    ]),
  ],
  [machine.s390, s390],
  [machine.s390Old, s390],
  [machine.arm, new Map([[0x70000001, 'EXIDX']])],
  [
    machine.ia64,
    new Map([
      [0x70000000, 'IA_64_ARCHEXT'],
      [0x70000001, 'IA_64_UNWIND'],
    ]),
  ],
  [
    machine.aarch64,
    new Map([
      [0x70000000, 'AARCH64_ARCHEXT'],
      [0x70000002, 'AARCH64_MEMTAG_MTE'],
    ]),
  ],
  [machine.riscv, new Map([[0x70000003, 'RISCV_ATTRIBUTES']])],
]);

const firstGnuBind = 0x6474e555;
const lastGnuBind = firstGnuBind + 4095;

/** `p_type` as `readelf -l` words it, without its habit of cutting long names: "LOAD", "GNU_STACK". */
export function segmentTypeName(type: number, machineCode: number, osAbiCode: number): string {
  const known = ofMachine.get(machineCode)?.get(type) ?? common.get(type);
  if (known !== undefined) return known;
  const gnu = osAbiCode === osAbi.gnu || osAbiCode === osAbi.freeBsd;
  if (gnu && type >= firstGnuBind && type <= lastGnuBind) return `GNU_MBIND+${offset(type - firstGnuBind)}`;
  if (type >= 0x80000000) return `<unknown>: ${type.toString(16)}`;
  if (type >= 0x70000000) return `LOPROC+${offset(type - 0x70000000)}`;
  if (type >= 0x60000000) return `LOOS+${offset(type - 0x60000000)}`;
  return `<unknown>: ${type.toString(16)}`;
}
