import { isPlainText } from '../protocol/display-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import { encodeBytes } from './byte-text.ts';

/**
 * One argument as a word of POSIX sh. Libraries for this take JavaScript strings and so lose bytes that are not UTF-8; here
 * such names, and names with characters that would act on a terminal or deceive the eye, become `"$(printf …)"`, which every
 * sh reads back byte for byte.
 */
export function shellWord(argument: ByteText): string {
  if (/^[\w@%+=:,./-]+$/u.test(argument)) return argument;
  if (isPlainText(argument)) return singleQuoted(argument);
  // Command substitution drops trailing newlines, so those stand behind it as they are.
  const body = argument.replace(/\n+$/u, '');
  const octal = Array.from(encodeBytes(body), octalOrPlain).join('');
  return `"$(printf '${octal}')${argument.slice(body.length)}"`;
}

/** A command line for a person to paste. It is never run by us. */
export function shellCommand(args: readonly ByteText[]): string {
  return args.map((argument, index) => (index === 0 ? commandWord(argument) : shellWord(argument))).join(' ');
}

/** As the first word, `a=b` would set a variable and `time` or `if` would be the shell's own (POSIX XCU 2.4, 2.9.1). */
function commandWord(command: ByteText): string {
  const ofTheShell = /^(?:\w+=.*|case|coproc|do|done|elif|else|esac|fi|for|function|if|select|then|time|until|while)$/u;
  return ofTheShell.test(command) ? singleQuoted(command) : shellWord(command);
}

function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** A byte inside the format of printf(1) inside single quotes: letters as they are, all else as `\ooo`. */
function octalOrPlain(byte: number): string {
  const character = String.fromCharCode(byte);
  return /[\w@+=:,./ ]/u.test(character) && byte < 0x80 ? character : `\\${byte.toString(8).padStart(3, '0')}`;
}
