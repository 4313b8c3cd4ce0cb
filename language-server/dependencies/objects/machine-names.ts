const names: Readonly<Record<number, string>> = {
  2: 'SPARC',
  3: 'Intel 80386',
  4: 'MC68000',
  8: 'MIPS',
  15: 'HPPA',
  20: 'PowerPC',
  21: 'PowerPC64',
  22: 'IBM S/390',
  40: 'ARM',
  42: 'Renesas / SuperH SH',
  43: 'SPARC v9',
  50: 'Intel IA-64',
  62: 'x86-64',
  183: 'AArch64',
  243: 'RISC-V',
  247: 'Linux BPF',
  258: 'LoongArch',
};

/** A short name for `e_machine`. */
export function machineName(machine: number): string {
  return names[machine] ?? `machine 0x${machine.toString(16)}`;
}
