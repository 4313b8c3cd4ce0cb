import type { ElfFile } from '../elf/elf-file.ts';
import { machine } from '../elf/names/machines.ts';
import { withElfFile } from '../elf/open-elf.ts';
import { dynamicTag } from '../elf/reader/dynamic-section.ts';
import { segmentType } from '../elf/reader/program-headers.ts';
import { decodeBytes } from '../native/byte-text.ts';
import { installCommand, thisDistribution } from '../native/distribution.ts';
import type { ToolId } from '../native/tools.ts';
import type { ByteText } from '../protocol/elf.ts';
import { UserError } from '../protocol/errors.ts';
import { interpreterOf } from './starter.ts';

/** For which programs a shim is compiled: it has to be of their C library and their width. */
export interface ShimVariant {
  readonly tool: Extract<ToolId, 'cc' | 'muslCc'>;
  readonly flags: readonly string[];
  /** What a person does where the compiler cannot make it; absent: what helps for any program. */
  readonly remedy?: { readonly sentence: string; readonly command: string };
}

export const plainVariant: ShimVariant = { tool: 'cc', flags: [] };

/** musl-gcc looks for no headers but musl's own; those of the kernel are the same for every C library. */
const kernelHeaders = ['/usr/include', '/usr/include/x86_64-linux-gnu', '/usr/include/aarch64-linux-gnu'];
const muslVariant: ShimVariant = { tool: 'muslCc', flags: kernelHeaders.flatMap(folder => ['-idirafter', folder]) };

const maximumInterpreters = 5;
const multilib = {
  debian: 'gcc-multilib',
  fedora: 'glibc-devel.i686 libgcc.i686',
  arch: 'lib32-gcc-libs',
  alpine: 'gcc',
};

/** By the program's file, or that of its interpreter. The plain one where the file tells nothing. */
export async function variantFor(path: ByteText): Promise<ShimVariant> {
  let program = path;
  for (let depth = 0; depth < maximumInterpreters; depth += 1) {
    const [interpreter] = interpreterOf(program).words;
    if (interpreter === undefined) break;
    program = interpreter;
  }
  try {
    return await withElfFile(program, variantOf);
  } catch (error) {
    if (error instanceof UserError) return plainVariant;
    throw error;
  }
}

function variantOf(file: ElfFile): ShimVariant {
  // Where musl is the system's own, its compiler is the one for it.
  if (isForMusl(file)) return thisDistribution() === 'alpine' ? plainVariant : muslVariant;
  const { fields, header } = file.image;
  if (fields.class !== 32 || header.machine !== machine.i386 || process.arch !== 'x64') return plainVariant;
  const command = installCommand(multilib, thisDistribution());
  const sentence = `The program has 32 bits, and the C compiler cannot make a 32-bit fault shim for it. Install what it needs (${command}), or build the program for 64 bits.`;
  return { tool: 'cc', flags: ['-m32'], remedy: { sentence, command } };
}

/** Whether musl's loader will run it. */
function isForMusl({ image, dynamic }: ElfFile): boolean {
  const interpreter = [...image.segments].find(({ type }) => type === segmentType.interpreter);
  if (interpreter === undefined) return false;
  const loader = decodeBytes(image.source.string(Number(interpreter.offset), 4096));
  const needed = dynamic()?.names(dynamicTag.needed) ?? [];
  return /\/ld-musl-/u.test(loader) || needed.some(library => library.startsWith('libc.musl-'));
}
