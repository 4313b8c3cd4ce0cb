import { machine } from '../names/machines.ts';
import type { ElfImage } from '../reader/elf-image.ts';
import { hex } from '../reader/fields.ts';
import { type Segment, segmentFlag, segmentType } from '../reader/program-headers.ts';

/** What a file says about the stack of a process that it becomes part of. */
export interface StackPermission {
  /** Null: the file does not say it, and neither do the rules of its machine that we know. */
  readonly executable: boolean | null;
  readonly segment: Segment | null;
  readonly evidence: string;
}

/**
 * Without PT_GNU_STACK glibc takes the machine's default (DEFAULT_STACK_PERMS in its sysdeps/…/stackinfo.h): executable on
 * the old machines, where compilers once put trampolines on the stack; not so on these.
 */
const defaultNotExecutable: ReadonlySet<number> = new Set([machine.aarch64, machine.ppc64, 93, 113, 191, 195]);
const defaultExecutable: ReadonlySet<number> = new Set([
  machine.x86_64,
  machine.i386,
  machine.arm,
  machine.s390,
  machine.mips,
  machine.mipsLittleEndian,
  machine.ppc,
  machine.sparc,
  machine.sparc32plus,
  machine.sparcV9,
  machine.m68k,
  machine.sh,
  machine.parisc,
  machine.alpha,
]);

export function readStackPermission({ segments, header }: ElfImage): StackPermission {
  let segment: Segment | null = null;
  // glibc goes through all program headers: the last one counts.
  for (const candidate of segments) if (candidate.type === segmentType.gnuStack) segment = candidate;
  if (segment !== null) {
    const executable = (segment.flags & segmentFlag.execute) !== 0;
    const evidence = `PT_GNU_STACK with flags ${hex(segment.flags)} (${executable ? 'executable' : 'not executable'})`;
    return { executable, segment, evidence };
  }
  if (defaultNotExecutable.has(header.machine)) {
    return {
      executable: false,
      segment,
      evidence: 'no PT_GNU_STACK; the stack of this machine is not executable anyway',
    };
  }
  if (!defaultExecutable.has(header.machine)) {
    return { executable: null, segment, evidence: 'no PT_GNU_STACK, and the default of this machine is not known' };
  }
  const evidence = 'no PT_GNU_STACK: the loader falls to the default of this machine, an executable stack';
  return { executable: true, segment, evidence };
}
