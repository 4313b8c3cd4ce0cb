import type { ElfFile } from '../elf/elf-file.ts';
import { withElfFile } from '../elf/open-elf.ts';
import type { ByteText } from '../protocol/elf.ts';
import { UserError } from '../protocol/errors.ts';

/** What is asked of an ELF file; a sentence where it is none, or cannot be read. */
export async function ofElfFile<T>(path: ByteText, ask: (file: ElfFile) => T): Promise<T | string> {
  try {
    return await withElfFile(path, ask);
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}
