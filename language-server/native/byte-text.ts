import { isUtf8 } from 'node:buffer';
import type { ByteText } from '../protocol/elf.ts';

/**
 * Names on Unix and in ELF files are byte strings, usually but not always UTF-8. Inside the project they are JavaScript
 * strings in which each undecodable byte 0x80…0xFF is a lone surrogate U+DC80…U+DCFF, as Python's "surrogateescape" has it
 * (PEP 383). The mapping is lossless both ways and survives JSON.
 */

const loneSurrogateEscape = /[\uDC80-\uDCFF]/u;

/** Decodes a byte string. Bytes that are not part of valid UTF-8 become U+DC80…U+DCFF. */
export function decodeBytes(bytes: Uint8Array): ByteText {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return isUtf8(buffer) ? buffer.toString('utf8') : decodeEscaped(buffer);
}

/** The byte string that {@link decodeBytes} was given. Other lone surrogates become U+FFFD, as in any UTF-8 encoder. */
export function encodeBytes(text: ByteText): Buffer {
  if (!loneSurrogateEscape.test(text)) return Buffer.from(text, 'utf8');
  // A code unit takes three bytes at most: a pair of them takes four.
  const bytes = Buffer.allocUnsafe(text.length * 3);
  let length = 0;
  for (let at = 0; at < text.length; at += 1) {
    const point = text.codePointAt(at) ?? 0;
    if (point < 0x80) bytes[length++] = point;
    else if (point >= 0xdc80 && point <= 0xdcff) bytes[length++] = point - 0xdc00;
    else length += bytes.write(String.fromCodePoint(point), length, 'utf8');
    if (point > 0xffff) at += 1;
  }
  return bytes.subarray(0, length);
}

/** What `node:fs` takes for this name: the text itself where it is plain, else its bytes. */
export function osPath(text: ByteText): string | Buffer {
  return loneSurrogateEscape.test(text) ? encodeBytes(text) : text;
}

/** Decodes valid sequences and escapes the single bytes between them, in one pass that is linear whatever the bytes are. */
function decodeEscaped(bytes: Uint8Array): ByteText {
  // A sequence never has more UTF-16 units than bytes.
  const units = new Uint16Array(bytes.length);
  let count = 0;
  let at = 0;
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at);
    const point = length === 0 ? 0xdc00 + (bytes[at] ?? 0) : codePoint(bytes, at, length);
    if (point > 0xffff) units[count++] = 0xd7c0 + (point >> 10);
    units[count++] = point > 0xffff ? 0xdc00 + (point & 0x3ff) : point;
    at += Math.max(length, 1);
  }
  let text = '';
  // In pieces that fit on the stack as arguments. Decoders of UTF-16 would replace the lone surrogates.
  for (let start = 0; start < count; start += 4096) {
    text += String.fromCharCode(...units.subarray(start, Math.min(start + 4096, count)));
  }
  return text;
}

/** The smallest code point that needs a sequence of this length: a longer one than needed is no UTF-8 (RFC 3629, section 3). */
const smallestPoint = [0, 0, 0x80, 0x800, 0x10000] as const;

/** Length of the UTF-8 sequence that begins at `at`, 1 to 4; 0 where there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return 1;
  const length = lead >= 0xf8 ? 0 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 0;
  for (let index = 1; index < length; index += 1) if (((bytes[at + index] ?? 0) & 0xc0) !== 0x80) return 0;
  const point = codePoint(bytes, at, length);
  const valid = point >= (smallestPoint[length] ?? 0) && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
  return valid ? length : 0;
}

function codePoint(bytes: Uint8Array, at: number, length: number): number {
  let point = (bytes[at] ?? 0) & (length === 1 ? 0x7f : 0xff >> (length + 1));
  for (let index = 1; index < length; index += 1) point = (point << 6) | ((bytes[at + index] ?? 0) & 0x3f);
  return point;
}
