import type { ByteText } from './elf.ts';
import { requestMethod } from './method.ts';

/** A program to watch: an argument array, never a shell string. */
export interface TraceProgram {
  /** The program, looked for on PATH where it has no slash, and its arguments. */
  readonly command: readonly ByteText[];
  /** Absent: where the server runs. */
  readonly cwd?: ByteText;
  /** Added to the environment of the server. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface TraceRunParams {
  readonly program: TraceProgram;
  /** False: no bindings are recorded, which costs the program least. Absent: true. */
  readonly bindings?: boolean;
  /** Run it although its own loader has no LD_DEBUG (static, musl, setuid), for the programs that it starts. */
  readonly childrenOnly?: boolean;
  /** Most bytes of the loader's output that are kept on disk; absent: 256 MiB. */
  readonly keptBytes?: number;
  /** Token under which {@link TraceProgress} values are streamed as `$/progress`. */
  readonly partialResultToken?: string | number;
}

export interface TraceProgress {
  readonly processes: number;
  readonly searches: number;
  readonly bindings: number;
  /** Bytes that the loader has written so far. */
  readonly bytes: number;
}

/** How the program ended. `failed`: it could not be started, and why. */
export type TraceOutcome =
  | { readonly kind: 'exited'; readonly exitCode: number | null; readonly signal: string | null }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly message: string };

/**
 * What is kept of one run. The records themselves lie in a private folder on disk, which `log` names: the requests below read
 * from there, until the trace is discarded or the server ends.
 */
export interface TraceResult {
  readonly log: ByteText;
  /** The shell command that shows the same. */
  readonly command: string;
  readonly outcome: TraceOutcome;
  readonly durationMs: number;
  readonly processes: readonly TracedProcess[];
  /** What is not there of the whole, a sentence each; empty where everything is. */
  readonly incomplete: readonly string[];
  /** Where the times come from, and how exact they are. */
  readonly timing: string;
  /** What the program itself wrote, as far as it was kept; empty where it went straight to the terminal. */
  readonly output: { readonly stdout: ByteText; readonly stderr: ByteText; readonly truncated: boolean };
}

/**
 * One program image: a process that calls execve(2) has several, one after the other, and a child that was forked and runs on
 * in the same image is one of its own.
 */
export interface TracedProcess {
  /** Place in {@link TraceResult.processes}. */
  readonly id: number;
  readonly pid: number;
  readonly parentPid: number | null;
  /** It called fork(2) without execve(2): what its parent had loaded is there already. */
  readonly forked: boolean;
  /** Its argv[0], which is what the loader calls it. */
  readonly name: ByteText;
  /** Its file; null where the process was gone before it could be asked for. */
  readonly path: ByteText | null;
  readonly searches: number;
  readonly libraries: number;
  readonly bindings: number;
  readonly errors: number;
  readonly differences: number;
  /** The loader was done: everything was found and relocated, and the first constructor could run. */
  readonly started: boolean;
  /** Why the loader ended it: "libx.so: not found", "undefined symbol: f"; null where it did not. */
  readonly failure: string | null;
}

/** Milliseconds by the clock of whoever reads the loader's output: the truth lies between the two. */
export interface TraceSpan {
  readonly leastMs: number;
  readonly mostMs: number;
}

export interface TraceAttempt {
  readonly path: ByteText;
  /** What the loader says of it: "incompatible ELF class"; null where it says nothing. */
  readonly remark: string | null;
}

/** A list of folders, or the cache, that the loader looked in. */
export interface TracePlace {
  /** `RUNPATH`, `LD_LIBRARY_PATH`, `system search path`, `cache`, in the loader's words. */
  readonly kind: string;
  /** The object whose path it is, or the cache's file. */
  readonly from: ByteText | null;
}

/** One name that an object asked for, and every path that was tried. */
export interface TraceSearch {
  readonly name: ByteText;
  /** The name that was searched for in fact, where an audit module gave another one. */
  readonly renamed: ByteText | null;
  /** Zero, but in dlmopen(3) and for audit modules. */
  readonly namespace: number;
  /** The object that asked; for a dlopen(3), the caller. */
  readonly by: ByteText;
  readonly dynamic: boolean;
  /** It happened before the first constructor ran. */
  readonly atStart: boolean;
  readonly places: readonly TracePlace[];
  readonly tried: readonly TraceAttempt[];
  /** More were tried than are kept; then they are compared with nothing. */
  readonly cut: boolean;
  /** `mapped`: loaded from the last path tried. `known`: that file was loaded before. `missing`: none of them. */
  readonly outcome: 'mapped' | 'known' | 'missing';
  /** The file that it came to. */
  readonly path: ByteText | null;
  /** What our own rules say that is tried, the file that it comes to last; null where nothing is predicted. */
  readonly predicted: readonly ByteText[] | null;
}

export interface TraceLibrary {
  readonly path: ByteText;
  readonly namespace: number;
  readonly by: ByteText;
  readonly dynamic: boolean;
  /** Its constructors, with what they opened; null where none was called. */
  readonly init: TraceSpan | null;
  /** Its place in the order in which constructors were called, from 1; null where none was. */
  readonly initOrder: number | null;
  readonly relocation: TraceSpan | null;
  readonly lazy: boolean;
  /** Symbols of others that it was bound to, and its own that others were bound to. */
  readonly bindsOut: number;
  readonly bindsIn: number;
  /** How often it was mapped; of several times, the one that took longest is told. */
  readonly mappings: number;
  /** In the end it was unmapped (dlclose). */
  readonly unmapped: boolean;
}

/** How many symbols of one object are bound to another. */
export interface TraceBindingGroup {
  readonly from: ByteText;
  readonly to: ByteText;
  readonly count: number;
}

export interface TraceError {
  readonly object: ByteText;
  /** "symbol lookup error" */
  readonly occasion: string;
  readonly message: string;
  readonly fatal: boolean;
}

/** A search that went another way than our rules say. Null: that side has nothing. */
export interface TraceDifference {
  readonly name: ByteText;
  readonly by: ByteText;
  readonly predicted: readonly ByteText[] | null;
  readonly traced: readonly ByteText[] | null;
  /** Place in both lists, from 0, where they part. */
  readonly at: number;
  /** Why, where it is known: the program changed its environment, an audit module is at work. */
  readonly explanation: string | null;
}

/** What glibc counts by itself (`LD_DEBUG=statistics`). Cycles are of the processor's time stamp counter. */
export interface TraceStatistics {
  readonly startupCycles: number | null;
  readonly relocationCycles: number | null;
  readonly loadCycles: number | null;
  readonly relocations: number | null;
  readonly relocationsFromCache: number | null;
  readonly relativeRelocations: number | null;
  readonly finalRelocations: number | null;
}

export interface TraceProcessDetail {
  readonly process: TracedProcess;
  readonly searches: readonly TraceSearch[];
  readonly libraries: readonly TraceLibrary[];
  readonly bindingGroups: readonly TraceBindingGroup[];
  readonly versionsChecked: number;
  readonly errors: readonly TraceError[];
  readonly statistics: TraceStatistics;
  readonly differences: readonly TraceDifference[];
  /** Why nothing is predicted; null where something is. */
  readonly notPredicted: string | null;
}

/**
 * Client → server: run a program with glibc's LD_DEBUG and record what the loader does in it and in all that it starts.
 * Streams {@link TraceProgress}. Cancellable: the program and its children are killed, and the answer holds what was recorded.
 * Errors: untrusted, notFound, notSupported (the program's loader has no LD_DEBUG; nothing has run), unreadable (no room for
 * the records).
 */
export const traceRun = requestMethod<TraceRunParams, TraceResult>('binaryDetective/trace/run');

export interface TraceProcessParams {
  readonly log: ByteText;
  /** {@link TracedProcess.id} */
  readonly process: number;
  /** Only searches, libraries and bindings that name this text, in any case. */
  readonly filter?: string;
}

/** Client → server: what the loader did in one process. Errors: notFound (the trace was discarded), invalidParams. */
export const traceProcess = requestMethod<TraceProcessParams, TraceProcessDetail>('binaryDetective/trace/process');

export interface TraceBindingsParams extends TraceProcessParams {
  /** Only from, or to, this object. */
  readonly from?: ByteText;
  readonly to?: ByteText;
  readonly start: number;
  /** At most 5,000. */
  readonly count: number;
}

export interface TraceBinding {
  readonly from: ByteText;
  readonly to: ByteText;
  readonly symbol: ByteText;
  readonly version: ByteText | null;
}

export interface TraceBindings {
  readonly rows: readonly TraceBinding[];
  /** Of all that were recorded, those that the filter leaves. */
  readonly matching: number;
}

/** Client → server: a page of the bindings of a process, in the order in which they were made. Errors: as above. */
export const traceBindings = requestMethod<TraceBindingsParams, TraceBindings>('binaryDetective/trace/bindings');

export interface TraceText {
  readonly text: string;
  readonly truncated: boolean;
}

/** Client → server: the loader's own lines of a process, as they are, at most 8 MiB of them. Errors: as above. */
export const traceText = requestMethod<TraceProcessParams, TraceText>('binaryDetective/trace/text');

export interface TraceDiscardParams {
  readonly log: ByteText;
}

/** Client → server: the records are not needed any more. One that is gone already is no error. */
export const traceDiscard = requestMethod<TraceDiscardParams, null>('binaryDetective/trace/discard');
