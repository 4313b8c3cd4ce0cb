import type { NativeDoor } from '../native/door.ts';
import { shellCommand } from '../native/shell-quote.ts';
import { displayText } from '../protocol/display-text.ts';
import { UserError } from '../protocol/errors.ts';
import type { FaultProgram, FaultProgress } from '../protocol/faults.ts';

const deadlineMs = 1_800_000;
/** Of what a failed build has printed, its end is where the errors are. */
const shownCharacters = 4000;

/** Runs the program's build command, if it has one. Errors: untrusted, toolFailed, toolTimedOut. */
export async function buildProgram(
  { build = [], cwd, env = {} }: FaultProgram,
  { door, onProgress }: { readonly door: NativeDoor; readonly onProgress: (progress: FaultProgress) => void },
  signal: AbortSignal,
): Promise<void> {
  const [command, ...args] = build;
  if (command === undefined) return;
  onProgress({ kind: 'building', command: build });
  const outcome = await door.runProgram({ command, args, env, deadlineMs, signal, ...(cwd !== undefined && { cwd }) });
  const name = displayText(shellCommand(build));
  switch (outcome.kind) {
    case 'exited': {
      if (outcome.exitCode === 0) return;
      const how = outcome.exitCode === null ? `died of ${outcome.signal}` : `failed (exit status ${outcome.exitCode})`;
      throw new UserError('toolFailed', `The build (${name}) ${how}:\n${endOf(outcome.stderr, outcome.stdout)}`);
    }
    case 'timedOut':
      throw new UserError('toolTimedOut', `The build (${name}) did not end within ${deadlineMs / 60_000} minutes.`);
    case 'cancelled':
      throw new DOMException('The sweep was cancelled.', 'AbortError');
    case 'untrusted':
      throw new UserError('untrusted', outcome.message);
    case 'spawnFailed':
    case 'missing':
      throw new UserError('toolFailed', `The build (${name}) could not be started: ${outcome.message}`);
  }
}

/** Compilers complain on standard error; some build tools pass it on to standard output. */
function endOf(stderr: Uint8Array, stdout: Uint8Array): string {
  const words = Buffer.from(stderr.length > 0 ? stderr : stdout)
    .toString('utf8')
    .trim();
  return words.length <= shownCharacters ? words : `…${words.slice(-shownCharacters)}`;
}
