import type { FileParams } from './elf.ts';
import { requestMethod } from './method.ts';

/** Which program of binutils prints the text. */
export const rawViews = ['readelf', 'nm', 'objdump'] as const;

export type RawView = (typeof rawViews)[number];

export interface RawTextParams extends FileParams {
  readonly view: RawView;
}

export interface RawText {
  /**
   * What the program printed, with its warnings behind it. A cut stands at the end of the text as well, with the command that
   * prints the rest.
   */
  readonly text: string;
  /** Set where the output was cut, with the reason in words. */
  readonly truncated: string | null;
  /** The command that was run, quoted for POSIX sh. */
  readonly command: string;
}

/**
 * Client → server: the text of `readelf -a`, `nm -D` (`nm` for files without dynamic symbols and for archives) or `objdump -x`,
 * capped. What the program could print of a broken file is an answer, with its complaints. Cancellable. Takes ELF files and
 * archives of them.
 * Errors: notFound, unreadable, notRegularFile, notElf, invalidParams, toolMissing, toolFailed, toolTimedOut.
 */
export const elfRaw = requestMethod<RawTextParams, RawText>('binaryDetective/elf/raw');
