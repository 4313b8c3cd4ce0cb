import type { ByteText } from './elf.ts';

/**
 * Control characters (terminal escape sequences, newlines), bytes that are not text, and characters that reorder or hide
 * others: line and paragraph separators, bidirectional marks and overrides (UAX #9), spaces without width, lone surrogates.
 */
const deceptive = /[\p{Cc}\u061C\u200B\u200E\u200F\u2028-\u202E\u2060\u2066-\u2069\uFEFF\uD800-\uDFFF]/gu;

/**
 * The text as it may be shown, so that a name can neither pretend to be another nor command a terminal: escaped bytes and
 * control characters as `\xNN`, other characters that deceive as `\u{…}`.
 */
export function displayText(text: ByteText): string {
  return text.replace(deceptive, escapeCharacter);
}

/** Whether {@link displayText} would change the text. */
export function isPlainText(text: ByteText): boolean {
  return text.search(deceptive) === -1;
}

function escapeCharacter(character: string): string {
  const code = character.charCodeAt(0);
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`;
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  return `\\u{${code.toString(16)}}`;
}
