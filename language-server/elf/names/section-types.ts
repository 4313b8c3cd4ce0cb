import { machine } from './machines.ts';

const common: ReadonlyMap<number, string> = new Map([
  [0, 'NULL'],
  [1, 'PROGBITS'],
  [2, 'SYMTAB'],
  [3, 'STRTAB'],
  [4, 'RELA'],
  [5, 'HASH'],
  [6, 'DYNAMIC'],
  [7, 'NOTE'],
  [8, 'NOBITS'],
  [9, 'REL'],
  [10, 'SHLIB'],
  [11, 'DYNSYM'],
  [14, 'INIT_ARRAY'],
  [15, 'FINI_ARRAY'],
  [16, 'PREINIT_ARRAY'],
  [17, 'GROUP'],
  [18, 'SYMTAB SECTION INDICES'],
  [19, 'RELR'],
  [20, 'CREL'],
  [0x6fff4700, 'GNU_INCREMENTAL_INPUTS'],
  [0x6ffffff0, 'VERSYM'],
  [0x6ffffff5, 'GNU_ATTRIBUTES'],
  [0x6ffffff6, 'GNU_HASH'],
  [0x6ffffff7, 'GNU_LIBLIST'],
  [0x6ffffffc, 'VERDEF'],
  [0x6ffffffd, 'VERDEF'],
  [0x6ffffffe, 'VERNEED'],
  [0x6fffffff, 'VERSYM'],
  [0x7ffffffd, 'AUXILIARY'],
  [0x7fffffff, 'FILTER'],
]);

const x86_64 = new Map([[0x70000001, 'X86_64_UNWIND']]);
const mips = new Map([
  [0x70000000, 'MIPS_LIBLIST'],
  [0x70000001, 'MIPS_MSYM'],
  [0x70000002, 'MIPS_CONFLICT'],
  [0x70000003, 'MIPS_GPTAB'],
  [0x70000004, 'MIPS_UCODE'],
  [0x70000005, 'MIPS_DEBUG'],
  [0x70000006, 'MIPS_REGINFO'],
  [0x7000000d, 'MIPS_OPTIONS'],
  [0x7000001e, 'MIPS_DWARF'],
  [0x70000020, 'MIPS_SYMBOL_LIB'],
  [0x70000021, 'MIPS_EVENTS'],
  [0x7000002a, 'MIPS_ABIFLAGS'],
  [0x7000002b, 'MIPS_XHASH'],
]);

/** The processor's own types (0x70000000…0x7fffffff). A new machine is a line here. */
const ofMachine: ReadonlyMap<number, ReadonlyMap<number, string>> = new Map<number, ReadonlyMap<number, string>>([
  [machine.mips, mips],
  [machine.mipsLittleEndian, mips],
  [
    machine.parisc,
    new Map([
      [0x70000000, 'PARISC_EXT'],
      [0x70000001, 'PARISC_UNWIND'],
      [0x70000002, 'PARISC_DOC'],
      [0x70000003, 'PARISC_ANNOT'],
    ]),
  ],
  [
    machine.arm,
    new Map([
      [0x70000001, 'ARM_EXIDX'],
      [0x70000002, 'ARM_PREEMPTMAP'],
      [0x70000003, 'ARM_ATTRIBUTES'],
      [0x70000004, 'ARM_DEBUGOVERLAY'],
      [0x70000005, 'ARM_OVERLAYSECTION'],
    ]),
  ],
  [
    machine.ia64,
    new Map([
      [0x70000000, 'IA_64_EXT'],
      [0x70000001, 'IA_64_UNWIND'],
    ]),
  ],
  [machine.x86_64, x86_64],
  [machine.l1om, x86_64],
  [machine.k1om, x86_64],
  [machine.aarch64, new Map([[0x70000003, 'AARCH64_ATTRIBUTES']])],
  [machine.riscv, new Map([[0x70000003, 'RISCV_ATTRIBUTES']])],
]);

/** `sh_type` as `readelf -S` words it: "PROGBITS". */
export function sectionTypeName(type: number, machineCode: number): string {
  const known = ofMachine.get(machineCode)?.get(type) ?? common.get(type);
  if (known !== undefined) return known;
  if (type >= 0x80000000) return `LOUSER+${offset(type - 0x80000000)}`;
  if (type >= 0x70000000) return `LOPROC+${offset(type - 0x70000000)}`;
  if (type >= 0x60000000) return `LOOS+${offset(type - 0x60000000)}`;
  return `${type.toString(16).padStart(8, '0')}: <unknown>`;
}

/** As printf's `%#x` has it: no prefix before zero. */
export function offset(value: number): string {
  return value === 0 ? '0' : `0x${value.toString(16)}`;
}
