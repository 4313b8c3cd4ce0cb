import type { NativeDoor } from '../../native/door.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText, DisassembleParams, Disassembly } from '../../protocol/elf.ts';
import type { RawText, RawView } from '../../protocol/raw.ts';
import { disassemble } from '../disassemble.ts';
import { withElfFile } from '../open-elf.ts';
import { readRawText } from '../raw/raw-text.ts';
import { withPlainFile } from './extract-member.ts';

/** {@link disassemble} for members of archives (`libx.a(part.o)`) too. */
export async function disassembleAny(
  door: NativeDoor,
  path: ByteText,
  request: Omit<DisassembleParams, 'uri'>,
  signal?: AbortSignal,
): Promise<Disassembly> {
  return await printedOf(path, plain => disassemble(door, plain, request, signal));
}

/** {@link readRawText} for members of archives (`libx.a(part.o)`) too. */
export async function rawTextOfAny(
  door: NativeDoor,
  path: ByteText,
  view: RawView,
  signal: AbortSignal,
): Promise<RawText> {
  return await printedOf(path, plain => readRawText(door, plain, view, { signal }));
}

/**
 * What a program prints of a file. It is given a copy of a member, since it takes archives as a whole only; the text and the
 * command then name the member.
 */
async function printedOf<Printed extends { readonly text: string; readonly command: string }>(
  path: ByteText,
  print: (plainPath: ByteText) => Promise<Printed>,
): Promise<Printed> {
  return await withPlainFile(path, async plain => {
    const printed = await print(plain.path);
    if (!plain.isCopy) return printed;
    const { name, copying } = await withElfFile(path, file => ({ name: file.path, copying: file.command([]) }));
    return {
      ...printed,
      text: printed.text.replaceAll(plain.path, () => displayText(name)),
      command: memberCommandOf(copying, printed.command, plain.path),
    };
  });
}

/** The commands that copy the member, and then what was run on the copy. */
function memberCommandOf(copying: string, run: string, plain: string): string {
  const [copy = '', file = ''] = copying.split(' && ');
  return `${copy} && ${run.replace(plain, () => file)}`;
}
