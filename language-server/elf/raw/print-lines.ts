import type { NativeDoor, RunOutcome, ToolRun } from '../../native/door.ts';
import type { ToolId } from '../../native/tools.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { UserError } from '../../protocol/errors.ts';

/** How a program ended whose lines were printed. */
export type Printed =
  | Extract<RunOutcome, { kind: 'exited' | 'timedOut' }>
  /** It was ended because no more lines were wanted. */
  | { readonly kind: 'enough' };

export interface LinePrinting {
  readonly args: readonly ByteText[];
  readonly deadlineMs: number;
  readonly limits?: ToolRun['limits'];
  readonly signal?: AbortSignal | undefined;
  /** Takes a line without its end; false: no more are wanted, and the program is ended. */
  readonly onLine: (line: ByteText) => boolean;
}

/** Complaints are all that is kept of a program's output. */
const keptBytes = 64 << 10;

/**
 * Runs a tool and hands its lines on as they come: its output is never in memory as a whole.
 * Throws UserError toolMissing, toolFailed where it could not be started; what the signal is aborted with; what `onLine` throws.
 */
export async function printLines(
  door: NativeDoor,
  tool: ToolId,
  { args, deadlineMs, limits, signal, onLine }: LinePrinting,
): Promise<Printed> {
  const enough = new AbortController();
  const outcome = await door.runTool(tool, {
    args,
    deadlineMs,
    outputCapBytes: keptBytes,
    signal: signal === undefined ? enough.signal : AbortSignal.any([signal, enough.signal]),
    onLine: line => {
      if (!onLine(line)) enough.abort();
    },
    ...(limits !== undefined && { limits }),
  });
  switch (outcome.kind) {
    case 'exited':
    case 'timedOut':
      return outcome;
    case 'missing':
      throw new UserError('toolMissing', outcome.message, outcome.remedy);
    case 'cancelled':
      signal?.throwIfAborted();
      if (enough.signal.aborted) return { kind: 'enough' };
      throw new UserError('toolFailed', 'The program was ended because the server is shutting down.');
    case 'untrusted':
    case 'spawnFailed':
      throw new UserError('toolFailed', outcome.message);
  }
}
