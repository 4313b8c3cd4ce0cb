/** What the type of a relocation says about the look-up of its symbol (glibc `elf_machine_type_class`). */
export type TypeClass =
  /** A function, or a variable of a thread: only a definition will do, not an undefined symbol with an address. */
  | 'plt'
  /** A variable that is copied into the program: the program's own definition is passed over. */
  | 'copy'
  | 'other';

interface Types {
  readonly jumpSlot: number;
  readonly copy: number;
  /** Module, offset in it, offset from the thread pointer, descriptor. */
  readonly threadLocal: readonly number[];
  /** Further types of class `plt`. */
  readonly direct?: readonly number[];
}

const loongarchOrRiscv: Types = { jumpSlot: 5, copy: 4, threadLocal: [6, 7, 8, 9, 10, 11, 12, 13, 14] };
const powerPc: Types = {
  jumpSlot: 21,
  copy: 19,
  threadLocal: [68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78],
  direct: [2],
};

/** By `e_machine`: the numbers of the psABIs (R_X86_64_JUMP_SLOT …). */
const typesOfMachines: Readonly<Record<number, Types>> = {
  3: { jumpSlot: 7, copy: 5, threadLocal: [14, 35, 36, 37, 41] },
  8: { jumpSlot: 127, copy: 126, threadLocal: [38, 39, 40, 41, 47, 48] },
  20: powerPc,
  21: powerPc,
  22: { jumpSlot: 11, copy: 9, threadLocal: [54, 55, 56] },
  40: { jumpSlot: 22, copy: 20, threadLocal: [13, 17, 18, 19] },
  62: { jumpSlot: 7, copy: 5, threadLocal: [16, 17, 18, 36] },
  183: { jumpSlot: 1026, copy: 1024, threadLocal: [1028, 1029, 1030, 1031] },
  243: loongarchOrRiscv,
  258: loongarchOrRiscv,
};

export interface RelocationClasses {
  classOf(type: number): TypeClass;
  isJumpSlot(type: number): boolean;
  isThreadLocal(type: number): boolean;
}

/** @param machine `e_machine` */
export function relocationClasses(machine: number): RelocationClasses {
  const types = typesOfMachines[machine];
  const threadLocal = new Set(types?.threadLocal);
  const plt = new Set([...(types?.threadLocal ?? []), ...(types?.direct ?? []), types?.jumpSlot]);
  return {
    classOf: type => (plt.has(type) ? 'plt' : type === types?.copy ? 'copy' : 'other'),
    isJumpSlot: type => type === types?.jumpSlot,
    isThreadLocal: type => threadLocal.has(type),
  };
}
