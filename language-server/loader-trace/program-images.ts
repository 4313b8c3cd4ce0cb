import type { ByteText } from '../protocol/elf.ts';
import type { Binding, LogEvent } from './log-line.ts';

/** How far one program image has come. */
export type Phase = 'loading' | 'initializing' | 'running';

/** One program in one process, from execve(2), or from fork(2), to the next execve or its end. */
export interface ProgramImage {
  /** Place in the trace, from 0. */
  readonly id: number;
  readonly fileId: number;
  readonly pid: number;
  readonly forkedFrom: ProgramImage | null;
  phase: Phase;
  /** argv[0], as the loader calls the main program; '' while it is not known. */
  program: ByteText;
}

interface Known extends ProgramImage {
  /** `l_name` of what is mapped. */
  readonly names: Set<ByteText>;
  /** What was tried last. */
  tried: ByteText | null;
  /** A name with tokens was opened: what it is called then is not in the log. */
  tokens: boolean;
  startupStatistics: boolean;
}

/**
 * Tells the program images in the loader's files apart. A process that calls execve(2) opens the file of its id again and goes
 * on in it without a word; a child writes to its parent's file, with its own id, until it calls execve.
 */
export interface ProgramImages {
  /** The image that a line belongs to. */
  of(fileId: number, pid: number, event: LogEvent): ProgramImage;
}

export function createProgramImages(): ProgramImages {
  const current = new Map<string, Known>();
  let count = 0;

  const begin = (fileId: number, pid: number): Known => {
    const parent = pid === fileId ? undefined : current.get(key(fileId, fileId));
    const image: Known = {
      id: count,
      fileId,
      pid,
      forkedFrom: parent ?? null,
      phase: parent?.phase ?? 'loading',
      program: parent?.program ?? '',
      names: new Set(parent?.names),
      tried: null,
      tokens: parent?.tokens ?? false,
      startupStatistics: parent?.startupStatistics ?? false,
    };
    count += 1;
    current.set(key(fileId, pid), image);
    return image;
  };

  return {
    of(fileId, pid, event) {
      const known = current.get(key(fileId, pid));
      const image = known === undefined || beginsAnew(known, event) ? begin(fileId, pid) : known;
      follow(image, event);
      return image;
    },
  };
}

function key(fileId: number, pid: number): string {
  return `${fileId} ${pid}`;
}

const vdso = /^linux-(?:vdso(?:32|64)?|gate)\.so\.\d$/u;

/**
 * setup_vdso_pointers looks for this one first, before the loader does anything else. Others of the vDSO are looked for again
 * when functions such as time(2) are relocated.
 */
function isFirstOfVdso({ from, to, symbol }: Binding): boolean {
  return from === to && vdso.test(from) && /^__(?:vdso|kernel)_clock_gettime$/u.test(symbol);
}

/** Whether this can only be said by a loader that has just been started. */
function beginsAnew(image: Known, event: LogEvent): boolean {
  switch (event.kind) {
    case 'binding':
      // Up to glibc 2.30 the C library looked there when it was initialized.
      return image.phase === 'running' && isFirstOfVdso(event);
    case 'asked': {
      if (image.phase === 'loading' || event.dynamic || event.namespace !== 0) return false;
      // Needs of the main program are looked for once; what else needs something has been mapped.
      return event.by === image.program || (!image.tokens && !image.names.has(event.by));
    }
    case 'statistic':
      return image.startupStatistics && event.label === 'total startup time in dynamic loader';
    default:
      return false;
  }
}

function follow(image: Known, event: LogEvent): void {
  switch (event.kind) {
    case 'asked':
      if (image.program === '' && event.namespace === 0 && !event.dynamic) image.program = event.by;
      if (event.name.includes('$')) image.tokens = true;
      image.tried = null;
      return;
    case 'try':
      image.tried = event.path;
      return;
    case 'mapping':
      image.names.add(image.tried ?? event.name);
      return;
    case 'statistics':
      // Constructors say nothing: those of audit modules run before anything is looked for.
      if (image.phase === 'loading') image.phase = 'initializing';
      return;
    case 'statistic':
      image.startupStatistics ||= event.label === 'total startup time in dynamic loader';
      return;
    case 'initProgram':
    case 'control':
      image.program = event.program;
      image.phase = 'running';
      return;
    default:
      return;
  }
}
