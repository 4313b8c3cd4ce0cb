import type { ByteText } from '../protocol/elf.ts';

/**
 * The same text in memory of its own. A part of a string keeps the whole string alive (V8's sliced strings), and what is kept
 * of the loader's output is small parts of large pieces of it.
 */
export function ownText(text: ByteText): ByteText {
  // Lone surrogates, which stand for bytes that are not UTF-8, come through this encoding as they are.
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
