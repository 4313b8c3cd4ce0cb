import type { ByteText } from './elf.ts';
import type { FaultMode, FaultProgram, FaultScope } from './faults.ts';
import { requestMethod } from './method.ts';

/** The function of the shim that is called before each allocation that fails: a breakpoint on it stops there. */
export const injectionHook = 'malloc_faults_injected';

export interface FaultDebugParams {
  readonly program: FaultProgram;
  /** Absent: `fromNth`. */
  readonly mode?: FaultMode;
  /** Absent: all allocations count. */
  readonly scope?: FaultScope;
  /** {@link FaultRun.n} of the run to debug. */
  readonly n: number;
}

/** What a debugger has to be told so that the program fails in front of the person as it did in the sweep. */
export interface FaultDebugLaunch {
  /** Absolute path of the program. */
  readonly program: ByteText;
  readonly args: readonly ByteText[];
  readonly cwd: ByteText;
  /** The program's own variables and the shim's; for the program, and harmless to what starts it. */
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: ByteText | null;
  /** The same as words of a shell's command line: arguments and redirection. */
  readonly shellArguments: string;
  /**
   * gdb in a terminal: its path and arguments, which run the program to the first allocation that fails. Or the sentence, and what
   * to do, where there is no gdb.
   */
  readonly gdb:
    | { readonly kind: 'found'; readonly path: string; readonly args: readonly string[] }
    | { readonly kind: 'missing'; readonly message: string; readonly remedy: string };
}

/**
 * Client → server: how to run one point of a sweep under a debugger. Compiles the shim where that has not been done; runs nothing
 * else. Errors: untrusted, toolMissing (no C compiler), toolFailed, notFound, notSupported, invalidParams.
 */
export const faultDebug = requestMethod<FaultDebugParams, FaultDebugLaunch>('binaryDetective/faults/debug');
