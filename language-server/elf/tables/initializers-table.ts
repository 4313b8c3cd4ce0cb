import type { ElfFile } from '../elf-file.ts';
import { createBytesCache } from '../reader/bytes-cache.ts';
import { type InitializerArray, initializerArrays, pointerCount } from '../reader/initializers.ts';
import { initializerTargets } from '../relocations/initializer-targets.ts';
import { digits } from './number-text.ts';
import { type Cells, column, type ElfTable } from './table.ts';

/** Functions that run when the file is loaded and unloaded, with their names. */
export const initializersTable: ElfTable = {
  id: 'initializers',
  title: 'Init/Fini',
  columns: [
    column('kind', 'Kind', 'text'),
    column('index', 'Index', 'number'),
    column('place', 'Pointer At', 'address'),
    column('function', 'Function', 'address'),
    column('symbol', 'Symbol', 'name'),
  ],
  symbolColumn: 4,
  command: ['readelf', '-x', '.init_array', '-x', '.fini_array'],
  open(file) {
    const arrays = initializerArrays(file);
    const count = pointerCount(arrays);
    if (count === 0) return null;
    return { count, page: (first, wanted) => rowsOfArrays(file, arrays).slice(first, first + wanted) };
  },
};

/** The pointers are found among all relocations, and their names among all symbols: once for all pages. */
const cache = createBytesCache<readonly Cells[]>(4 << 20, rows => 400 * rows.length);

function rowsOfArrays(file: ElfFile, arrays: readonly InitializerArray[]): readonly Cells[] {
  const known = cache.get(file.version);
  if (known !== undefined) return known;
  const rows = arrays.flatMap(array => arrayRows(file, array));
  if (!file.hasChanged()) cache.set(file.version, rows);
  return rows;
}

function arrayRows(file: ElfFile, array: InitializerArray): readonly Cells[] {
  const { fields } = file.image;
  return initializerTargets(file, array).map(({ address, symbol }, index) => [
    array.kind,
    array.function === null ? String(index) : '',
    array.function === null ? digits(array.address + BigInt(index * fields.wordBytes), fields) : '',
    address === null ? '' : digits(address, fields),
    symbol,
  ]);
}
