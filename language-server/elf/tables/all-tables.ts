import { dynamicTable } from './dynamic-table.ts';
import { notesTable } from './notes-table.ts';
import { sectionsTable } from './sections-table.ts';
import { segmentsTable } from './segments-table.ts';
import { dynamicSymbolsTable, symbolsTable } from './symbols-table.ts';
import type { ElfTable } from './table.ts';
import { versionsTable } from './versions-table.ts';

/** In the order in which they are shown. */
export const allTables: readonly ElfTable[] = [
  sectionsTable,
  segmentsTable,
  dynamicTable,
  dynamicSymbolsTable,
  symbolsTable,
  versionsTable,
  notesTable,
];
