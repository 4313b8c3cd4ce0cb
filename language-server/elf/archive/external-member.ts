import { type Stats, statSync } from 'node:fs';
import { osPath } from '../../native/byte-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { ArchiveMember } from './archive.ts';

export type ExternalMemberState =
  | { readonly kind: 'present'; readonly path: ByteText; readonly sizeBytes: number }
  /** There, but not as large as the archive says: it was changed after it was archived. */
  | { readonly kind: 'changed'; readonly path: ByteText; readonly sizeBytes: number }
  | { readonly kind: 'missing'; readonly path: ByteText }
  | { readonly kind: 'notFile'; readonly path: ByteText };

/** Where a member of a thin archive is: its name, seen from the folder of the archive (bfd's `_bfd_append_relative_path`). */
export function externalMemberPath(archivePath: ByteText, member: ArchiveMember): ByteText {
  if (member.name.startsWith('/')) return member.name;
  const slash = archivePath.lastIndexOf('/');
  return archivePath.slice(0, slash + 1) + member.name;
}

/** Whether a member of a thin archive is where the archive says. Looks at the file, never into it. */
export function externalMemberState(archivePath: ByteText, member: ArchiveMember): ExternalMemberState {
  const path = externalMemberPath(archivePath, member);
  const status = path.includes('\0') ? null : statusOf(path);
  if (status === null) return { kind: 'missing', path };
  if (!status.isFile()) return { kind: 'notFile', path };
  // What lies in a nested archive is a part of the file that is there.
  const isAsLarge = member.nestedOffset !== null || status.size === member.sizeBytes;
  return { kind: isAsLarge ? 'present' : 'changed', path, sizeBytes: status.size };
}

function statusOf(path: ByteText): Stats | null {
  try {
    return statSync(osPath(path), { throwIfNoEntry: false }) ?? null;
  } catch {
    return null;
  }
}
