import type { NativeDoor } from '../native/door.ts';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText, DisassembleParams, Disassembly } from '../protocol/elf.ts';
import { disassemble } from './disassemble.ts';
import { withPlainFile } from './extract-member.ts';
import { withElfFile } from './open-elf.ts';

/**
 * {@link disassemble} for members of archives (`libx.a(part.o)`) too: objdump takes an archive as a whole only, so it is given
 * a copy of the member, and its text names the member.
 */
export async function disassembleAny(
  door: NativeDoor,
  path: ByteText,
  request: Omit<DisassembleParams, 'uri'>,
  signal?: AbortSignal,
): Promise<Disassembly> {
  return await withPlainFile(path, async plain => {
    const shown = await disassemble(door, plain.path, request, signal);
    if (!plain.isCopy) return shown;
    const { name, copying } = await withElfFile(path, file => ({ name: file.path, copying: file.command([]) }));
    return {
      ...shown,
      text: shown.text.replaceAll(plain.path, displayText(name)),
      command: memberCommandOf(copying, shown.command, plain.path),
    };
  });
}

/** The commands that copy the member, and then what was run on the copy. */
function memberCommandOf(copying: string, run: string, plain: string): string {
  const [copy = '', file = ''] = copying.split(' && ');
  return `${copy} && ${run.replace(plain, () => file)}`;
}
