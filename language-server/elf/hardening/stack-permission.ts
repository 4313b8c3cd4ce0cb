import type { ElfFile } from '../elf-file.ts';
import { interpreterOf, isPositionIndependentExecutable } from '../identity.ts';
import { machine } from '../names/machines.ts';
import { libcOf } from '../platforms/platform-query.ts';
import { hex } from '../reader/fields.ts';
import { objectType } from '../reader/file-header.ts';
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

/**
 * What Linux does with the first stack of a program without PT_GNU_STACK: `elf_read_implies_exec` in arch/…/include/asm/elf.h
 * (of x86-64 "exec-none" since 5.8, of its 32-bit programs "exec-all"), and VM_STACK_DEFAULT_FLAGS where that is not defined.
 */
const kernelNotExecutable: ReadonlySet<number> = new Set([
  machine.x86_64,
  machine.aarch64,
  machine.ppc64,
  machine.s390,
  machine.riscv,
]);

export function readStackPermission(file: ElfFile): StackPermission {
  let segment: Segment | null = null;
  // glibc goes through all program headers: the last one counts.
  for (const candidate of file.image.segments) if (candidate.type === segmentType.gnuStack) segment = candidate;
  if (segment === null) return { segment, ...withoutSegment(file) };
  const executable = (segment.flags & segmentFlag.execute) !== 0;
  const evidence = `PT_GNU_STACK with flags ${hex(segment.flags)} (${executable ? 'executable' : 'not executable'})`;
  return { executable, segment, evidence };
}

type Verdict = Pick<StackPermission, 'executable' | 'evidence'>;

const say = (executable: boolean | null, evidence: string): Verdict => ({
  executable,
  evidence: `no PT_GNU_STACK${evidence}`,
});

function withoutSegment(file: ElfFile): Verdict {
  const { header } = file.image;
  const isProgram = header.type === objectType.executable || isPositionIndependentExecutable(file);
  const isMusl = libcOf(file) === 'musl';
  if (!isProgram) return isMusl ? say(false, ', which musl does not look at in a library') : byGlibc(file);
  if (isMusl) return byMusl(file);
  return interpreterOf(file.image) === null ? byKernel(file) : byGlibc(file);
}

function byGlibc(file: ElfFile): Verdict {
  const { header } = file.image;
  if (defaultNotExecutable.has(header.machine))
    return say(false, '; the stack of this machine is not executable anyway');
  if (!defaultExecutable.has(header.machine)) return say(null, ', and the default of this machine is not known');
  const isThreads = interpreterOf(file.image) !== null && kernelExecutable(file) === false;
  return isThreads
    ? say(true, ': glibc makes the stacks of threads executable, and Linux before 5.8 the first one too')
    : say(true, ': the loader falls to the default of this machine, an executable stack');
}

/** musl asks for the stacks of its threads without X. */
function byMusl(file: ElfFile): Verdict {
  const executable = kernelExecutable(file);
  if (executable === true) return say(true, ': Linux makes the stack of programs of this machine executable');
  if (executable === null) return say(null, ', and the default of this machine is not known');
  return say(false, ': neither Linux (since 5.8) nor musl makes a stack of this machine executable');
}

/** A static program: which C library it holds is not told. */
function byKernel(file: ElfFile): Verdict {
  const { machine: code } = file.image.header;
  const executable = kernelExecutable(file);
  if (executable === true) return say(true, ': Linux makes the stack of programs of this machine executable');
  if (executable === null) return say(null, ', and the default of this machine is not known');
  if (defaultNotExecutable.has(code)) return say(false, '; the stack of this machine is not executable anyway');
  return say(
    null,
    ' in a static program: Linux since 5.8 keeps its first stack not executable, but glibc, if it is in it, makes those of threads so',
  );
}

/** Null: not known. */
function kernelExecutable({ image }: ElfFile): boolean | null {
  const { machine: code } = image.header;
  const isX32 = code === machine.x86_64 && image.fields.class === 32;
  if (kernelNotExecutable.has(code) && !isX32) return false;
  return defaultExecutable.has(code) ? true : null;
}
