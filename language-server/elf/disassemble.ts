import { decodeBytes } from '../native/byte-text.ts';
import type { NativeDoor, RunOutcome } from '../native/door.ts';
import { shellCommand } from '../native/shell-quote.ts';
import { type ToolId, toolDefinition } from '../native/tools.ts';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText, DisassembleParams, Disassembly } from '../protocol/elf.ts';
import { UserError } from '../protocol/errors.ts';
import type { ElfFile } from './elf-file.ts';
import { findCode } from './find-code.ts';
import { machineShortName } from './names/machines.ts';
import { withElfFile } from './open-elf.ts';
import { objectType } from './reader/file-header.ts';

/** What an editor still opens at once; a function of this size is generated code. */
const outputCapBytes = 8 << 20;
const deadlineMs = 30_000;

type Exited = Extract<RunOutcome, { kind: 'exited' }>;

/** One of the two programs that show machine code, as they are called for one file. */
interface Disassembler {
  readonly door: NativeDoor;
  readonly tool: Extract<ToolId, 'objdump' | 'llvmObjdump'>;
  readonly path: ByteText;
  readonly options: readonly string[];
  readonly signal: AbortSignal | undefined;
}

/**
 * Machine code as text, from objdump; from llvm-objdump where this objdump does not know the machine.
 * Throws UserError as the other readers do, and toolMissing, toolFailed, toolTimedOut; invalidParams for a symbol that the
 * file does not have or that has no code; what the signal is aborted with.
 */
export async function disassemble(
  door: NativeDoor,
  path: ByteText,
  { symbol, source = false }: Omit<DisassembleParams, 'uri'>,
  signal?: AbortSignal,
): Promise<Disassembly> {
  signal?.throwIfAborted();
  const { machine, type, code } = await withElfFile(path, async file => {
    const found = symbol === undefined ? undefined : await codeOf(file, path, symbol, signal);
    return { machine: file.image.header.machine, type: file.image.header.type, code: found };
  });
  // Only the relocations of an object file say what is called.
  const options = [
    ...plainOptions,
    ...(source ? ['-S', '-l'] : []),
    ...(type === objectType.relocatable ? ['-r'] : []),
  ];
  const show = (tool: Disassembler['tool']): Promise<Disassembly> =>
    showCode({ door, tool, path, options, signal }, code);
  try {
    return await show('objdump');
  } catch (error) {
    if (!(error instanceof UnknownMachine)) throw error;
    return await showForeign(error, machine, door, () => show('llvmObjdump'));
  }
}

/** LLVM's objdump knows all machines that LLVM was built for, binutils' often only its own. */
async function showForeign(
  unknown: UnknownMachine,
  machine: number,
  door: NativeDoor,
  show: () => Promise<Disassembly>,
): Promise<Disassembly> {
  let others = 'there is no llvm-objdump';
  if ((await door.find('llvmObjdump')).kind === 'found') {
    try {
      return await show();
    } catch (error) {
      if (!(error instanceof UnknownMachine)) throw error;
      others = `llvm-objdump cannot either (${error.message})`;
    }
  }
  throw new UserError(
    'toolFailed',
    `This objdump cannot disassemble code for ${machineShortName(machine)} (${unknown.message}), and ${others}. An objdump for many machines is in the package binutils-multiarch of Debian and Ubuntu; the settings binaryDetective.tools.objdump and binaryDetective.tools.llvmObjdump name another one.`,
    'apt-get install binutils-multiarch',
  );
}

/** Without the bytes of the instructions, which nobody reads beside them; each instruction on one line. */
const plainOptions = ['-d', '--no-show-raw-insn', '--wide'];

/** The program does not know the machine; its own words. */
class UnknownMachine extends Error {}

interface SymbolCode {
  readonly symbol: ByteText;
  /** Addresses `0x…`; null where the symbol's own place is not known. */
  readonly start: string | null;
  readonly end: string | null;
}

async function codeOf(
  file: ElfFile,
  path: ByteText,
  symbol: ByteText,
  signal: AbortSignal | undefined,
): Promise<SymbolCode> {
  const code = await findCode(file, symbol, signal);
  if (code.kind === 'missing') {
    throw new UserError('invalidParams', `${displayText(path)} has no symbol "${displayText(symbol)}".`);
  }
  if (code.kind === 'noCode') {
    throw new UserError(
      'invalidParams',
      `"${displayText(symbol)}" in ${displayText(path)} ${code.reason}, so there is no code to show.`,
    );
  }
  return { symbol, start: code.start, end: code.end };
}

async function showCode(disassembler: Disassembler, code: SymbolCode | undefined): Promise<Disassembly> {
  if (code === undefined) {
    const text = await run(disassembler, ['--section=.text']);
    return hasInstructions(text.text) ? text : await run(disassembler, []);
  }
  const { symbol, start, end } = code;
  const option = disassembler.tool === 'objdump' ? '--disassemble' : '--disassemble-symbols';
  const byName = await run(disassembler, [`${option}=${symbol}`]);
  if (hasInstructions(byName.text)) return withoutEmptySections(byName);
  // objdump knows an address by one of its names only, and by that with its version. By its address it finds every symbol.
  if (start === null || end === null) {
    const { tool, path } = disassembler;
    throw new UserError('toolFailed', `${tool} shows no code for "${displayText(symbol)}" in ${displayText(path)}.`);
  }
  return withoutEmptySections(await run(disassembler, [`--start-address=${start}`, `--stop-address=${end}`]));
}

/** objdump names every section with code, also those that have nothing of the symbol. */
function withoutEmptySections(disassembly: Disassembly): Disassembly {
  const text = disassembly.text.replace(
    /^Disassembly of section [^\n]*:\n\n?(?=\n*(?:Disassembly of section |$(?!\n)))/gmu,
    '',
  );
  return { ...disassembly, text };
}

async function run(disassembler: Disassembler, selection: readonly ByteText[]): Promise<Disassembly> {
  const { door, tool, path, options, signal } = disassembler;
  // A path that begins with "-" must not be taken for an option; only objdump knows "--".
  const file = tool === 'objdump' ? ['--', path] : [path.startsWith('-') ? `./${path}` : path];
  const args = [...options, ...selection, ...file];
  const outcome = await door.runTool(tool, {
    args,
    deadlineMs,
    outputCapBytes,
    whenCapped: 'kill',
    ...(signal === undefined ? {} : { signal }),
  });
  const exited = exitedOrThrow(outcome, path, signal);
  const truncated = exited.truncated.stdout;
  if (!truncated && (exited.exitCode !== 0 || exited.stdout.length === 0)) throw failure(exited, disassembler);
  const text = decodeBytes(exited.stdout);
  const command = shellCommand([toolDefinition(tool).names[0] ?? tool, ...args]);
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

function failure({ stderr, exitCode, signal }: Exited, { tool, path }: Disassembler): Error {
  // The first complaint is the cause, later ones its consequences.
  const lines = decodeBytes(stderr)
    .split('\n')
    .filter(line => line.trim() !== '');
  const words = displayText(lines[0] ?? '');
  if (
    /can't disassemble for architecture|file format not recogni[sz]ed|can't find target|unable to get target/u.test(
      words,
    )
  )
    return new UnknownMachine(words);
  const how = signal === null ? `exit code ${exitCode}` : `signal ${signal}`;
  return new UserError(
    'toolFailed',
    `${toolDefinition(tool).names[0] ?? tool} failed on ${displayText(path)} (${how}): ${words === '' ? 'it gave no reason' : words}.`,
  );
}
