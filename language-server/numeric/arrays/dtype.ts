import type { PythonLiteral } from './python-literal.ts';

export type DTypeKind =
  | 'bool'
  | 'int'
  | 'uint'
  | 'float'
  /** As ml_dtypes writes it: two bytes of no kind (`<V2`), which a plain void never has a byte order for. */
  | 'bfloat'
  | 'complex'
  | 'bytes'
  | 'text'
  | 'datetime'
  | 'timedelta'
  | 'void'
  | 'object'
  | 'record'
  | 'subarray';

/** The type of an element, as NumPy has it (numpy.dtype; "NEP 1: A simple file format for NumPy arrays", `descr`). */
export interface DType {
  readonly kind: DTypeKind;
  /** As NumPy prints it: "float32", "<U5", "datetime64[ns]"; of a record its `descr`. */
  readonly name: string;
  readonly itemBytes: number;
  readonly isBigEndian: boolean;
  /** Of datetime64 and timedelta64: "ns", "25s"; empty where it has none ("generic"). */
  readonly unit: string;
  /** Of a record, in the order of its bytes. */
  readonly fields: readonly RecordField[];
  /** Of a subarray: what it is of, and its shape. */
  readonly element: DType | null;
  readonly elementShape: readonly number[];
}

export interface RecordField {
  readonly name: string;
  readonly offset: number;
  readonly dtype: DType;
}

/** Why a `descr` is no type. */
export class DTypeError extends Error {
  override readonly name = 'DTypeError';
}

/** More would be no file that anybody reads, and could make answers as large as the header. */
const maximumFields = 10_000;
const maximumItemBytes = 2 ** 31;

/** The `descr` of a header. Throws DTypeError. */
export function dtypeOf(descr: PythonLiteral): DType {
  if (typeof descr === 'string') return simpleType(descr);
  if (descr !== null && typeof descr === 'object') {
    if (descr.kind === 'list') return recordType(descr.items);
    if (descr.kind === 'tuple') return subarrayType(descr.items);
  }
  throw new DTypeError('it is neither a text nor a list of fields');
}

const simplePattern = /^(?<order>[<>=|]?)(?<code>[a-zA-Z?])(?<size>\d*)(?:\[(?<unit>[^\]]*)\])?$/u;

const plain = { unit: '', fields: [], element: null, elementShape: [] } as const;

function simpleType(text: string): DType {
  const { order = '', code = '', size = '', unit = '' } = simplePattern.exec(text)?.groups ?? {};
  const bytes = Number(size);
  const read = codes[code];
  if (read === undefined || bytes > maximumItemBytes) throw notAType(text);
  const { kind, name, itemBytes = bytes } = read({ order, bytes, unit, text });
  return { ...plain, kind, name, itemBytes, unit, isBigEndian: order === '>' && itemBytes > 1 };
}

function notAType(text: string): DTypeError {
  return new DTypeError(`"${text.slice(0, 40)}" is no type of NumPy's`);
}

interface TypeText {
  readonly order: string;
  readonly bytes: number;
  readonly unit: string;
  readonly text: string;
}

interface SimpleType {
  readonly kind: DTypeKind;
  readonly name: string;
  /** Absent: as many as the text says. */
  readonly itemBytes?: number;
}

type ReadType = (type: TypeText) => SimpleType;

/** By `dtype.char` as it stands in `dtype.str`. */
const codes: Readonly<Record<string, ReadType>> = {
  b: ({ bytes, text }) => {
    if (bytes !== 1) throw notAType(text);
    return { kind: 'bool', name: 'bool' };
  },
  '?': () => ({ kind: 'bool', name: 'bool', itemBytes: 1 }),
  i: ofSizes('int', [1, 2, 4, 8]),
  u: ofSizes('uint', [1, 2, 4, 8]),
  f: ofSizes('float', [2, 4, 8, 12, 16]),
  c: ofSizes('complex', [8, 16, 24, 32]),
  S: ({ bytes }) => ({ kind: 'bytes', name: `|S${bytes}` }),
  a: ({ bytes }) => ({ kind: 'bytes', name: `|S${bytes}` }),
  U: ({ bytes, order }) => ({ kind: 'text', name: `${order === '>' ? '>' : '<'}U${bytes}`, itemBytes: bytes * 4 }),
  V: ({ bytes, order }) =>
    bytes === 2 && (order === '<' || order === '>')
      ? { kind: 'bfloat', name: 'bfloat16' }
      : { kind: 'void', name: `|V${bytes}` },
  O: ({ bytes }) => ({ kind: 'object', name: 'object', itemBytes: bytes || 8 }),
  M: ofTime('datetime', 'datetime64'),
  m: ofTime('timedelta', 'timedelta64'),
};

function ofSizes(kind: DTypeKind, sizes: readonly number[]): ReadType {
  return ({ bytes, text }) => {
    if (!sizes.includes(bytes)) throw new DTypeError(`"${text}": NumPy has no ${kind} of ${bytes} bytes`);
    return { kind, name: `${kind}${bytes * 8}` };
  };
}

function ofTime(kind: DTypeKind, name: string): ReadType {
  return ({ bytes, unit, text }) => {
    if (bytes !== 8) throw notAType(text);
    return { kind, name: unit === '' ? name : `${name}[${unit}]` };
  };
}

function recordType(items: readonly PythonLiteral[]): DType {
  if (items.length > maximumFields) throw new DTypeError(`it has more than ${maximumFields} fields`);
  const fields: RecordField[] = [];
  let offset = 0;
  for (const [index, item] of items.entries()) {
    if (item === null || typeof item !== 'object' || item.kind !== 'tuple')
      throw new DTypeError(`field ${index + 1} is no tuple`);
    const [written, descr, shape] = item.items;
    if (written === undefined || descr === undefined) throw new DTypeError(`field ${index + 1} has no name or no type`);
    const name = fieldName(written, index);
    const base = dtypeOf(descr);
    const dtype = shape === undefined ? base : arrayOf(base, shape);
    // Fields without a name are the gaps of an aligned record.
    if (name !== '' || dtype.kind !== 'void') fields.push({ name: name === '' ? `f${index}` : name, offset, dtype });
    offset += dtype.itemBytes;
    if (offset > maximumItemBytes) throw new DTypeError(`its fields are larger than ${maximumItemBytes} bytes`);
  }
  const name = `[${fields.map(field => `${field.name}: ${field.dtype.name}`).join(', ')}]`;
  return { ...plain, kind: 'record', name, itemBytes: offset, isBigEndian: false, fields };
}

/** A name, or a pair of title and name. */
function fieldName(written: PythonLiteral, index: number): string {
  if (typeof written === 'string') return written;
  if (written !== null && typeof written === 'object' && written.kind === 'tuple') {
    const last = written.items.at(-1);
    if (typeof last === 'string') return last;
  }
  throw new DTypeError(`the name of field ${index + 1} is no text`);
}

function subarrayType(items: readonly PythonLiteral[]): DType {
  const [descr, shape] = items;
  if (descr === undefined || shape === undefined) throw new DTypeError('it is a tuple without a type and a shape');
  return arrayOf(dtypeOf(descr), shape);
}

function arrayOf(element: DType, shape: PythonLiteral): DType {
  const items =
    typeof shape === 'bigint'
      ? [shape]
      : shape !== null && typeof shape === 'object' && shape.kind !== 'dict'
        ? shape.items
        : null;
  if (items === null) throw new DTypeError('the shape of a field is no tuple');
  const elementShape = items.map(item => {
    if (typeof item !== 'bigint' || item < 0n || item > maximumItemBytes)
      throw new DTypeError('the shape of a field is not one of sizes');
    return Number(item);
  });
  const itemBytes = elementShape.reduce((bytes, size) => bytes * size, element.itemBytes);
  if (itemBytes > maximumItemBytes) throw new DTypeError(`a field is larger than ${maximumItemBytes} bytes`);
  return {
    ...{ ...plain, kind: 'subarray', name: `${element.name}(${elementShape.join(', ')})`, itemBytes },
    ...{ isBigEndian: false, element, elementShape },
  };
}

/** Whether an element, or a part of one, is a pickled object of Python. */
export function holdsObjects({ kind, fields, element }: DType): boolean {
  return (
    kind === 'object' || (element !== null && holdsObjects(element)) || fields.some(field => holdsObjects(field.dtype))
  );
}

/** Whether elements are numbers of the real line, so that they can be summed. */
export function isReal({ kind }: DType): boolean {
  return kind === 'bool' || kind === 'int' || kind === 'uint' || kind === 'float' || kind === 'bfloat';
}
