import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { UserError } from '../../protocol/errors.ts';
import type { Finding } from '../../protocol/finding.ts';
import { arrayPlace, memberPlace } from './array-place.ts';
import { cellText } from './cells.ts';
import { type DType, holdsObjects } from './dtype.ts';
import { type LongDouble, longDoubleOf, type RealValues, realValues } from './elements.ts';
import { type NpyHeader, readNpyHeader } from './npy-header.ts';
import { type NpzMember, readNpz } from './npz.ts';
import { openRangedFile, type RangedFile } from './ranged-file.ts';
import { openMember } from './unpacked-members.ts';
import { placesOf, sizeOf, type View, wholeView } from './view.ts';

/** An array of a file that is open, read by ranges. */
export interface NumericArray {
  readonly path: ByteText;
  /** Name in an .npz file; null: the file is an .npy file. */
  readonly member: string | null;
  readonly header: NpyHeader;
  readonly dtype: DType;
  /** All elements, in the order of their indices. */
  readonly view: View;
  /** Elements that the file has the bytes of: fewer than the shape says where it was cut off. */
  readonly presentElements: number;
  readonly longDouble: LongDouble;
  readonly findings: readonly Finding[];
  /** Elements that stand one behind the other in the file, as numbers. */
  values(place: number, count: number): Promise<RealValues>;
  /** Their bytes. */
  bytes(place: number, count: number): Promise<Buffer>;
}

/** What a file of arrays holds: one array, or members by name. */
export type ArrayFile =
  | { readonly kind: 'npy'; readonly array: NumericArray }
  | { readonly kind: 'npz'; readonly members: readonly NpzMember[] };

const zipMagic = Buffer.from('PK');

/**
 * Opens an .npy file, a member of an .npz file (`a.npz[name]`), or an .npz file, for the time that `use` takes. Objects of Python
 * are never unpickled.
 * Throws UserError notFound, unreadable, notRegularFile, notSupported.
 */
export async function withArrayFile<T>(
  path: ByteText,
  signal: AbortSignal,
  use: (file: ArrayFile) => Promise<T>,
): Promise<T> {
  const place = memberPlace(path);
  const file = openRangedFile(place?.archive ?? path);
  const open: RangedFile[] = [file];
  try {
    const start = await file.read(0, 6);
    if (!start.subarray(0, 2).equals(zipMagic)) {
      if (place !== null) throw new UserError('notSupported', `${displayText(place.archive)} is no .npz file.`);
      return await use({ kind: 'npy', array: await readArray(path, null, file) });
    }
    const members = await readNpz(place?.archive ?? path, file);
    if (place === null) return await use({ kind: 'npz', members });
    const member = members.find(({ name }) => name === place.name);
    if (member === undefined) {
      const names = members
        .slice(0, 10)
        .map(({ name }) => displayText(name))
        .join(', ');
      throw new UserError(
        'notFound',
        `${displayText(place.archive)} has no array "${displayText(place.name)}". It has: ${names || 'none'}${members.length > 10 ? ', …' : ''}.`,
      );
    }
    const unpacked = await openMember(member, file.fd, signal);
    open.push(unpacked);
    return await use({ kind: 'npy', array: await readArray(place.archive, member.name, unpacked) });
  } finally {
    for (const one of open) one.close();
  }
}

/** The same for one array. Throws UserError notSupported for an archive, naming its members. */
export function withArray<T>(
  path: ByteText,
  signal: AbortSignal,
  use: (array: NumericArray) => Promise<T>,
): Promise<T> {
  return withArrayFile(path, signal, file => {
    if (file.kind === 'npy') return use(file.array);
    const [only] = file.members;
    if (file.members.length === 1 && only !== undefined) return withArray(arrayPlace(path, only.name), signal, use);
    const names = file.members.map(({ name }) => displayText(arrayPlace(path, name)));
    throw new UserError(
      'notSupported',
      `${displayText(path)} holds ${file.members.length} arrays. Name one of them: ${names.slice(0, 10).join(', ') || '(it is empty)'}${names.length > 10 ? ', …' : ''}`,
    );
  });
}

async function readArray(path: ByteText, member: string | null, file: RangedFile): Promise<NumericArray> {
  const reading = await readNpyHeader((offset, length) => file.read(offset, length));
  const shown = displayText(arrayPlace(path, member));
  if (reading.kind === 'refused') {
    throw new UserError('notSupported', `${shown} is no array that can be read. ${reading.message}`);
  }
  const { header } = reading;
  const { dtype, shape, dataOffset } = header;
  if (holdsObjects(dtype))
    throw new UserError(
      'notSupported',
      `${shown} holds objects of Python (${displayText(dtype.name)}), which NumPy pickles. To unpickle is to run what the file says, so it is not done here.`,
      'numpy.load(FILE, allow_pickle=True), for a file that you trust, and save it again with a dtype of numbers',
    );
  const view = wholeView(shape, header.fortranOrder);
  const present = Math.max(0, file.sizeBytes - dataOffset);
  const wanted = sizeOf(view) * dtype.itemBytes;
  const presentElements =
    dtype.itemBytes === 0 ? sizeOf(view) : Math.min(sizeOf(view), Math.floor(present / dtype.itemBytes));
  const isLongDouble =
    (dtype.kind === 'float' && dtype.itemBytes >= 12) || (dtype.kind === 'complex' && dtype.itemBytes >= 24);
  const longDouble = isLongDouble
    ? longDoubleOf(await file.read(dataOffset, 4096 * dtype.itemBytes), partType(dtype))
    : 'x87';
  const bytes = (place: number, count: number): Promise<Buffer> =>
    file.read(
      dataOffset + place * dtype.itemBytes,
      Math.max(0, Math.min(count, presentElements - place)) * dtype.itemBytes,
    );
  return {
    ...{ path, member, header, dtype, view, presentElements, longDouble, bytes },
    findings: sizeFindings(wanted, present, dataOffset),
    values: async (place, count) => realValues(await bytes(place, count), dtype, longDouble),
  };
}

/** Of a complex number, the type of its parts. */
function partType(dtype: DType): DType {
  return dtype.kind === 'complex' ? { ...dtype, kind: 'float', itemBytes: dtype.itemBytes / 2 } : dtype;
}

function sizeFindings(wanted: number, present: number, dataOffset: number): readonly Finding[] {
  if (present === wanted) return [];
  const sizes = { expected: `${wanted} bytes of elements`, actual: `${present}` };
  if (present < wanted)
    return [
      {
        ...{ code: 'numeric/truncated-array', severity: 'error', offset: dataOffset + present, ...sizes },
        message: `The file ends early: its header promises ${wanted} bytes of elements, and ${present} are there. The rest is shown as missing.`,
      },
    ];
  return [
    {
      ...{ code: 'numeric/trailing-bytes', severity: 'information', offset: dataOffset + wanted, ...sizes },
      message: `${present - wanted} bytes follow the last element. NumPy does not read them here: another array may stand behind this one.`,
    },
  ];
}

/** Elements of a view as texts, in its order; null for what the file no longer has. */
export async function readCells(
  array: NumericArray,
  view: View,
  start: number,
  count: number,
): Promise<readonly (string | null)[]> {
  const wanted = Math.max(0, Math.min(count, sizeOf(view) - start));
  const places = new Float64Array(wanted);
  placesOf(view, start, wanted, places);
  const cells: (string | null)[] = [];
  for (let at = 0; at < wanted; ) {
    const first = places[at] ?? 0;
    let end = at + 1;
    while (end < wanted && places[end] === first + (end - at)) end += 1;
    const bytes = await array.bytes(first, end - at);
    const { itemBytes } = array.dtype;
    for (let index = 0; index < end - at; index += 1) {
      const item = bytes.subarray(index * itemBytes, (index + 1) * itemBytes);
      cells.push(first + index < array.presentElements ? cellText(item, array.dtype, array.longDouble) : null);
    }
    at = end;
  }
  return cells;
}
