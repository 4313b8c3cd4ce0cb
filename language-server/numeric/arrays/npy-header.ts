import { type DType, DTypeError, dtypeOf } from './dtype.ts';
import { LiteralError, type PythonLiteral, readPythonLiteral } from './python-literal.ts';

/** What an .npy file says of itself (NumPy, "numpy.lib.format": versions 1.0, 2.0 and 3.0). */
export interface NpyHeader {
  readonly version: readonly [major: number, minor: number];
  /** The dictionary as it is written. */
  readonly text: string;
  readonly dtype: DType;
  /** Elements stand column by column. */
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  /** Where the elements begin, in bytes. */
  readonly dataOffset: number;
}

/** The header, or the sentence that says why there is none. */
export type NpyReading =
  | { readonly kind: 'header'; readonly header: NpyHeader }
  | { readonly kind: 'refused'; readonly message: string };

export const npyMagic = Buffer.from('\u0093NUMPY', 'latin1');
/** NumPy itself refuses more than 10,000 characters of a file that it is not told to trust. */
const maximumHeaderBytes = 16 << 20;

/** @param read Bytes of the file; fewer than asked for at its end. */
export async function readNpyHeader(read: (offset: number, length: number) => Promise<Buffer>): Promise<NpyReading> {
  const start = await read(0, 12);
  if (start.length < 10 || !start.subarray(0, 6).equals(npyMagic)) {
    return refused(`it does not begin as an .npy file does: ${asciiText(start.subarray(0, 6))}`);
  }
  const [major = 0, minor = 0] = [start[6], start[7]];
  if (major < 1 || major > 3) return refused(`its version is none that is known: ${major}.${minor}`);
  const lengthBytes = major === 1 ? 2 : 4;
  if (start.length < 8 + lengthBytes) return refused('it ends within its header');
  const headerBytes = start.readUIntLE(8, lengthBytes);
  const textOffset = 8 + lengthBytes;
  if (headerBytes > maximumHeaderBytes)
    return refused(`its header claims to be larger than any that NumPy writes: ${headerBytes} bytes`);
  const bytes = await read(textOffset, headerBytes);
  if (bytes.length < headerBytes)
    return refused(`it ends within its header: of ${headerBytes} bytes ${bytes.length} are there`);
  const text = bytes.toString(major === 3 ? 'utf8' : 'latin1').trimEnd();
  try {
    const { dtype, fortranOrder, shape } = headerOf(readPythonLiteral(text));
    const dataOffset = textOffset + headerBytes;
    return { kind: 'header', header: { version: [major, minor], text, dtype, fortranOrder, shape, dataOffset } };
  } catch (error) {
    if (error instanceof LiteralError)
      return refused(
        `its header is no dictionary of Python values: ${error.message} (at offset ${textOffset + error.at})`,
      );
    if (error instanceof HeaderError) return refused(error.message);
    throw error;
  }
}

class HeaderError extends Error {
  override readonly name = 'HeaderError';
}

function headerOf(value: PythonLiteral): Pick<NpyHeader, 'dtype' | 'fortranOrder' | 'shape'> {
  if (value === null || typeof value !== 'object' || value.kind !== 'dict')
    throw new HeaderError('its header is no dictionary');
  const entries = new Map(value.entries);
  const [descr, order, shape] = ['descr', 'fortran_order', 'shape'].map(key => entries.get(key));
  if (descr === undefined || order === undefined || shape === undefined || entries.size !== 3)
    throw new HeaderError(
      `its header has the keys ${[...entries.keys()].map(String).join(', ') || '(none)'}, where descr, fortran_order and shape belong`,
    );
  if (typeof order !== 'boolean') throw new HeaderError('its fortran_order is neither True nor False');
  try {
    return { dtype: dtypeOf(descr), fortranOrder: order, shape: shapeOf(shape) };
  } catch (error) {
    if (error instanceof DTypeError) throw new HeaderError(`its descr cannot be used: ${error.message}`);
    throw error;
  }
}

/** NumPy 2 has up to 64 axes. */
const maximumAxes = 64;

function shapeOf(value: PythonLiteral): readonly number[] {
  if (value === null || typeof value !== 'object' || value.kind !== 'tuple')
    throw new HeaderError('its shape is no tuple');
  if (value.items.length > maximumAxes) throw new HeaderError(`its shape has more than ${maximumAxes} axes`);
  const sizes = value.items.map(item => {
    if (typeof item !== 'bigint') throw new HeaderError('its shape holds something else than whole numbers');
    if (item < 0n) throw new HeaderError(`its shape has the size ${item}, which is negative`);
    return item;
  });
  const elements = sizes.reduce((product, size) => product * size, 1n);
  if (elements > BigInt(Number.MAX_SAFE_INTEGER) || sizes.some(size => size > BigInt(Number.MAX_SAFE_INTEGER)))
    throw new HeaderError(`its shape (${sizes.join(', ')}) is of more elements than any file holds`);
  return sizes.map(Number);
}

function refused(message: string): NpyReading {
  return { kind: 'refused', message: `${message.charAt(0).toUpperCase()}${message.slice(1)}.` };
}

function asciiText(bytes: Buffer): string {
  return bytes.length === 0 ? 'nothing' : JSON.stringify(bytes.toString('latin1'));
}
