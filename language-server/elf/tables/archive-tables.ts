import type { ByteText } from '../../protocol/elf.ts';
import type { ArchiveMember, MemberFormat } from '../archive/archive.ts';
import type { ArchiveFile } from '../archive/archive-file.ts';
import { externalMemberState } from '../archive/external-member.ts';
import { memberUri } from '../archive/member-path.ts';
import { hex } from '../reader/fields.ts';
import { type ArchiveTable, type Cells, column } from './table.ts';

/** Members of an archive, as `ar tvO` prints them. */
export const membersTable: ArchiveTable = {
  id: 'members',
  title: 'Members',
  columns: [
    column('number', 'Nr', 'number'),
    column('name', 'Name', 'name'),
    column('size', 'Size', 'size'),
    column('format', 'Format', 'text'),
    column('mode', 'Mode', 'text'),
    column('owner', 'UID/GID', 'text'),
    column('modified', 'Modified', 'text'),
    column('offset', 'Offset', 'address'),
  ],
  command: ['ar', 'tvO'],
  open(file) {
    const { members } = file.archive;
    return {
      count: members.length,
      page: (first, count) =>
        members.slice(first, first + count).map((member, at) => memberCells(file, member, first + at)),
      opens(row) {
        const member = members[row];
        if (member === undefined || !(member.isElf || member.format === 'external')) return null;
        return memberUri(file.path, member.name, member.headerOffset);
      },
    };
  },
};

/** Which member defines a symbol, as `nm -s` prints it. */
export const archiveSymbolsTable: ArchiveTable = {
  id: 'symbol-index',
  title: 'Symbol Index',
  columns: [
    column('number', 'Nr', 'number'),
    column('symbol', 'Symbol', 'name'),
    column('member', 'Member', 'text'),
    column('offset', 'Offset', 'address'),
  ],
  command: ['nm', '-s'],
  open({ path, archive }) {
    const { symbolIndex, members } = archive;
    if (symbolIndex === null) return null;
    const names = new Map<number, ByteText>(members.map(({ headerOffset, name }) => [headerOffset, name]));
    const offsetOf = (index: number): number => symbolIndex.memberOffsets[index] ?? 0;
    return {
      count: symbolIndex.count,
      page: (first, count) =>
        Array.from({ length: Math.max(0, Math.min(count, symbolIndex.count - first)) }, (_, at): Cells => {
          const index = first + at;
          const offset = offsetOf(index);
          return [String(index), symbolIndex.name(index), names.get(offset) ?? '', hex(offset)];
        }),
      opens(row) {
        const name = names.get(offsetOf(row));
        return name === undefined ? null : memberUri(path, name, offsetOf(row));
      },
    };
  },
};

const formatNames: Readonly<Record<Exclude<MemberFormat, 'external'>, string>> = {
  elf: 'ELF',
  archive: 'archive',
  'llvm-bitcode': 'LLVM bitcode',
  other: 'other',
};

function memberCells(file: ArchiveFile, member: ArchiveMember, number: number): Cells {
  const { name, sizeBytes, mode, userId, groupId, modifiedSeconds, headerOffset } = member;
  return [
    String(number),
    name,
    String(sizeBytes),
    member.format === 'external' ? externalText(file, member) : formatNames[member.format],
    mode === null ? '' : mode.toString(8).padStart(4, '0'),
    `${userId ?? ''}/${groupId ?? ''}`,
    modifiedSeconds === null ? '' : timeText(modifiedSeconds),
    hex(headerOffset),
  ];
}

/** Of a thin archive: whether the member is where the archive says. */
function externalText({ path }: ArchiveFile, member: ArchiveMember): string {
  switch (externalMemberState(path, member).kind) {
    case 'present':
      return 'file beside';
    case 'changed':
      return 'file beside, changed since';
    case 'missing':
      return 'file is missing';
    case 'notFile':
      return 'no file';
  }
}

/** Reproducible archives have no times: 0. */
function timeText(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString().replace(/\.000Z$/u, 'Z');
}
