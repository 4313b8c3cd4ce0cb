import { machine } from './machines.ts';
import { osAbi } from './os-abis.ts';

const letters: ReadonlyMap<bigint, string> = new Map([
  [0x1n, 'W'],
  [0x2n, 'A'],
  [0x4n, 'X'],
  [0x10n, 'M'],
  [0x20n, 'S'],
  [0x40n, 'I'],
  [0x80n, 'L'],
  [0x100n, 'O'],
  [0x200n, 'G'],
  [0x400n, 'T'],
  [0x800n, 'C'],
  [0x80000000n, 'E'],
]);

const osMask = 0x0ff00000n;
const processorMask = 0xf0000000n;
const gnuRetain = 0x200000n;
const gnuBind = 0x1000000n;

/**
 * `sh_flags` as the letters of `readelf -S`: W write, A alloc, X execute, M merge, S strings, I info, L link order, O extra OS
 * processing, G group, T TLS, C compressed, E exclude, R retain, D mbind, l large, o OS specific, p processor specific,
 * x unknown.
 */
export function sectionFlagLetters(flags: bigint, machineCode: number, osAbiCode: number): string {
  let text = '';
  let others = '';
  for (let bit = 0n; bit < 64n; bit += 1n) {
    const flag = 1n << bit;
    if ((flags & flag) === 0n) continue;
    const letter = letters.get(flag) ?? ownLetter(flag, machineCode, osAbiCode);
    if (letter !== undefined) text += letter;
    else {
      const other = (flag & osMask) !== 0n ? 'o' : (flag & processorMask) !== 0n ? 'p' : 'x';
      if (!others.includes(other)) others += other;
    }
  }
  return text + others;
}

function ownLetter(flag: bigint, machineCode: number, osAbiCode: number): string | undefined {
  const gnu = osAbiCode === osAbi.gnu || osAbiCode === osAbi.freeBsd;
  if (flag === gnuRetain && gnu) return 'R';
  if (flag === gnuBind && (gnu || osAbiCode === osAbi.none)) return 'D';
  const isX86 = machineCode === machine.x86_64 || machineCode === machine.l1om || machineCode === machine.k1om;
  if (flag === 0x10000000n && isX86) return 'l';
  if (flag === 0x20000000n && machineCode === machine.arm) return 'y';
  if (flag === 0x10000000n && machineCode === machine.ppc) return 'v';
  return undefined;
}
