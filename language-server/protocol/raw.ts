import type { FileParams } from './elf.ts';
import { requestMethod } from './method.ts';
import type { PrintedText, PrintedTextParams } from './printed-text.ts';

/** Which program of binutils prints the text. */
export const rawViews = ['readelf', 'nm', 'objdump'] as const;

export type RawView = (typeof rawViews)[number];

export interface RawTextParams extends FileParams, PrintedTextParams {
  readonly view: RawView;
}

/**
 * Client → server: the text of `readelf -a`, `nm -D` (`nm` for files without dynamic symbols and for archives) or `objdump -x`,
 * with the program's complaints behind it. What it could print of a broken file is an answer. Streams {@link PrintedPart}, so
 * that the first lines are there at once and nothing is collected. Cancelling ends the program. Takes ELF files and archives
 * of them.
 * Errors: notFound, unreadable, notRegularFile, notElf, invalidParams, toolMissing, toolFailed, toolTimedOut (only where
 * nothing is streamed).
 */
export const elfRaw = requestMethod<RawTextParams, PrintedText>('binaryDetective/elf/raw');
