import { relocationsTable } from '../relocations/relocations-table.ts';
import { archiveSymbolsTable, membersTable } from './archive-tables.ts';
import { auxiliaryVectorTable, mappedFilesTable, moduleInfoTable, threadsTable } from './core-tables.ts';
import { dynamicTable } from './dynamic-table.ts';
import { hashTable } from './hash-table.ts';
import { initializersTable } from './initializers-table.ts';
import { notesTable } from './notes-table.ts';
import { sectionsTable } from './sections-table.ts';
import { segmentsTable } from './segments-table.ts';
import { stringsTable } from './strings-table.ts';
import { dynamicSymbolsTable, symbolsTable } from './symbols-table.ts';
import type { ArchiveTable, ElfTable } from './table.ts';
import { versionsTable } from './versions-table.ts';

/** Those of an archive. */
export const archiveTables: readonly ArchiveTable[] = [membersTable, archiveSymbolsTable];

/** Those of an ELF file, in the order in which they are shown. */
export const allTables: readonly ElfTable[] = [
  threadsTable,
  mappedFilesTable,
  auxiliaryVectorTable,
  moduleInfoTable,
  sectionsTable,
  segmentsTable,
  dynamicTable,
  dynamicSymbolsTable,
  symbolsTable,
  relocationsTable,
  versionsTable,
  hashTable,
  initializersTable,
  notesTable,
  stringsTable,
];
