import type { ByteText } from '../protocol/elf.ts';
import { encodeBytes } from './byte-text.ts';

/**
 * One argument as a word of POSIX sh. Libraries for this take JavaScript strings and so lose bytes that are not UTF-8; here
 * such names, and names with control characters, become `"$(printf …)"`, which every sh reads back byte for byte.
 */
export function shellWord(argument: ByteText): string {
  if (/^[\w@%+=:,./-]+$/u.test(argument)) return argument;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters would act on the terminal they are pasted to.
  if (!/[\u0000-\u001F\u007F\uDC80-\uDCFF]/u.test(argument)) return singleQuoted(argument);
  // Command substitution drops trailing newlines, so those stand behind it as they are.
  const body = argument.replace(/\n+$/u, '');
  const octal = Array.from(encodeBytes(body), octalOrPlain).join('');
  return `"$(printf '${octal}')${argument.slice(body.length)}"`;
}

/** A command line for a person to paste. It is never run by us. */
export function shellCommand(args: readonly ByteText[]): string {
  return args.map(shellWord).join(' ');
}

function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** A byte inside the format of printf(1) inside single quotes: letters as they are, all else as `\ooo`. */
function octalOrPlain(byte: number): string {
  const character = String.fromCharCode(byte);
  return /[\w@+=:,./ ]/u.test(character) && byte < 0x80 ? character : `\\${byte.toString(8).padStart(3, '0')}`;
}
