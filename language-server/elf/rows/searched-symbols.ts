import type { ElfImage } from '../reader/elf-image.ts';
import type { SymbolTable } from '../reader/symbol-table.ts';
import type { Cells } from '../tables/table.ts';

/** What the columns of a table of symbols are made of; -1: there is no such column. */
export interface SymbolColumns {
  readonly number: number;
  readonly name: number;
  readonly version: number;
  readonly value: number;
  readonly size: number;
  readonly type: number;
  readonly binding: number;
  readonly visibility: number;
  readonly sectionNumber: number;
  readonly section: number;
}

/** The symbols to search, and how their cells look that many of them share. */
export interface SearchedSymbols {
  readonly image: ElfImage;
  readonly table: SymbolTable;
  readonly columns: SymbolColumns;
  /** Where the entries of .gnu.version are; -1: the symbols have no versions. */
  readonly versionsOffset: number;
  /** Cells of type, binding and visibility. */
  marks(info: number, other: number): readonly [type: string, binding: string, visibility: string];
  /** Cells of the section's number and name. */
  section(index: number): readonly [number: string, name: string];
  version(number: number, isDefined: boolean): string;
  page(first: number, count: number): readonly Cells[];
  readonly joined?: readonly [number, number];
}
