import { dynamicTag } from '../reader/dynamic-section.ts';
import { type HashTable, readHashTables } from '../reader/hash-tables.ts';
import { type Cells, column, type ElfTable, rowsOf } from './table.ts';

/** How long the chains of the hash tables are, as `readelf -I` prints it: what it costs the loader to find a symbol. */
export const hashTable: ElfTable = {
  id: 'hash',
  title: 'Hash Tables',
  columns: [
    column('table', 'Table', 'name'),
    column('length', 'Chain Length', 'number'),
    column('buckets', 'Buckets', 'number'),
    column('share', 'Of All Buckets', 'text'),
    column('coverage', 'Symbols Up To Here', 'text'),
  ],
  command: ['readelf', '-IW'],
  open(file) {
    const dynamic = file.dynamic();
    const has = (tag: number): boolean => (dynamic?.offsetOf(tag) ?? -1) >= 0;
    return has(dynamicTag.gnuHash) || has(dynamicTag.hash) ? rowsOf([]) : null;
  },
  scan: ({ image, dynamic }) => rowsOf(readHashTables(image, dynamic()).flatMap(histogram)),
};

/** Chains of a working library have less than a dozen; in a table of longer ones only those that are there have a row. */
const longest = 256;

function histogram({ kind, buckets, lengths }: HashTable): readonly Cells[] {
  const present = [...lengths.keys()].sort((left, right) => left - right);
  const last = present.at(-1) ?? -1;
  const rows = last > longest ? present : Array.from({ length: last + 1 }, (_, length) => length);
  const count = (length: number): number => lengths.get(length) ?? 0;
  const symbols = present.reduce((sum, length) => sum + count(length) * length, 0);
  let covered = 0;
  return rows.map(length => {
    covered += count(length) * length;
    const coverage = length === 0 ? '' : percent(covered, symbols);
    return [kind, String(length), String(count(length)), percent(count(length), buckets), coverage];
  });
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '' : `${((100 * part) / whole).toFixed(1)}%`;
}
