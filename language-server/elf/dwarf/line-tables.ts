import type { ByteText } from '../../protocol/elf.ts';
import { hex } from '../reader/fields.ts';
import type { FindingList } from '../reader/finding-list.ts';
import type { AddressSpace } from './address-space.ts';
import type { ClaimSink } from './claims.ts';
import type { CompileUnit } from './compile-unit.ts';
import { DwarfCursor } from './cursor.ts';
import type { DebugSections } from './debug-sections.ts';
import { type LineHeader, readLineHeader } from './line-header.ts';
import { type LineOwners, runLineProgram } from './line-program.ts';
import { type OwnerNames, sourcePath } from './owner-names.ts';
import { initialLength } from './unit-header.ts';

/** The tables of `.debug_line`, each found through a unit. */
export interface LineTables {
  /**
   * Claims the code of a unit for the files of its lines, or all of it for one owner, step by step. A table that several share
   * counts once.
   */
  claim(unit: CompileUnit, owner?: number): Generator<void>;
  /** Number of the owner for a file of the unit's table; -1: there is no such file. */
  ownerOfFile(unit: CompileUnit, file: number): number;
  /** The file that was compiled, which the table tells in version 5; null: it does not. */
  primaryFile(unit: CompileUnit): ByteText | null;
  /** Bytes of the table at an offset; null: there is none. */
  sizeAt(offset: number): number | null;
}

interface LineTable {
  readonly header: LineHeader;
  readonly folder: ByteText | null;
  ofFile(file: number): number;
}

/** Units share a table, or have one each; one that is read again and again under other offsets is made to take time. */
const maximumShare = 2;
const maximumTableBytes = 256 << 20;
/** Units that share tables come one after the other, or nearly so. */
const keptTables = 256;
const keptFiles = 1 << 20;

export function createLineTables(
  sections: DebugSections,
  {
    names,
    claims,
    space,
    findings,
  }: {
    readonly names: OwnerNames;
    readonly claims: ClaimSink;
    readonly space: AddressSpace;
    readonly findings: FindingList;
  },
): LineTables {
  const section = sections.contents.line;
  let budget = maximumShare * section.sizeBytes + (1 << 16);
  const tables = new Map<number, LineTable | null>();
  /** Of all tables that are kept. */
  let files = 0;
  const claimed = new Set<number>();

  const sizeAt = (offset: number): number | null => {
    const cursor = new DwarfCursor(section.read(offset, 12), sections.isLittle);
    const initial = initialLength(cursor);
    return initial === null ? null : Math.min(cursor.at + initial.length, section.sizeBytes - offset);
  };
  const unreadable = (offset: number): null => {
    findings.add({
      code: 'elf/debug-line',
      severity: 'warning',
      message: `A line table of the debug information, at ${hex(offset)} of .debug_line, cannot be read.`,
      evidence: { rule: 'DWARF 5: 6.2.4 The Line Number Program Header' },
    });
    return null;
  };
  const read = (unit: CompileUnit, offset: number): LineTable | null => {
    const sizeBytes = sizeAt(offset);
    if (sizeBytes === null || sizeBytes > maximumTableBytes || budget < 0) return unreadable(offset);
    budget -= sizeBytes;
    const cursor = new DwarfCursor(section.read(offset, sizeBytes), sections.isLittle);
    const header = readLineHeader(sections, cursor, unit);
    return header === null ? unreadable(offset) : createTable(header, unit.folder, names);
  };
  const tableOf = (unit: CompileUnit): LineTable | null => {
    const { lineOffset } = unit;
    if (lineOffset === null) return null;
    const known = tables.get(lineOffset);
    if (known !== undefined) return known;
    const table = read(unit, lineOffset);
    files += table?.header.files.length ?? 0;
    if (tables.size >= keptTables || files > keptFiles) {
      tables.clear();
      files = table?.header.files.length ?? 0;
    }
    tables.set(lineOffset, table);
    return table;
  };
  return {
    sizeAt,
    *claim(unit, owner) {
      if (unit.lineOffset === null || claimed.has(unit.lineOffset)) return;
      claimed.add(unit.lineOffset);
      const table = tableOf(unit);
      if (table === null) return;
      const { header } = table;
      const owners = owner === undefined ? fileOwners(table, names) : { ofFile: () => owner, addFile: () => undefined };
      const bytes = section.read(unit.lineOffset + header.programAt, header.endAt - header.programAt);
      const program = new DwarfCursor(bytes, sections.isLittle);
      yield* runLineProgram(program, header, { owners, space, sink: claims });
      if (program.failed) unreadable(unit.lineOffset);
    },
    ownerOfFile: (unit, file) => tableOf(unit)?.ofFile(file) ?? -1,
    primaryFile(unit) {
      const table = tableOf(unit);
      const file = table !== null && table.header.version >= 5 ? table.header.files[0] : undefined;
      return table === null || file === undefined || file.name === '' ? null : pathOf(table.header, file, table.folder);
    },
  };
}

/** The files of a table, and those that its program adds behind them. */
function fileOwners({ header, folder, ofFile }: LineTable, names: OwnerNames): LineOwners {
  const added: number[] = [];
  const first = header.version < 5 ? 1 : 0;
  return {
    ofFile: file =>
      file - first < header.files.length ? ofFile(file) : (added[file - first - header.files.length] ?? -1),
    addFile: file => void added.push(names.numberOf(pathOf(header, file, folder))),
  };
}

function createTable(header: LineHeader, folder: ByteText | null, names: OwnerNames): LineTable {
  const first = header.version < 5 ? 1 : 0;
  // 0: not asked for yet.
  const numbers = new Int32Array(header.files.length);
  const ofFile = (file: number): number => {
    const at = file - first;
    const known = numbers[at];
    if (known === undefined) return -1;
    if (known !== 0) return known - 1;
    const found = header.files[at];
    const number = found === undefined || found.name === '' ? -1 : names.numberOf(pathOf(header, found, folder));
    if (number >= 0) numbers[at] = number + 1;
    return number;
  };
  return { header, folder, ofFile };
}

/** Where a file of a table was, as far as the table and the unit tell. */
function pathOf(
  { version, folders }: LineHeader,
  file: LineHeader['files'][number],
  compilationFolder: ByteText | null,
): ByteText {
  if (version >= 5) {
    // The first one is that of the compilation; where it is relative, the unit's own says from where.
    const [first = null] = folders;
    const base = first?.startsWith('/') === true ? first : (compilationFolder ?? first);
    return sourcePath(base, file.folder === 0 ? null : (folders[file.folder] ?? null), file.name);
  }
  return sourcePath(compilationFolder, file.folder === 0 ? null : (folders[file.folder - 1] ?? null), file.name);
}
