import type { ByteText } from '../protocol/elf.ts';
import type { ToolStatus } from '../protocol/tools.ts';
import type { ToolId } from './tools.ts';

/**
 * The one door to other programs. Nothing else in the project starts a process. Every run has an argument array (never a
 * shell string), a process group of its own, a deadline, a cancel signal that kills the whole group, and capped output.
 */
export interface NativeDoor {
  /** Finds a tool: the setting first, then PATH. Its version is asked once a path. */
  find(tool: ToolId): Promise<ToolFound | ToolMissing>;
  /** Runs a known tool. */
  runTool(tool: ToolId, request: ToolRun): Promise<RunOutcome>;
  /** Runs a program of the person's own. Refused as `untrusted` until the workspace is trusted. */
  runProgram(request: ProgramRun): Promise<RunOutcome>;
  /**
   * Starts a tool that is talked with for a long time: its standard input stays open, and it holds no place of those that run
   * at once. Resolves when it has ended. Refused as `untrusted` until the workspace is trusted.
   */
  converse(request: Conversation): Promise<RunOutcome>;
  /** What the `doctor` shows. */
  report(): Promise<readonly ToolStatus[]>;
  /**
   * A folder of our own among the temporary files. Unless it is removed before, it is removed when the server ends, however
   * that dies. Rejects as mkdir does.
   */
  temporaryFolder(): Promise<TemporaryFolder>;
  /** Kills every child and its group, and resolves when they are gone. */
  close(): Promise<void>;
}

export interface TemporaryFolder {
  readonly path: string;
  /** With all that is in it. */
  remove(): Promise<void>;
}

export interface ToolFound {
  readonly kind: 'found';
  readonly path: string;
  readonly version: string | null;
}

/** A missing tool is an answer, not an exception: it carries what was searched and how to get the tool. */
export interface ToolMissing {
  readonly kind: 'missing';
  readonly tool: ToolId;
  readonly searched: readonly string[];
  readonly setting: string;
  /** The install command for this distribution. */
  readonly remedy: string;
  /** One sentence for a person. */
  readonly message: string;
}

export interface RunOptions {
  /** Byte texts: names that are not UTF-8 arrive at the program byte for byte. */
  readonly args: readonly ByteText[];
  readonly cwd?: ByteText;
  /** Added to the environment of the server; `undefined` removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Given on standard input; absent: standard input is empty. */
  readonly input?: Uint8Array;
  /** Absolute path of a file that the program reads on standard input, from its start. */
  readonly inputFile?: ByteText;
  /** From the start of the program, not from its request: it may wait for others. Infinity: none. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
  /** Bytes kept of each of standard output and standard error; the rest is dropped and said in `truncated`. */
  readonly outputCapBytes?: number;
  /**
   * What to do when a stream passes its cap: `drain` (default) reads on and drops, so that the exit status is still true;
   * `kill` ends the program, for outputs that can be without end.
   */
  readonly whenCapped?: 'drain' | 'kill';
  /**
   * Called with each line of standard output as it comes, decoded, without its newline; also with a last line that has none,
   * and with the pieces of a line of over a MiB. Not called after a cancel. What it throws ends the program and is the
   * rejection of the run.
   */
  readonly onLine?: (line: ByteText) => void;
  readonly limits?: ResourceLimits;
  /**
   * `inherit`: the program has our own standard streams, and nothing of them is captured; `stderr`: the same, with what it
   * writes to standard output on our standard error, where ours has an answer on it. Absent: captured, without input.
   */
  readonly stdio?: 'inherit' | 'stderr';
}

/** Limits of setrlimit(2) for the program and all that it starts. */
export interface ResourceLimits {
  /** False: a crash leaves no core file in the working folder. */
  readonly coreFiles?: boolean;
  /** Allocations beyond fail with ENOMEM. */
  readonly addressSpaceBytes?: number;
  /** Processor time, not time by the clock; a program beyond it gets SIGXCPU or SIGKILL. */
  readonly cpuSeconds?: number;
}

export interface ToolRun extends RunOptions {
  /** Whether this run executes code of the workspace (a compiler does not, a built program does). Refused when untrusted. */
  readonly executesWorkspaceCode?: boolean;
}

export interface Conversation extends Omit<RunOptions, 'input' | 'stdio' | 'deadlineMs'> {
  /** Asked of the door by {@link NativeDoor.find}, or named by the person. */
  readonly command: ByteText;
  /** Called once, when it runs: what writes to its standard input. */
  readonly onStart: (write: (text: string) => void) => void;
  /** A longer line of standard output is handed on in pieces; default: a MiB. */
  readonly longestLineBytes?: number;
}

export interface ProgramRun extends RunOptions {
  readonly command: ByteText;
}

export type RunOutcome =
  | {
      readonly kind: 'exited';
      /** Null where a signal ended it. */
      readonly exitCode: number | null;
      /** "SIGSEGV"; null where it exited by itself. */
      readonly signal: string | null;
      readonly stdout: Uint8Array;
      readonly stderr: Uint8Array;
      readonly truncated: { readonly stdout: boolean; readonly stderr: boolean };
      /** From its start to its exit. */
      readonly durationMs: number;
    }
  | {
      readonly kind: 'timedOut';
      readonly deadlineMs: number;
      readonly stdout: Uint8Array;
      readonly stderr: Uint8Array;
      readonly truncated: { readonly stdout: boolean; readonly stderr: boolean };
    }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'untrusted'; readonly message: string }
  | { readonly kind: 'spawnFailed'; readonly message: string }
  | ToolMissing;
