import { statSync } from 'node:fs';
import { osPath } from '../../native/byte-text.ts';
import { fileUriToPath, pathToFileUri } from '../../native/file-uri.ts';
import type { ByteText } from '../../protocol/elf.ts';

/**
 * A member of an archive has a path as people write it: `libx.a(part.o)`; where several members have the name, the offset of
 * its header tells them apart: `libx.a(part.o@1234)`. A file that is really called so goes first.
 */
export interface MemberPlace {
  readonly archive: ByteText;
  /** As {@link memberText} made it. */
  readonly member: ByteText;
}

/** Null where the path names a file itself, or nothing that could be an archive. */
export function memberPlaceOf(path: ByteText): MemberPlace | null {
  if (!path.endsWith(')') || path.includes('\0') || exists(path)) return null;
  for (let open = path.indexOf('('); open > 0; open = path.indexOf('(', open + 1)) {
    const archive = path.slice(0, open);
    if (isFile(archive)) return { archive, member: path.slice(open + 1, -1) };
  }
  return null;
}

export function memberPath(archive: ByteText, member: ByteText): ByteText {
  return `${archive}(${member})`;
}

export function memberText(name: ByteText, headerOffset: number): ByteText {
  return `${name}@${headerOffset}`;
}

/** The name and, where there is one, the offset of the header. */
export function parseMemberText(text: ByteText): { readonly name: ByteText; readonly headerOffset: number | null } {
  const match = /^(.*)@(\d{1,15}|0x[0-9a-f]{1,13})$/isu.exec(text);
  return match === null ? { name: text, headerOffset: null } : { name: match[1] ?? '', headerOffset: Number(match[2]) };
}

const fragment = /^(?:member=)?([\s\S]*)$/u;

/**
 * The path that a URI of the protocol names; with `#member=NAME@OFFSET` behind it that of a member.
 * Throws UserError `invalidParams` as {@link fileUriToPath} does.
 */
export function inspectedPath(uri: string): ByteText {
  const hash = uri.indexOf('#');
  if (hash < 0) return fileUriToPath(uri);
  // Percent-encoded bytes are decoded as those of a path are; an editor may have encoded the "=" and the "@" too.
  const decoded = fileUriToPath(`file:///${uri.slice(hash + 1).replaceAll(/[?#]/gu, encodeURIComponent)}`).slice(1);
  return memberPath(fileUriToPath(uri.slice(0, hash)), fragment.exec(decoded)?.[1] ?? '');
}

export function memberUri(archive: ByteText, name: ByteText, headerOffset: number): string {
  const encoded = pathToFileUri(`/${memberText(name, headerOffset)}`).slice('file:///'.length);
  return `${pathToFileUri(archive)}#member=${encoded}`;
}

function exists(path: ByteText): boolean {
  try {
    return statSync(osPath(path), { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

function isFile(path: ByteText): boolean {
  try {
    return statSync(osPath(path), { throwIfNoEntry: false })?.isFile() === true;
  } catch {
    return false;
  }
}
