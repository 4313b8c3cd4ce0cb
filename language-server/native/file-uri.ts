import { displayText } from '../protocol/display-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import { UserError } from '../protocol/errors.ts';
import { decodeBytes, encodeBytes } from './byte-text.ts';

/**
 * The path that a `file:` URI names. Percent-encoded bytes need not be UTF-8 (RFC 8089 leaves the encoding open).
 * Throws UserError `invalidParams` for another scheme, a remote host or no absolute path.
 */
export function fileUriToPath(uri: string): ByteText {
  const match = /^file:(?:\/\/(?:localhost)?(\/[^?#]*)|(\/(?!\/)[^?#]*))$/iu.exec(uri);
  const encoded = match?.[1] ?? match?.[2];
  if (encoded === undefined) {
    throw new UserError(
      'invalidParams',
      `Only files on this machine can be read (file:///…), not "${displayText(uri)}".`,
    );
  }
  const path = decodeBytes(percentDecode(encoded));
  if (path.includes('\0')) throw new UserError('invalidParams', 'A file name cannot hold a NUL byte.');
  return path;
}

/** The `file:` URI of an absolute path; each byte that a URI cannot hold as it is becomes `%XX`. */
export function pathToFileUri(path: ByteText): string {
  if (!path.startsWith('/')) {
    throw new UserError('invalidParams', `"${displayText(path)}" has no URI: it is not an absolute path.`);
  }
  const encoded = Array.from(encodeBytes(path), byte => {
    const character = String.fromCharCode(byte);
    return /[\w.~/-]/u.test(character) && byte < 0x80
      ? character
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  });
  return `file://${encoded.join('')}`;
}

function percentDecode(text: string): Uint8Array {
  const source = encodeBytes(text);
  const decoded = new Uint8Array(source.length);
  let length = 0;
  for (let at = 0; at < source.length; at += 1) {
    const digits = source.subarray(at + 1, at + 3).toString('latin1');
    if (source[at] === 0x25 && /^[0-9a-fA-F]{2}$/u.test(digits)) {
      decoded[length] = Number.parseInt(digits, 16);
      at += 2;
    } else {
      decoded[length] = source[at] ?? 0;
    }
    length += 1;
  }
  return decoded.subarray(0, length);
}
