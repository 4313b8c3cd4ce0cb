import { shellCommand } from '../../native/shell-quote.ts';
import type { ByteText, FileVersion } from '../../protocol/elf.ts';
import type { Finding } from '../../protocol/finding.ts';
import { changedWhileReading, type FileVersions } from '../elf-file.ts';
import type { ByteSource } from '../reader/byte-source.ts';
import { createBytesCache } from '../reader/bytes-cache.ts';
import { createFindingList } from '../reader/finding-list.ts';
import { type Archive, type ArchiveMember, readArchive } from './archive.ts';
import { parseMemberText } from './member-path.ts';

/** An open archive of object files. */
export interface ArchiveFile {
  readonly kind: 'archive';
  readonly path: ByteText;
  readonly version: FileVersion;
  readonly source: ByteSource;
  readonly archive: Archive;
  command(args: readonly string[]): string;
  hasChanged(): boolean;
  addFinding(finding: Finding): void;
  findings(): readonly Finding[];
}

/** The headers of all members are read to list one; a library of a compiler has thousands. */
const cache = createBytesCache<Archive>(
  12 << 20,
  ({ members, symbolIndex }) => 400 * members.length + 64 * (symbolIndex?.count ?? 0),
);

/** Null: this is no archive. */
export function openArchive(
  path: ByteText,
  source: ByteSource,
  { version, currentVersion }: FileVersions,
): ArchiveFile | null {
  const archive = cache.get(version) ?? readArchive(source);
  if (archive === null) return null;
  const hasChanged = (): boolean => source.hasShrunk() || currentVersion() !== version;
  if (!hasChanged()) cache.set(version, archive);
  const added = createFindingList();
  return {
    kind: 'archive',
    path,
    version,
    source,
    archive,
    command: args => shellCommand([...args, path]),
    hasChanged,
    addFinding: finding => added.add(finding),
    findings() {
      if (hasChanged()) added.add(changedWhileReading);
      return [...archive.findings, ...added.list()];
    },
  };
}

/** The member that a text as of a path names: by its name, else by name and offset. */
export function findMember({ members }: Archive, text: ByteText): ArchiveMember | undefined {
  const byName = members.find(({ name }) => name === text);
  if (byName !== undefined) return byName;
  const { name, headerOffset } = parseMemberText(text);
  return members.find(member => member.headerOffset === headerOffset && (name === '' || member.name === name));
}

/** Shell commands that write a member to a file of its own, for tools that read no archives: `… > part.o && readelf …`. */
export function memberCommand(archivePath: ByteText, member: ArchiveMember, args: readonly string[]): string {
  const slash = member.name.lastIndexOf('/');
  const safe = member.name.slice(slash + 1).replaceAll(/[^\w.+-]/gu, '_');
  const copy = `/tmp/${safe === '' || safe.startsWith('-') ? 'member.o' : safe}`;
  const from = shellCommand(['tail', '-c', `+${member.offset + 1}`, archivePath]);
  return `${from} | head -c ${member.sizeBytes} > ${shellCommand([copy])} && ${shellCommand([...args, copy])}`;
}
