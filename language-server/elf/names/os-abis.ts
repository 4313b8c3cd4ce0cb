import { machine } from './machines.ts';

export const osAbi = { none: 0, gnu: 3, solaris: 6, freeBsd: 9 } as const;

const names = new Map([
  [0, 'UNIX - System V'],
  [1, 'UNIX - HP-UX'],
  [2, 'UNIX - NetBSD'],
  [3, 'UNIX - GNU'],
  [6, 'UNIX - Solaris'],
  [7, 'UNIX - AIX'],
  [8, 'UNIX - IRIX'],
  [9, 'UNIX - FreeBSD'],
  [10, 'UNIX - TRU64'],
  [11, 'Novell - Modesto'],
  [12, 'UNIX - OpenBSD'],
  [13, 'VMS - OpenVMS'],
  [14, 'HP - Non-Stop Kernel'],
  [15, 'AROS'],
  [16, 'FenixOS'],
  [17, 'Nuxi CloudABI'],
  [18, 'Stratus Technologies OpenVOS'],
]);

/** From 64 on, the machine says what the number means. */
const armNames = new Map([
  [64, 'ARM EABI'],
  [65, 'ARM FDPIC'],
  [97, 'ARM'],
]);

/** `e_ident[EI_OSABI]` as `readelf -h` words it: "UNIX - System V". */
export function osAbiName(code: number, machineCode: number): string {
  const known = names.get(code) ?? (machineCode === machine.arm ? armNames.get(code) : undefined);
  return known ?? (code === 255 ? 'Standalone App' : `<unknown: ${code.toString(16)}>`);
}
