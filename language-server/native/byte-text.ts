import type { ByteText } from '../protocol/elf.ts';

/**
 * Names on Unix and in ELF files are byte strings, usually but not always UTF-8. Inside the project they are JavaScript
 * strings in which each undecodable byte 0x80…0xFF is a lone surrogate U+DC80…U+DCFF, as Python's "surrogateescape" has it
 * (PEP 383). The mapping is lossless both ways and survives JSON.
 */

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const loneSurrogateEscape = /[\uDC80-\uDCFF]/u;

/** Decodes a byte string. Bytes that are not part of valid UTF-8 become U+DC80…U+DCFF. */
export function decodeBytes(bytes: Uint8Array): ByteText {
  if (isAscii(bytes)) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return decodeEscaped(bytes);
  }
}

/** The byte string that {@link decodeBytes} was given. Other lone surrogates become U+FFFD, as in any UTF-8 encoder. */
export function encodeBytes(text: ByteText): Buffer {
  if (!loneSurrogateEscape.test(text)) return Buffer.from(text, 'utf8');
  const parts: Buffer[] = [];
  let plain = '';
  for (const character of text) {
    if (!loneSurrogateEscape.test(character)) {
      plain += character;
      continue;
    }
    parts.push(Buffer.from(plain, 'utf8'), Buffer.of(character.charCodeAt(0) - 0xdc00));
    plain = '';
  }
  parts.push(Buffer.from(plain, 'utf8'));
  return Buffer.concat(parts);
}

/** What `node:fs` takes for this name: the text itself where it is plain, else its bytes. */
export function osPath(text: ByteText): string | Buffer {
  return loneSurrogateEscape.test(text) ? encodeBytes(text) : text;
}

/**
 * The text as it may be shown: escaped bytes as `\xNN`, control characters (so also terminal escape sequences and newlines)
 * as `\xNN`, and bidirectional overrides as `\u{…}`, so that a name cannot pretend to be another or command a terminal.
 */
export function displayText(text: ByteText): string {
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this function is about.
    /[\u0000-\u001F\u007F-\u009F\uDC80-\uDCFF]|[\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu,
    escapeCharacter,
  );
}

function escapeCharacter(character: string): string {
  const code = character.charCodeAt(0);
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`;
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  return `\\u{${code.toString(16)}}`;
}

function isAscii(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte >= 0x80) return false;
  return true;
}

/** Decodes maximal valid UTF-8 runs and escapes single bytes between them. */
function decodeEscaped(bytes: Uint8Array): ByteText {
  let text = '';
  let start = 0;
  while (start < bytes.length) {
    const length = validSequenceLength(bytes, start);
    if (length === 0) {
      text += String.fromCharCode(0xdc00 + (bytes[start] ?? 0));
      start += 1;
    } else {
      text += strictUtf8.decode(bytes.subarray(start, start + length));
      start += length;
    }
  }
  return text;
}

/** Length of the UTF-8 sequence that begins at `at`, 1 to 4; 0 where there is none. */
function validSequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return 1;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
  if (length === 0 || at + length > bytes.length) return 0;
  try {
    strictUtf8.decode(bytes.subarray(at, at + length));
    return length;
  } catch {
    return 0;
  }
}
