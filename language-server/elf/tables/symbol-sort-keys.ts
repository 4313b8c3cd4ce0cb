import type { FieldReader } from '../reader/fields.ts';
import { type SymbolTable, symbolType } from '../reader/symbol-table.ts';
import { emptyKeys, type SortKeys } from '../rows/sort-keys.ts';
import { textKeys } from '../rows/sorted-rows.ts';

const chunkSymbols = 8192;

/** Calls `use` with each of the symbols, in ascending order, reading the table piece by piece. */
function eachSymbol(
  { block, layout }: SymbolTable,
  rows: Uint32Array,
  use: (place: number, bytes: Buffer, start: number) => void,
): void {
  let first = 0;
  let bytes: Buffer = Buffer.alloc(0);
  for (const [place, row] of rows.entries()) {
    if (row < first || row >= first + bytes.length / layout.bytes) {
      first = row;
      bytes = block(first, chunkSymbols);
    }
    const start = (row - first) * layout.bytes;
    if (start + layout.bytes <= bytes.length) use(place, bytes, start);
  }
}

/** Values or sizes. @param field Offset of the field in a symbol. */
export function fieldSortKeys(fields: FieldReader, table: SymbolTable, rows: Uint32Array, field: number): SortKeys {
  const keys = emptyKeys(rows.length);
  const low = fields.byteOrder === 'little' ? 0 : 4;
  eachSymbol(table, rows, (place, bytes, start) => {
    const at = start + field;
    if (fields.class === 32) keys.low[place] = fields.u32(bytes, at);
    else {
      keys.high[place] = fields.u32(bytes, at + 4 - low);
      keys.low[place] = fields.u32(bytes, at + low);
    }
  });
  return keys;
}

/** Names, but null where some come from elsewhere: symbols of sections have those of their sections. */
export function nameSortKeys(fields: FieldReader, table: SymbolTable, rows: Uint32Array): SortKeys | null {
  table.strings.preload();
  const names: string[] = [];
  let isComplete = true;
  eachSymbol(table, rows, (place, bytes, start) => {
    const name = fields.u32(bytes, start);
    if (name === 0 && (bytes.readUInt8(start + table.layout.info) & 15) === symbolType.section) isComplete = false;
    names[place] = name === 0 ? '' : table.strings.at(name);
  });
  return isComplete && names.length === rows.length ? textKeys(names) : null;
}
