import { type Extended, extendedToNumber, readBinary128, readX87 } from '../floats/extended.ts';
import { bfloatToNumber, halfToNumber } from '../floats/half.ts';
import type { DType } from './dtype.ts';

/** Elements as numbers; whole numbers of 64 bits are rounded to binary64, and so are long doubles. */
export type RealValues =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

/** Which of the two formats of 16 bytes a `float128` of NumPy's is: the file does not say. */
export type LongDouble = 'x87' | 'binary128';

/**
 * Elements of a type that {@link isReal} says yes to. Uses the given memory where its bytes are those of the numbers.
 * @param bytes whole elements, aligned as ranged reads give them.
 */
export function realValues(bytes: Buffer, dtype: DType, longDouble: LongDouble): RealValues {
  const { kind, itemBytes } = dtype;
  const { buffer, byteOffset } = bytes;
  const count = Math.floor(bytes.length / itemBytes);
  if (dtype.isBigEndian) swapBytes(bytes.subarray(0, count * itemBytes), itemBytes);
  switch (`${kind}${itemBytes}`) {
    case 'float4':
      return new Float32Array(buffer, byteOffset, count);
    case 'float8':
      return new Float64Array(buffer, byteOffset, count);
    case 'float2':
      return converted(new Uint16Array(buffer, byteOffset, count), halfToNumber);
    case 'bfloat2':
      return converted(new Uint16Array(buffer, byteOffset, count), bfloatToNumber);
    case 'bool1':
    case 'uint1':
      return new Uint8Array(buffer, byteOffset, count);
    case 'int1':
      return new Int8Array(buffer, byteOffset, count);
    case 'int2':
      return new Int16Array(buffer, byteOffset, count);
    case 'uint2':
      return new Uint16Array(buffer, byteOffset, count);
    case 'int4':
      return new Int32Array(buffer, byteOffset, count);
    case 'uint4':
      return new Uint32Array(buffer, byteOffset, count);
    case 'int8':
      return Float64Array.from(new BigInt64Array(buffer, byteOffset, count), Number);
    case 'uint8':
      return Float64Array.from(new BigUint64Array(buffer, byteOffset, count), Number);
    default: {
      const view = new DataView(buffer, byteOffset, bytes.length);
      return Float64Array.from({ length: count }, (_, index) =>
        extendedToNumber(extendedAt(view, index * itemBytes, itemBytes, longDouble)),
      );
    }
  }
}

/** Binary16 and bfloat16 are exact in binary32. */
function converted(from: Uint16Array, convert: (bits: number) => number): Float32Array {
  const values = new Float32Array(from.length);
  for (let index = 0; index < from.length; index += 1) values[index] = convert(from[index] ?? 0);
  return values;
}

/** A long double whose bytes have been put into little-endian order. */
export function extendedAt(view: DataView, at: number, itemBytes: number, kind: LongDouble): Extended {
  return itemBytes === 12 || kind === 'x87' ? readX87(view, at, true, itemBytes) : readBinary128(view, at, true);
}

/** Whole numbers of 64 bits as they are. */
export function bigValues(bytes: Buffer, dtype: DType): BigInt64Array | BigUint64Array {
  const { buffer, byteOffset } = bytes;
  const count = Math.floor(bytes.length / 8);
  if (dtype.isBigEndian) bytes.subarray(0, count * 8).swap64();
  return dtype.kind === 'uint'
    ? new BigUint64Array(buffer, byteOffset, count)
    : new BigInt64Array(buffer, byteOffset, count);
}

function swapBytes(bytes: Buffer, itemBytes: number): void {
  if (itemBytes === 2) bytes.swap16();
  else if (itemBytes === 4) bytes.swap32();
  else if (itemBytes === 8) bytes.swap64();
  else if (itemBytes > 8)
    for (let at = 0; at < bytes.length; at += itemBytes) bytes.subarray(at, at + itemBytes).reverse();
}

/**
 * x87 where its rule holds for every element that is looked at: the integer bit is set in all numbers but those with an exponent
 * of zero, and in all of infinity and NaN. Of binary128 numbers each obeys it by chance, one in two.
 */
export function longDoubleOf(bytes: Buffer, { itemBytes, isBigEndian }: DType): LongDouble {
  if (itemBytes === 12) return 'x87';
  let [seen, broken] = [0, 0];
  for (let at = 0; at + itemBytes <= bytes.length; at += itemBytes) {
    const item = Buffer.from(bytes.subarray(at, at + itemBytes));
    if (isBigEndian) item.reverse();
    const exponent = item.readUInt16LE(8) & 0x7fff;
    const integerBit = (item.readUInt8(7) & 0x80) !== 0;
    if (item.every(byte => byte === 0)) continue;
    seen += 1;
    if (integerBit !== exponent > 0) broken += 1;
  }
  return seen > 0 && broken > 0 ? 'binary128' : 'x87';
}
