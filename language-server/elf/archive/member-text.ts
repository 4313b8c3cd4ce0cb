import type { NativeDoor } from '../../native/door.ts';
import type { DisassembledPart } from '../../protocol/disassembly.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { RawView } from '../../protocol/raw.ts';
import { disassemble } from '../disassemble.ts';
import { withElfFile } from '../open-elf.ts';
import { readRawText } from '../raw/raw-text.ts';
import type { PrintedEnd, PrintOptions } from '../raw/text-writer.ts';
import { withPlainFile } from './extract-member.ts';

/** {@link disassemble} for members of archives (`libx.a(part.o)`) too. */
export async function disassembleAny(
  door: NativeDoor,
  path: ByteText,
  part: DisassembledPart,
  options: PrintOptions,
): Promise<PrintedEnd> {
  return await printedOf(path, options, (plain, print) => disassemble(door, plain, part, print));
}

/** {@link readRawText} for members of archives (`libx.a(part.o)`) too. */
export async function rawTextOfAny(
  door: NativeDoor,
  path: ByteText,
  view: RawView,
  options: PrintOptions,
): Promise<PrintedEnd> {
  return await printedOf(path, options, (plain, print) => readRawText(door, plain, view, print));
}

/**
 * What a program prints of a file. It is given a copy of a member, since it takes archives as a whole only; the text and the
 * command then name the member.
 */
async function printedOf(
  path: ByteText,
  options: PrintOptions,
  print: (plainPath: ByteText, options: PrintOptions) => Promise<PrintedEnd>,
): Promise<PrintedEnd> {
  return await withPlainFile(path, async plain => {
    if (!plain.isCopy) return await print(plain.path, options);
    const { name, copying } = await withElfFile(path, file => ({ name: file.path, copying: file.command([]) }));
    const shown = displayText(name);
    const onText = (text: string): void => options.onText(text.replaceAll(plain.path, () => shown));
    const printed = await print(plain.path, { ...options, onText });
    return { ...printed, command: memberCommandOf(copying, printed.command, plain.path) };
  });
}

/** The commands that copy the member, and then what was run on the copy. */
function memberCommandOf(copying: string, run: string, plain: string): string {
  const [copy = '', file = ''] = copying.split(' && ');
  return `${copy} && ${run.replace(plain, () => file)}`;
}
