import { machine } from './machines.ts';

/** How the value of an entry reads. `text`: an offset in the string table, shown as `label: [string]`. */
export type DynamicValueKind = 'hex' | 'bytes' | 'number' | 'text' | 'flags' | 'tag' | 'time' | 'nothing';

export interface DynamicTagName {
  readonly name: string;
  readonly kind: DynamicValueKind;
  /** What stands before a text, or before flags. */
  readonly label?: string;
  /** Names of the bits of flags, lowest first. */
  readonly bits?: readonly string[];
}

const hex = (name: string): DynamicTagName => ({ name, kind: 'hex' });
const bytes = (name: string): DynamicTagName => ({ name, kind: 'bytes' });
const number = (name: string): DynamicTagName => ({ name, kind: 'number' });
const text = (name: string, label: string): DynamicTagName => ({ name, kind: 'text', label });

const flagNames = ['ORIGIN', 'SYMBOLIC', 'TEXTREL', 'BIND_NOW', 'STATIC_TLS'];
const flag1Names = [
  'NOW',
  'GLOBAL',
  'GROUP',
  'NODELETE',
  'LOADFLTR',
  'INITFIRST',
  'NOOPEN',
  'ORIGIN',
  'DIRECT',
  'TRANS',
  'INTERPOSE',
  'NODEFLIB',
  'NODUMP',
  'CONFALT',
  'ENDFILTEE',
  'DISPRELDNE',
  'DISPRELPND',
  'NODIRECT',
  'IGNMULDEF',
  'NOKSYMS',
  'NOHDR',
  'EDITED',
  'NORELOC',
  'SYMINTPOSE',
  'GLOBAUDIT',
  'SINGLETON',
  'STUB',
  'PIE',
  'KMOD',
  'WEAKFILTER',
  'NOCOMMON',
];

const common: ReadonlyMap<number, DynamicTagName> = new Map<number, DynamicTagName>([
  [0, hex('NULL')],
  [1, text('NEEDED', 'Shared library')],
  [2, bytes('PLTRELSZ')],
  [3, hex('PLTGOT')],
  [4, hex('HASH')],
  [5, hex('STRTAB')],
  [6, hex('SYMTAB')],
  [7, hex('RELA')],
  [8, bytes('RELASZ')],
  [9, bytes('RELAENT')],
  [10, bytes('STRSZ')],
  [11, bytes('SYMENT')],
  [12, hex('INIT')],
  [13, hex('FINI')],
  [14, text('SONAME', 'Library soname')],
  [15, text('RPATH', 'Library rpath')],
  [16, hex('SYMBOLIC')],
  [17, hex('REL')],
  [18, bytes('RELSZ')],
  [19, bytes('RELENT')],
  [20, { name: 'PLTREL', kind: 'tag' }],
  [21, hex('DEBUG')],
  [22, hex('TEXTREL')],
  [23, hex('JMPREL')],
  [24, { name: 'BIND_NOW', kind: 'nothing' }],
  [25, hex('INIT_ARRAY')],
  [26, hex('FINI_ARRAY')],
  [27, bytes('INIT_ARRAYSZ')],
  [28, bytes('FINI_ARRAYSZ')],
  [29, text('RUNPATH', 'Library runpath')],
  [30, { name: 'FLAGS', kind: 'flags', bits: flagNames }],
  [32, hex('PREINIT_ARRAY')],
  [33, bytes('PREINIT_ARRAYSZ')],
  [34, hex('SYMTAB_SHNDX')],
  [35, bytes('RELRSZ')],
  [36, hex('RELR')],
  [37, bytes('RELRENT')],
  [0x6ffffdf4, { name: 'GNU_FLAGS_1', kind: 'flags', label: 'Flags', bits: ['UNIQUE'] }],
  [0x6ffffdf5, { name: 'GNU_PRELINKED', kind: 'time' }],
  [0x6ffffdf6, bytes('GNU_CONFLICTSZ')],
  [0x6ffffdf7, bytes('GNU_LIBLISTSZ')],
  [0x6ffffdf8, hex('CHECKSUM')],
  [0x6ffffdf9, bytes('PLTPADSZ')],
  [0x6ffffdfa, bytes('MOVEENT')],
  [0x6ffffdfb, bytes('MOVESZ')],
  [0x6ffffdfc, { name: 'FEATURE', kind: 'flags', label: 'Flags', bits: ['PARINIT', 'CONFEXP'] }],
  [0x6ffffdfd, { name: 'POSFLAG_1', kind: 'flags', label: 'Flags', bits: ['LAZYLOAD', 'GROUPPERM'] }],
  [0x6ffffdfe, hex('SYMINSZ')],
  [0x6ffffdff, hex('SYMINENT')],
  [0x6ffffe00, hex('ADDRRNGLO')],
  [0x6ffffef5, hex('GNU_HASH')],
  [0x6ffffef6, hex('TLSDESC_PLT')],
  [0x6ffffef7, hex('TLSDESC_GOT')],
  [0x6ffffef8, hex('GNU_CONFLICT')],
  [0x6ffffef9, hex('GNU_LIBLIST')],
  [0x6ffffefa, text('CONFIG', 'Configuration file')],
  [0x6ffffefb, text('DEPAUDIT', 'Dependency audit library')],
  [0x6ffffefc, text('AUDIT', 'Audit library')],
  [0x6ffffefd, hex('PLTPAD')],
  [0x6ffffefe, hex('MOVETAB')],
  [0x6ffffeff, hex('SYMINFO')],
  [0x6ffffff0, hex('VERSYM')],
  [0x6ffffff9, number('RELACOUNT')],
  [0x6ffffffa, number('RELCOUNT')],
  [0x6ffffffb, { name: 'FLAGS_1', kind: 'flags', label: 'Flags', bits: flag1Names }],
  [0x6ffffffc, hex('VERDEF')],
  [0x6ffffffd, number('VERDEFNUM')],
  [0x6ffffffe, hex('VERNEED')],
  [0x6fffffff, number('VERNEEDNUM')],
  [0x7ffffffd, text('AUXILIARY', 'Auxiliary library')],
  [0x7ffffffe, text('USED', 'Not needed object')],
  [0x7fffffff, text('FILTER', 'Filter library')],
]);

const mipsFlagNames = [
  'QUICKSTART',
  'NOTPOT',
  'NO_LIBRARY_REPLACEMENT',
  'NO_MOVE',
  'SGI_ONLY',
  'GUARANTEE_INIT',
  'DELTA_C_PLUS_PLUS',
  'GUARANTEE_START_INIT',
  'PIXIE',
  'DEFAULT_DELAY_LOAD',
  'REQUICKSTART',
  'REQUICKSTARTED',
  'CORD',
  'NO_UNRES_UNDEF',
  'RLD_ORDER_SAFE',
];
const mips = new Map<number, DynamicTagName>([
  [0x70000001, number('MIPS_RLD_VERSION')],
  [0x70000002, hex('MIPS_TIME_STAMP')],
  [0x70000003, hex('MIPS_ICHECKSUM')],
  [0x70000004, hex('MIPS_IVERSION')],
  [0x70000005, { name: 'MIPS_FLAGS', kind: 'flags', bits: mipsFlagNames }],
  [0x70000006, hex('MIPS_BASE_ADDRESS')],
  [0x70000008, hex('MIPS_CONFLICT')],
  [0x70000009, hex('MIPS_LIBLIST')],
  [0x7000000a, number('MIPS_LOCAL_GOTNO')],
  [0x7000000b, number('MIPS_CONFLICTNO')],
  [0x70000010, number('MIPS_LIBLISTNO')],
  [0x70000011, number('MIPS_SYMTABNO')],
  [0x70000012, number('MIPS_UNREFEXTNO')],
  [0x70000013, hex('MIPS_GOTSYM')],
  [0x70000014, number('MIPS_HIPAGENO')],
  [0x70000016, hex('MIPS_RLD_MAP')],
  [0x70000029, hex('MIPS_OPTIONS')],
  [0x70000032, hex('MIPS_PLTGOT')],
  [0x70000034, hex('MIPS_RWPLT')],
  [0x70000035, hex('MIPS_RLD_MAP_REL')],
  [0x70000036, hex('MIPS_XHASH')],
]);

/** The processor's own tags. A new machine is a line here. */
const ofMachine: ReadonlyMap<number, ReadonlyMap<number, DynamicTagName>> = new Map<
  number,
  ReadonlyMap<number, DynamicTagName>
>([
  [machine.mips, mips],
  [machine.mipsLittleEndian, mips],
  [
    machine.ppc,
    new Map([
      [0x70000000, hex('PPC_GOT')],
      [0x70000001, hex('PPC_OPT')],
    ]),
  ],
  [
    machine.ppc64,
    new Map([
      [0x70000000, hex('PPC64_GLINK')],
      [0x70000001, hex('PPC64_OPD')],
      [0x70000002, hex('PPC64_OPDSZ')],
      [0x70000003, hex('PPC64_OPT')],
    ]),
  ],
  [machine.sparcV9, new Map([[0x70000001, hex('SPARC_REGISTER')]])],
  [machine.ia64, new Map([[0x70000000, hex('IA_64_PLT_RESERVE')]])],
  [
    machine.aarch64,
    new Map<number, DynamicTagName>([
      [0x70000001, { name: 'AARCH64_BTI_PLT', kind: 'nothing' }],
      [0x70000003, { name: 'AARCH64_PAC_PLT', kind: 'nothing' }],
      [0x70000005, hex('AARCH64_VARIANT_PCS')],
    ]),
  ],
  [machine.riscv, new Map([[0x70000001, hex('RISCV_VARIANT_CC')]])],
  [machine.alpha, new Map([[0x70000000, hex('ALPHA_PLTRO')]])],
]);

/** `d_tag` as `readelf -d` words it, and how its value reads. */
export function dynamicTagName(tag: bigint, machineCode: number): DynamicTagName {
  const known =
    tag > 0xffffffffn ? undefined : (ofMachine.get(machineCode)?.get(Number(tag)) ?? common.get(Number(tag)));
  if (known !== undefined) return known;
  const digits = tag.toString(16);
  if (tag >= 0x70000000n && tag <= 0x7fffffffn) return hex(`Processor Specific: ${digits}`);
  // DT_LOOS to DT_HIOS; what is between there and the processor's own was given out by GNU and Sun.
  if (tag >= 0x6000000dn && tag <= 0x6ffff000n) return hex(`Operating System specific: ${digits}`);
  return hex(`<unknown>: ${digits}`);
}
