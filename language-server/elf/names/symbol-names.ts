import { machine } from './machines.ts';
import { osAbi } from './os-abis.ts';

const types = ['NOTYPE', 'OBJECT', 'FUNC', 'SECTION', 'FILE', 'COMMON', 'TLS', undefined, 'RELC', 'SRELC'] as const;
const bindings = ['LOCAL', 'GLOBAL', 'WEAK'] as const;
const visibilities = ['DEFAULT', 'INTERNAL', 'HIDDEN', 'PROTECTED'] as const;

const typesOfMachine: ReadonlyMap<number, ReadonlyMap<number, string>> = new Map([
  [
    machine.parisc,
    new Map([
      [11, 'HP_OPAQUE'],
      [12, 'HP_STUB'],
      [13, 'PARISC_MILLI'],
    ]),
  ],
  [machine.arm, new Map([[13, 'THUMB_FUNC']])],
  [machine.sparcV9, new Map([[13, 'REGISTER']])],
]);

/** The type of a symbol (low half of `st_info`) as `readelf -s` words it. */
export function symbolTypeName(type: number, machineCode: number, osAbiCode: number): string {
  const known = typesOfMachine.get(machineCode)?.get(type) ?? types[type];
  if (known !== undefined) return known;
  // GNU extensions hold for files without a named system too, but those say ELFOSABI_GNU when they use this one.
  if (type === 10 && (osAbiCode === osAbi.gnu || osAbiCode === osAbi.freeBsd)) return 'IFUNC';
  if (type >= 13) return `<processor specific>: ${type}`;
  return type >= 10 ? `<OS specific>: ${type}` : `<unknown>: ${type}`;
}

/** The binding of a symbol (high half of `st_info`). */
export function symbolBindingName(binding: number, osAbiCode: number): string {
  const known = bindings[binding];
  if (known !== undefined) return known;
  if (binding === 10 && (osAbiCode === osAbi.gnu || osAbiCode === osAbi.freeBsd)) return 'UNIQUE';
  if (binding >= 13) return `<processor specific>: ${binding}`;
  return binding >= 10 ? `<OS specific>: ${binding}` : `<unknown>: ${binding}`;
}

/** Visibility and what else `st_other` says: "DEFAULT", "DEFAULT [VARIANT_PCS]". */
export function symbolVisibilityName(other: number, machineCode: number): string {
  const visibility = visibilities[other & 3] ?? '';
  const rest = other & ~3;
  return rest === 0 ? visibility : `${visibility} [${otherBits(rest, machineCode)}]`;
}

function otherBits(rest: number, machineCode: number): string {
  const digits = rest.toString(16);
  if (machineCode === machine.aarch64 && (rest & 0x80) !== 0) {
    return rest === 0x80 ? 'VARIANT_PCS' : `VARIANT_PCS | ${(rest & ~0x80).toString(16)}`;
  }
  if (machineCode === machine.riscv) return rest === 0x80 ? 'VARIANT_CC' : digits;
  if (machineCode === machine.mips && mipsOther.has(rest)) return mipsOther.get(rest) ?? '';
  if (machineCode === machine.alpha) return alphaOther.get(rest) ?? '<unknown>';
  if (machineCode === machine.ppc64 && (rest & 0x1f) === 0) return `<localentry>: ${ppc64LocalEntry(rest >> 5)}`;
  return `<other>: ${digits}`;
}

const mipsOther = new Map([
  [0x04, 'OPTIONAL'],
  [0x08, 'MIPS PLT'],
  [0x20, 'MIPS PIC'],
  [0x80, 'MICROMIPS'],
  [0xa0, 'MICROMIPS, MIPS PIC'],
  [0xf0, 'MIPS16'],
]);
const alphaOther = new Map([
  [0x80, 'NOPV'],
  [0x88, 'STD GPLOAD'],
]);

/** ELFv2 ABI, "Symbol Table": 0 and 1 as they are, 2…6 as 4…64 bytes. */
function ppc64LocalEntry(value: number): number {
  return value < 2 ? value : 1 << value;
}

/** Where a symbol is defined: the number of a section, "UND", "ABS", "COM". */
export function sectionIndexName(index: number, machineCode: number): string {
  if (index === 0) return 'UND';
  if (index === 0xfff1) return 'ABS';
  if (index === 0xfff2) return 'COM';
  if (index < 0xff00 || index > 0xffff) return String(index);
  const own = ofMachine.get(machineCode)?.get(index);
  if (own !== undefined) return own;
  const digits = index.toString(16).padStart(4, '0');
  if (index <= 0xff1f) return `PRC[0x${digits}]`;
  return index <= 0xff3f ? `OS [0x${digits}]` : `RSV[0x${digits}]`;
}

const largeCommon = new Map([[0xff02, 'LARGE_COM']]);
const ofMachine: ReadonlyMap<number, ReadonlyMap<number, string>> = new Map<number, ReadonlyMap<number, string>>([
  [machine.x86_64, largeCommon],
  [machine.l1om, largeCommon],
  [machine.k1om, largeCommon],
  [
    machine.mips,
    new Map([
      [0xff03, 'SCOM'],
      [0xff04, 'SUND'],
    ]),
  ],
  [machine.ia64, new Map([[0xff00, 'ANSI_COM']])],
]);
