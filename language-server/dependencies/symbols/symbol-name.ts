import { decodeBytes, encodeBytes } from '../../native/byte-text.ts';
import type { ByteText } from '../../protocol/elf.ts';

/** A name to look up: its bytes as latin1, and their hash values, each made when it is first asked for. */
export interface SymbolName {
  readonly bytes: string;
  /** Of DT_GNU_HASH, 32 bits without a sign. */
  gnuHash(): number;
  /** Of DT_HASH (gABI, "Hash Table"). */
  sysvHash(): number;
}

export function symbolName(bytes: string): SymbolName {
  let gnu = -1;
  let sysv = -1;
  return {
    bytes,
    gnuHash() {
      if (gnu < 0) gnu = gnuHashOf(bytes);
      return gnu;
    },
    sysvHash() {
      if (sysv < 0) sysv = sysvHashOf(bytes);
      return sysv;
    },
  };
}

/** As it is shown and travels. */
export function nameText(bytes: string): ByteText {
  return decodeBytes(Buffer.from(bytes, 'latin1'));
}

export function nameBytes(text: ByteText): string {
  return encodeBytes(text).toString('latin1');
}

/** Bernstein's `h * 33 + c`. */
function gnuHashOf(bytes: string): number {
  let hash = 5381;
  for (let index = 0; index < bytes.length; index += 1) hash = (Math.imul(hash, 33) + bytes.charCodeAt(index)) | 0;
  return hash >>> 0;
}

function sysvHashOf(bytes: string): number {
  let hash = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    hash = ((hash << 4) + bytes.charCodeAt(index)) >>> 0;
    const high = hash & 0xf0000000;
    hash = (hash ^ (high >>> 24)) & ~high;
  }
  return hash >>> 0;
}
