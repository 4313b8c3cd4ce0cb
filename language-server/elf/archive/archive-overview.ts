import type { ByteText, ElfIdentity, ElfOverview, OverviewFact } from '../../protocol/elf.ts';
import { machineName, machineShortName } from '../names/machines.ts';
import { osAbiName } from '../names/os-abis.ts';
import { readFileHeader } from '../reader/file-header.ts';
import { tableSummaries } from '../tables.ts';
import type { Archive, ArchiveMember } from './archive.ts';
import { memberSource } from './archive.ts';
import type { ArchiveFile } from './archive-file.ts';

/** What an archive is: how many members of which kind, and what is broken. */
export function archiveOverview(file: ArchiveFile): ElfOverview {
  const { path, version, source } = file;
  const identity = archiveIdentity(file);
  return {
    path,
    version,
    sizeBytes: source.sizeBytes,
    identity,
    facts: archiveFacts(file, identity),
    tables: tableSummaries(file),
    findings: file.findings(),
  };
}

/** What the object files in an archive were made for. */
interface MemberTarget {
  readonly class: 32 | 64;
  readonly byteOrder: 'little' | 'big';
  readonly machine: number;
  readonly osAbi: number;
}

/** Each costs one small read; an archive of more is looked at in part. */
const maximumTargets = 4096;

/** Of several targets (an archive for fat binaries, or a mistake) what they have in common. */
export function archiveIdentity(file: ArchiveFile): ElfIdentity {
  const targets = targetsOf(file);
  const same = <T>(values: readonly T[]): T | null => (new Set(values).size === 1 ? (values[0] ?? null) : null);
  const machine = same(targets.map(target => target.machine));
  return {
    kind: 'archive',
    class: same(targets.map(target => target.class)),
    byteOrder: same(targets.map(target => target.byteOrder)),
    machine: machine === null ? '' : machineName(machine),
    type: file.archive.isThin ? 'thin archive' : 'archive',
    osAbi: same(targets.map(({ osAbi, machine: code }) => osAbiName(osAbi, code))) ?? '',
    entry: '0x0',
    soname: null,
    interpreter: null,
    needed: [],
    rpath: null,
    runpath: null,
    buildId: null,
    summary: summaryOf(file.archive, targets),
  };
}

function targetsOf({ source, archive }: ArchiveFile): readonly MemberTarget[] {
  const found: MemberTarget[] = [];
  for (const member of archive.members.filter(({ isElf }) => isElf).slice(0, maximumTargets)) {
    const contents = memberSource(source, member);
    const reading = contents === null ? null : readFileHeader(contents);
    if (reading?.kind !== 'header') continue;
    const { header, fields } = reading;
    found.push({ class: fields.class, byteOrder: fields.byteOrder, machine: header.machine, osAbi: header.osAbi });
  }
  return found;
}

/** "archive of 12 object files, x86-64, 64-bit little-endian"; "thin archive, whose 3 members are files of their own". */
function summaryOf({ isThin, members }: Archive, targets: readonly MemberTarget[]): string {
  if (isThin) return `thin archive, whose ${counted(members.length, 'member')} are files of their own`;
  const objects = members.filter(({ isElf }) => isElf).length;
  const others = members.length - objects;
  const contents = objects === 0 && others > 0 ? counted(others, 'file') : counted(objects, 'object file');
  const more = objects > 0 && others > 0 ? ` and ${counted(others, 'other file')}` : '';
  const kinds = new Set(
    targets.map(target => `${machineShortName(target.machine)}, ${target.class}-bit ${target.byteOrder}-endian`),
  );
  const target = kinds.size === 0 ? '' : `, ${[...kinds].join('; ')}`;
  const note = objects === 0 && others > 0 ? ', none of them an ELF object file' : '';
  return `archive of ${contents}${more}${target}${note}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function archiveFacts(file: ArchiveFile, { machine }: ElfIdentity): readonly OverviewFact[] {
  const { isThin, members, symbolIndex } = file.archive;
  const fact = (label: string, values: readonly ByteText[], command: readonly string[]): readonly OverviewFact[] =>
    values.length === 0 ? [] : [{ label, values, command: file.command(command) }];
  return [
    ...fact(
      'Type',
      [isThin ? 'thin archive: it has the names of its members, not their contents' : 'archive'],
      ['head', '-c', '7'],
    ),
    ...fact('Machine', machine === '' ? [] : [machine], ['readelf', '-hW']),
    ...fact('Members', [String(members.length), ...formatCounts(members)], ['ar', 't']),
    ...fact(
      'Symbol index',
      [symbolIndex === null ? 'none (ranlib makes one)' : `${symbolIndex.count} symbols (${symbolIndex.format})`],
      ['nm', '-s'],
    ),
  ];
}

/** Of members that are no ELF files. */
function formatCounts(members: readonly ArchiveMember[]): readonly string[] {
  const others = { 'llvm-bitcode': 'LLVM bitcode', archive: 'archives', other: 'of other formats' } as const;
  return Object.entries(others).flatMap(([format, words]) => {
    const count = members.filter(member => member.format === format).length;
    return count === 0 ? [] : [`${count} ${words}`];
  });
}
