import { decodeBytes } from '../native/byte-text.ts';
import type { NativeDoor, RunOutcome } from '../native/door.ts';
import { shellCommand } from '../native/shell-quote.ts';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText, Disassembly } from '../protocol/elf.ts';
import { UserError } from '../protocol/errors.ts';
import { findCode } from './find-code.ts';
import { machineShortName } from './names/machines.ts';
import { withElfFile } from './open-elf.ts';

/** What an editor still opens at once; a function of this size is generated code. */
const outputCapBytes = 8 << 20;
const deadlineMs = 30_000;

/** Without the bytes of the instructions, which nobody reads beside them; each instruction on one line. */
const options = ['-d', '--no-show-raw-insn', '--wide'];

type Exited = Extract<RunOutcome, { kind: 'exited' }>;

/**
 * Machine code as text, from objdump.
 * Throws UserError as the other readers do, and toolMissing, toolFailed, toolTimedOut; invalidParams for a symbol that the
 * file does not have or that has no code; what the signal is aborted with.
 */
export async function disassemble(
  door: NativeDoor,
  path: ByteText,
  symbol: ByteText | undefined,
  signal?: AbortSignal,
): Promise<Disassembly> {
  signal?.throwIfAborted();
  if (symbol === undefined) return await wholeText(door, path, signal);
  const code = await withElfFile(path, file => findCode(file, symbol, signal));
  if (code.kind === 'missing') {
    throw new UserError('invalidParams', `${displayText(path)} has no symbol "${displayText(symbol)}".`);
  }
  if (code.kind === 'noCode') {
    throw new UserError(
      'invalidParams',
      `"${displayText(symbol)}" in ${displayText(path)} ${code.reason}, so there is no code to show.`,
    );
  }
  const byName = await run(door, path, [`--disassemble=${symbol}`], signal);
  if (hasInstructions(byName.text)) return byName;
  // objdump knows an address by one of its names only, and by that with its version. By its address it finds every symbol.
  const { start, end } = code;
  if (start === null)
    throw new UserError('toolFailed', `objdump shows no code for "${displayText(symbol)}" in ${displayText(path)}.`);
  return await run(door, path, [`--start-address=${start}`, `--stop-address=${end}`], signal);
}

async function wholeText(door: NativeDoor, path: ByteText, signal: AbortSignal | undefined): Promise<Disassembly> {
  await withElfFile(path, () => undefined);
  const text = await run(door, path, ['--section=.text'], signal);
  if (hasInstructions(text.text)) return text;
  return await run(door, path, [], signal);
}

async function run(
  door: NativeDoor,
  path: ByteText,
  selection: readonly ByteText[],
  signal: AbortSignal | undefined,
): Promise<Disassembly> {
  // Behind "--", a path that begins with "-" is no option.
  const args = [...options, ...selection, '--', path];
  const outcome = await door.runTool('objdump', {
    args,
    deadlineMs,
    outputCapBytes,
    whenCapped: 'kill',
    ...(signal === undefined ? {} : { signal }),
  });
  const exited = exitedOrThrow(outcome, path, signal);
  const truncated = exited.truncated.stdout;
  if (!truncated && (exited.exitCode !== 0 || exited.stdout.length === 0)) throw await failure(exited, path);
  const text = decodeBytes(exited.stdout);
  const command = shellCommand(['objdump', ...args]);
  if (!truncated) return { text, truncated: null, command };
  const reason = `The disassembly is longer than ${outputCapBytes >> 20} MiB; only its beginning is shown.`;
  return { text: `${text.slice(0, text.lastIndexOf('\n') + 1)}\n${reason}\n`, truncated: reason, command };
}

/** "  401000:	push   %rbp" */
function hasInstructions(text: string): boolean {
  return /^\s*[0-9a-f]+:\t/mu.test(text);
}

function exitedOrThrow(outcome: RunOutcome, path: ByteText, signal: AbortSignal | undefined): Exited {
  switch (outcome.kind) {
    case 'exited':
      return outcome;
    case 'missing':
      throw new UserError('toolMissing', outcome.message, outcome.remedy);
    case 'timedOut':
      throw new UserError(
        'toolTimedOut',
        `objdump took longer than ${outcome.deadlineMs / 1000} seconds for ${displayText(path)} and was ended.`,
      );
    case 'cancelled':
      signal?.throwIfAborted();
      throw new UserError('toolFailed', 'objdump was ended because the server is shutting down.');
    case 'untrusted':
    case 'spawnFailed':
      throw new UserError('toolFailed', outcome.message);
  }
}

async function failure({ stderr, exitCode, signal }: Exited, path: ByteText): Promise<UserError> {
  // The first complaint is the cause, later ones its consequences.
  const lines = decodeBytes(stderr)
    .split('\n')
    .filter(line => line.trim() !== '');
  const words = displayText(lines[0] ?? '');
  if (/can't disassemble for architecture|file format not recogni[sz]ed/u.test(words)) {
    const machine = await withElfFile(path, ({ image }) => machineShortName(image.header.machine));
    return new UserError(
      'toolFailed',
      `This objdump cannot disassemble code for ${machine} (${words}). One for many machines can: the package binutils-multiarch on Debian and Ubuntu, or a cross objdump named by the setting binaryDetective.tools.objdump.`,
      'apt-get install binutils-multiarch',
    );
  }
  const how = signal === null ? `exit code ${exitCode}` : `signal ${signal}`;
  return new UserError(
    'toolFailed',
    `objdump failed on ${displayText(path)} (${how}): ${words === '' ? 'it gave no reason' : words}.`,
  );
}
