import type { ByteText, TableColumn } from '../../protocol/elf.ts';
import { hex } from '../reader/fields.ts';
import { type Cells, column, type TableRows } from '../tables/table.ts';
import type { Archive, ArchiveMember } from './archive.ts';

/** A table of an archive, as the inspector has tables of ELF files. */
export interface ArchiveTable {
  readonly id: string;
  readonly title: string;
  readonly columns: readonly TableColumn[];
  /** Arguments of the shell command that prints the same; the path of the archive comes behind them. */
  readonly command: readonly string[];
  /** Null: the archive has no such table. */
  open(archive: Archive): TableRows | null;
}

export const archiveMembersTable: ArchiveTable = {
  id: 'members',
  title: 'Members',
  columns: [
    column('name', 'Name', 'name'),
    column('kind', 'Kind', 'text'),
    column('size', 'Size', 'size'),
    column('offset', 'Offset', 'address'),
    column('modified', 'Modified', 'text'),
    column('owner', 'Owner', 'text'),
    column('mode', 'Mode', 'flags'),
  ],
  command: ['ar', 'tvO'],
  open: ({ members }) => ({
    count: members.length,
    page: (first, count) => members.slice(first, first + count).map(memberCells),
  }),
};

export const archiveIndexTable: ArchiveTable = {
  id: 'symbol-index',
  title: 'Symbol Index',
  columns: [
    column('name', 'Symbol', 'name'),
    column('member', 'Member', 'text'),
    column('offset', 'Member Offset', 'address'),
  ],
  command: ['nm', '-s'],
  open({ members, symbolIndex }) {
    if (symbolIndex === null) return null;
    let names: ReadonlyMap<number, ByteText> | undefined;
    const nameOf = (offset: number): ByteText => {
      names ??= new Map(members.map(({ headerOffset, name }) => [headerOffset, name]));
      return names.get(offset) ?? '';
    };
    const page = (first: number, count: number): readonly Cells[] =>
      [...symbolIndex.memberOffsets.subarray(first, first + count)].map((offset, at) => [
        symbolIndex.name(first + at),
        nameOf(offset),
        hex(offset),
      ]);
    return { count: symbolIndex.count, page };
  },
};

function memberCells(member: ArchiveMember): Cells {
  const { name, format, sizeBytes, offset, modifiedSeconds, userId, groupId, mode } = member;
  return [
    name,
    format,
    String(sizeBytes),
    hex(offset),
    modifiedSeconds === null || modifiedSeconds === 0 ? '' : dateText(modifiedSeconds),
    userId === null || groupId === null ? '' : `${userId}/${groupId}`,
    mode === null ? '' : mode.toString(8),
  ];
}

/** Seconds since 1970 as "2026-05-09 12:30:00Z"; as a number where no calendar has them. */
function dateText(seconds: number): string {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return String(seconds);
  return date.toISOString().replace('T', ' ').replace('.000', '');
}
