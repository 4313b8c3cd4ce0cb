import { endianness } from 'node:os';
import type { FieldReader } from '../reader/fields.ts';
import type { SymbolLayout } from '../reader/symbol-table.ts';

/**
 * Symbols that lie one behind the other, by what filters look at of all of them: in typed arrays, which loops run over as
 * quickly the first time as later.
 */
export interface SymbolBlock {
  readonly length: number;
  /** `st_name` of each. */
  readonly names: Uint32Array;
  /** `st_info`, `st_other` and `st_shndx` of each in one number, which is only to be compared with that of another. */
  readonly marks: Int32Array;
}

/** @param bytes Whole symbols. */
export function decodeSymbolBlock(bytes: Buffer, fields: FieldReader, layout: SymbolLayout): SymbolBlock {
  const words = nativeWords(bytes, fields);
  const step = layout.bytes / 4;
  const marksPlace = Math.floor(layout.info / 4);
  const length = words.length / step;
  const names = new Uint32Array(length);
  const marks = new Int32Array(length);
  for (let at = 0, word = 0; at < length; at += 1, word += step) {
    names[at] = words[word] ?? 0;
    marks[at] = words[word + marksPlace] ?? 0;
  }
  return { length, names, marks };
}

const machineOrder = endianness() === 'LE' ? 'little' : 'big';

/** Words of 32 bits as numbers of this machine. */
function nativeWords(bytes: Buffer, { byteOrder }: FieldReader): Uint32Array {
  const isNative = bytes.byteOffset % 4 === 0 && byteOrder === machineOrder;
  const own = isNative ? bytes : Buffer.from(Uint8Array.from(bytes).buffer);
  if (byteOrder !== machineOrder) own.swap32();
  return new Uint32Array(own.buffer, own.byteOffset, own.length / 4);
}
