import { shellCommand } from '../../native/shell-quote.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ArrayFacts } from '../../protocol/numeric.ts';
import type { DType } from './dtype.ts';
import type { NumericArray } from './open-array.ts';
import { sizeOf } from './view.ts';

/** What is to be said of an array before any of its elements is read. */
export function arrayFacts(array: NumericArray): ArrayFacts {
  const { path, member, header, dtype, presentElements, findings } = array;
  return {
    path,
    member,
    version: header.version.join('.'),
    header: header.text,
    dtype: dtype.name,
    byteOrder: byteOrderOf(dtype),
    itemBytes: dtype.itemBytes,
    order: header.fortranOrder ? 'F' : 'C',
    shape: header.shape,
    elements: sizeOf(header),
    presentElements,
    dataOffset: header.dataOffset,
    notes: notesOf(array),
    findings,
    evidence: {
      rule: 'NumPy, "NEP 1: A simple file format for NumPy arrays"',
      command:
        member === null
          ? shellCommand(['head', '-c', String(header.dataOffset), path])
          : `${shellCommand(['unzip', '-p', path, `${member}.npy`])} | head -c ${header.dataOffset}`,
    },
  };
}

function byteOrderOf(dtype: DType): ArrayFacts['byteOrder'] {
  const { kind, itemBytes, isBigEndian } = dtype;
  if (kind === 'record' || kind === 'subarray' || kind === 'bytes' || kind === 'void' || itemBytes <= 1) return 'none';
  return isBigEndian ? 'big' : 'little';
}

function notesOf({ header, dtype, longDouble }: NumericArray): readonly string[] {
  const { shape, fortranOrder } = header;
  const notes: string[] = [];
  if (shape.length === 0) notes.push('An array without axes: one element (NumPy calls it 0-d).');
  if (sizeOf(header) === 0) notes.push('It has no elements: one of its axes has the length 0.');
  if (shape.length > 1)
    notes.push(
      fortranOrder
        ? 'Fortran order: the first axis runs fastest, columns stand together in the file.'
        : 'C order: the last axis runs fastest, rows stand together in the file.',
    );
  if (dtype.isBigEndian)
    notes.push('Big-endian: NumPy swaps the bytes of each element on most machines, which makes it slow.');
  if (dtype.kind === 'bfloat')
    notes.push(
      'bfloat16, as ml_dtypes writes it: NumPy alone reads it as raw bytes (void); a.view(ml_dtypes.bfloat16) gives the numbers.',
    );
  if (dtype.kind === 'float' && dtype.itemBytes >= 12)
    notes.push(
      `The C compiler's long double. The file does not say of which kind: by its bytes it is ${longDouble === 'x87' ? "x87's of 80 bits, padded" : 'IEEE binary128'}.`,
    );
  if (dtype.kind === 'record')
    notes.push(
      `Records of ${dtype.itemBytes} bytes: ${dtype.fields.map(({ name, offset, dtype: type }) => `${displayText(name)} (${type.name}) at ${offset}`).join(', ')}.`,
    );
  return notes;
}
