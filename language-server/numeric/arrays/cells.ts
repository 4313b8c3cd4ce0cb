import { extendedText, type FloatFormat, floatText } from '../floats/decimal.ts';
import { bfloatToNumber, halfToNumber } from '../floats/half.ts';
import { dateText, durationText } from './dates.ts';
import type { DType } from './dtype.ts';
import { extendedAt, type LongDouble } from './elements.ts';

/** An element as NumPy's `repr` has it, with all its digits. @param bytes those of one element. */
export function cellText(bytes: Buffer, dtype: DType, longDouble: LongDouble): string {
  const { kind, itemBytes, isBigEndian } = dtype;
  if (bytes.length < itemBytes) return '';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const little = !isBigEndian;
  switch (kind) {
    case 'bool':
      return bytes[0] === 0 ? 'False' : 'True';
    case 'int':
    case 'uint':
      return wholeText(view, dtype);
    case 'bfloat':
      return floatText(bfloatToNumber(view.getUint16(0, little)), 'bfloat16');
    case 'float':
      return realText(bytes, 0, itemBytes, isBigEndian, longDouble);
    case 'complex':
      return complexText(bytes, dtype, longDouble);
    case 'bytes':
      return bytesText(trimmed(bytes));
    case 'text':
      return JSON.stringify(unicodeText(view, itemBytes, little));
    case 'datetime':
      return dateText(view.getBigInt64(0, little), dtype.unit);
    case 'timedelta':
      return durationText(view.getBigInt64(0, little), dtype.unit);
    case 'void':
      return bytesText(bytes);
    case 'object':
      return '(an object of Python, not unpickled)';
    case 'record':
      return `(${dtype.fields
        .map(field =>
          cellText(bytes.subarray(field.offset, field.offset + field.dtype.itemBytes), field.dtype, longDouble),
        )
        .join(', ')}${dtype.fields.length === 1 ? ',' : ''})`;
    case 'subarray':
      return subarrayText(bytes, dtype, longDouble);
  }
}

function wholeText(view: DataView, { kind, itemBytes, isBigEndian }: DType): string {
  const little = !isBigEndian;
  const signed = kind === 'int';
  switch (itemBytes) {
    case 1:
      return String(signed ? view.getInt8(0) : view.getUint8(0));
    case 2:
      return String(signed ? view.getInt16(0, little) : view.getUint16(0, little));
    case 4:
      return String(signed ? view.getInt32(0, little) : view.getUint32(0, little));
    default:
      return String(signed ? view.getBigInt64(0, little) : view.getBigUint64(0, little));
  }
}

const formats: Readonly<Record<number, FloatFormat>> = { 2: 'float16', 4: 'float32', 8: 'float64' };

function realText(bytes: Buffer, at: number, itemBytes: number, isBigEndian: boolean, longDouble: LongDouble): string {
  const item = Buffer.from(bytes.subarray(at, at + itemBytes));
  if (isBigEndian) item.reverse();
  const view = new DataView(item.buffer, item.byteOffset, item.length);
  const format = formats[itemBytes];
  if (format === undefined) {
    const kind = itemBytes === 12 ? 'x87' : longDouble;
    return extendedText(extendedAt(view, 0, itemBytes, kind), kind);
  }
  const value =
    itemBytes === 2
      ? halfToNumber(view.getUint16(0, true))
      : itemBytes === 4
        ? view.getFloat32(0, true)
        : view.getFloat64(0, true);
  return floatText(value, format);
}

function complexText(bytes: Buffer, { itemBytes, isBigEndian }: DType, longDouble: LongDouble): string {
  const part = (at: number): string => realText(bytes, at, itemBytes / 2, isBigEndian, longDouble).replace(/\.0$/u, '');
  const [real, imaginary] = [part(0), part(itemBytes / 2)];
  return `(${real}${/^[-+]/u.test(imaginary) ? '' : '+'}${imaginary}j)`;
}

/** Without the zeros at its end, which NumPy takes for padding. */
function trimmed(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  return bytes.subarray(0, end);
}

function bytesText(bytes: Buffer): string {
  const inner = bytes
    .toString('latin1')
    .replace(/[\\']/gu, character => `\\${character}`)
    .replace(/[^ -~]/gu, character => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return `b'${inner}'`;
}

/** UCS-4; what is no character is shown as U+FFFD. */
function unicodeText(view: DataView, itemBytes: number, little: boolean): string {
  const points = Array.from({ length: itemBytes / 4 }, (_, index) => view.getUint32(index * 4, little));
  while (points.at(-1) === 0) points.pop();
  return points.map(point => (point > 0x10ffff ? '\uFFFD' : String.fromCodePoint(point))).join('');
}

function subarrayText(bytes: Buffer, { element, elementShape }: DType, longDouble: LongDouble): string {
  if (element === null) return '';
  const [size = 0, ...inner] = elementShape;
  const itemBytes = inner.reduce((product, length) => product * length, element.itemBytes);
  const inside: DType =
    inner.length === 0 ? element : { ...element, kind: 'subarray', itemBytes, element, elementShape: inner };
  return `[${Array.from({ length: size }, (_, index) => cellText(bytes.subarray(index * itemBytes, (index + 1) * itemBytes), inside, longDouble)).join(', ')}]`;
}
