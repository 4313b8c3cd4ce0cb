import { decodeBytes } from '../native/byte-text.ts';
import type { NativeDoor } from '../native/door.ts';
import { shellCommand } from '../native/shell-quote.ts';
import { type ToolId, toolDefinition } from '../native/tools.ts';
import type { DisassembledPart } from '../protocol/disassembly.ts';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import { UserError } from '../protocol/errors.ts';
import { type FoundCode, findPart } from './find-code.ts';
import { machineShortName } from './names/machines.ts';
import { withElfFile } from './open-elf.ts';
import { createListingWriter } from './raw/listing-writer.ts';
import { type Printed, printLines } from './raw/print-lines.ts';
import { cutAtLimit, type PrintedEnd, type PrintOptions } from './raw/text-writer.ts';
import { objectType } from './reader/file-header.ts';

type Exited = Extract<Printed, { kind: 'exited' }>;

/** One of the two programs that show machine code, as they are called for one file. */
interface Disassembler {
  readonly door: NativeDoor;
  readonly tool: Extract<ToolId, 'objdump' | 'llvmObjdump'>;
  readonly path: ByteText;
  readonly options: readonly string[];
  readonly print: PrintOptions;
}

/**
 * Machine code as text, line by line, from objdump; from llvm-objdump where this objdump does not know the machine.
 * Throws UserError as the other readers do, and toolMissing, toolFailed, toolTimedOut; invalidParams for a symbol or section
 * that the file does not have or that has no code; what the signal is aborted with.
 */
export async function disassemble(
  door: NativeDoor,
  path: ByteText,
  { source = false, ...part }: DisassembledPart,
  print: PrintOptions,
): Promise<PrintedEnd> {
  print.signal?.throwIfAborted();
  const { machine, type, code } = await withElfFile(path, async file => {
    const { header } = file.image;
    return { machine: header.machine, type: header.type, code: await findPart(file, path, part, print.signal) };
  });
  // Only the relocations of an object file say what is called.
  const options = [
    ...plainOptions,
    ...(source ? ['-S', '-l'] : []),
    ...(type === objectType.relocatable ? ['-r'] : []),
  ];
  const show = (tool: Disassembler['tool']): Promise<PrintedEnd> =>
    showCode({ door, tool, path, options, print }, code);
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
  show: () => Promise<PrintedEnd>,
): Promise<PrintedEnd> {
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

/** What the program prints of a part of the code; undefined: there was no instruction in it, and nothing was handed on. */
type Shown = PrintedEnd | undefined;

async function showCode(disassembler: Disassembler, code: FoundCode): Promise<PrintedEnd> {
  switch (code.kind) {
    case 'all':
      return (await run(disassembler, ['--section=.text'])) ?? (await runAnyway(disassembler, []));
    case 'section':
      return await runAnyway(disassembler, [`--section=${code.name}`]);
    case 'symbol':
      return await showSymbol(disassembler, code);
  }
}

async function showSymbol(
  disassembler: Disassembler,
  { name, start, end }: Extract<FoundCode, { kind: 'symbol' }>,
): Promise<PrintedEnd> {
  const { tool, path } = disassembler;
  const option = tool === 'objdump' ? '--disassemble' : '--disassemble-symbols';
  const byName = await run(disassembler, [`${option}=${name}`]);
  if (byName !== undefined) return byName;
  // objdump knows an address by one of its names only, and by that with its version. By its address it finds every symbol.
  if (start === null || end === null) {
    throw new UserError('toolFailed', `${tool} shows no code for "${displayText(name)}" in ${displayText(path)}.`);
  }
  return await runAnyway(disassembler, [`--start-address=${start}`, `--stop-address=${end}`]);
}

/** Undefined: it printed no instruction, and what it printed was not handed on. */
async function run(disassembler: Disassembler, selection: readonly ByteText[]): Promise<Shown> {
  return await runWith(disassembler, selection, 'drop');
}

/** What it prints is shown, whether there are instructions in it or not. */
async function runAnyway(disassembler: Disassembler, selection: readonly ByteText[]): Promise<PrintedEnd> {
  const shown = await runWith(disassembler, selection, 'keep');
  if (shown === undefined) throw new Error('A listing without instructions was dropped.');
  return shown;
}

async function runWith(
  disassembler: Disassembler,
  selection: readonly ByteText[],
  withoutInstructions: 'keep' | 'drop',
): Promise<Shown> {
  const { door, tool, path, options, print } = disassembler;
  const { maximumLines, signal, deadlineMs = Number.POSITIVE_INFINITY } = print;
  // A path that begins with "-" must not be taken for an option; only objdump knows "--".
  const file = tool === 'objdump' ? ['--', path] : [path.startsWith('-') ? `./${path}` : path];
  const args = [...options, ...selection, ...file];
  const command = shellCommand([toolDefinition(tool).names[0] ?? tool, ...args]);
  const writer = createListingWriter(print);
  const printed = await printLines(door, tool, { args, deadlineMs, signal, onLine: writer.line });
  const cut = (reason: string, cutAtLines: number | null): PrintedEnd => {
    writer.block([`${reason} All of it: ${displayText(command)}`]);
    return { truncated: reason, cutAtLines, command };
  };
  if (printed.kind === 'enough') return cut(cutAtLimit(maximumLines), maximumLines);
  if (printed.kind === 'timedOut') {
    const ended = `${toolDefinition(tool).names[0] ?? tool} took longer than ${printed.deadlineMs / 1000} seconds for ${displayText(path)} and was ended.`;
    if (!writer.hasInstructions) throw new UserError('toolTimedOut', ended);
    return cut(ended, null);
  }
  const failed = printed.exitCode !== 0 ? failure(printed, disassembler) : undefined;
  if (writer.hasInstructions) {
    return failed === undefined ? { truncated: null, cutAtLines: null, command } : cut(failed.message, null);
  }
  if (failed !== undefined || writer.isSilent) throw failed ?? failure(printed, disassembler);
  if (withoutInstructions === 'drop') return undefined;
  writer.release();
  return { truncated: null, cutAtLines: null, command };
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
