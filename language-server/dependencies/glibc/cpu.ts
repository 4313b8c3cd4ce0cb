import { readFileSync } from 'node:fs';
import { arch } from 'node:process';
import type { LoaderTarget } from '../objects/loader-object.ts';
import { type MachineFacts, machineNumbers } from '../objects/machines.ts';

/** What of the processor decides where glibc looks. */
export interface Cpu {
  readonly vendor: string;
  readonly flags: ReadonlySet<string>;
}

const empty: Cpu = { vendor: '', flags: new Set() };
let known: Cpu | undefined;

/** This machine's processor as the kernel tells it (proc_cpuinfo(5)); it does not change, so it is read once. */
export function thisCpu(): Cpu {
  known ??= readCpu();
  return known;
}

function readCpu(): Cpu {
  try {
    return parseCpuInfo(readFileSync('/proc/cpuinfo', 'latin1'));
  } catch {
    return empty;
  }
}

/** The first processor of `/proc/cpuinfo`. */
export function parseCpuInfo(text: string): Cpu {
  const field = (name: RegExp): string => name.exec(text)?.[1]?.trim() ?? '';
  return {
    vendor: field(/^vendor_id\s*:(.*)$/mu),
    flags: new Set(field(/^(?:flags|Features|features)\s*:(.*)$/mu).split(/\s+/u)),
  };
}

/** The names under `glibc-hwcaps/` that a level has, best first; "x86-64-v1" and unknown levels have none. */
export function hwcapsOfLevel(facts: MachineFacts, level: string): readonly string[] {
  const best = facts.hwcaps.indexOf(level);
  return best < 0 ? [] : facts.hwcaps.slice(best);
}

/** The names under `glibc-hwcaps/` that this machine's processor can run, best first (glibc `_dl_hwcaps_subdirs_active`). */
export function hwcapsOfCpu(facts: MachineFacts, target: LoaderTarget, cpu: Cpu): readonly string[] {
  const needs = runsHere(target) ? (flagsOfLevels[target.machine] ?? []) : [];
  // The worst level stands last among the names, first among the needs.
  const reached = needs.findIndex(flags => flags.some(flag => !cpu.flags.has(flag)));
  const count = reached < 0 ? needs.length : reached;
  return facts.hwcaps.slice(facts.hwcaps.length - count);
}

const x8664Baseline = ['cmov', 'cx8', 'fpu', 'fxsr', 'mmx', 'sse', 'sse2'];

/**
 * By machine, what each level asks for in the words of Linux's `/proc/cpuinfo`, lowest level first: x86-64 psABI,
 * "Micro-Architecture Levels" (glibc `get_isa_level`); z/Architecture facilities (glibc s390 `dl-hwcaps-subdirs.c`; z17 has
 * no flag there). POWER levels cannot be told from flags.
 */
const flagsOfLevels: Readonly<Record<number, readonly (readonly string[])[]>> = {
  [machineNumbers.x8664]: [
    [...x8664Baseline, 'cx16', 'lahf_lm', 'popcnt', 'pni', 'ssse3', 'sse4_1', 'sse4_2'],
    ['avx', 'avx2', 'bmi1', 'bmi2', 'f16c', 'fma', 'abm', 'movbe'],
    ['avx512f', 'avx512bw', 'avx512cd', 'avx512dq', 'avx512vl'],
  ],
  [machineNumbers.s390]: [['vx'], ['vxd', 'vxe', 'gs'], ['vxe2', 'vxp'], ['vxp2']],
};

/** `$PLATFORM`: AT_PLATFORM, which glibc replaces on some Intel processors (glibc sysdeps/x86/cpu-features.c). */
export function platformOf(facts: MachineFacts, target: LoaderTarget, cpu: Cpu): string | null {
  if (!isX8664(target) || !runsHere(target) || cpu.vendor !== 'GenuineIntel') return facts.platform;
  const has = (...flags: string[]): boolean => flags.every(flag => cpu.flags.has(flag));
  if (has('avx512cd', 'avx512er', 'avx512pf')) return 'xeon_phi';
  if (has('avx2', 'fma', 'bmi1', 'bmi2', 'abm', 'movbe', 'popcnt')) return 'haswell';
  return facts.platform;
}

/** The hardware capabilities that had folders of their own up to glibc 2.36, lowest bit first (HWCAP_IMPORTANT). */
export function legacyCapabilities(target: LoaderTarget, cpu: Cpu): readonly string[] {
  const has = (...flags: string[]): boolean => runsHere(target) && flags.every(flag => cpu.flags.has(flag));
  if (isX8664(target)) {
    const intel = cpu.vendor === 'GenuineIntel';
    const avx512 = intel && has('avx512cd', 'avx512bw', 'avx512dq', 'avx512vl') && !cpu.flags.has('avx512er');
    return avx512 ? ['x86_64', 'avx512_1'] : ['x86_64'];
  }
  if (target.machine === machineNumbers.i386) return ['sse2'];
  if (target.machine === machineNumbers.aarch64) return has('atomics') ? ['atomics'] : [];
  return [];
}

function isX8664(target: LoaderTarget): boolean {
  return target.machine === machineNumbers.x8664;
}

/** Whether this machine's processor is the one that would run the file. */
export function runsHere(target: LoaderTarget): boolean {
  switch (arch) {
    case 'x64':
      return isX8664(target) || target.machine === machineNumbers.i386;
    case 'ia32':
      return target.machine === machineNumbers.i386;
    case 'arm64':
      return target.machine === machineNumbers.aarch64;
    case 's390x':
      return target.machine === machineNumbers.s390;
    default:
      return false;
  }
}
