import { decodeBytes } from '../../native/byte-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { Finding } from '../../protocol/finding.ts';
import type { ByteSource } from '../reader/byte-source.ts';
import { hex } from '../reader/fields.ts';
import { createFindingList, type FindingList } from '../reader/finding-list.ts';
import { decodeMemberHeader, type MemberHeader, memberHeaderBytes } from './member-header.ts';
import { longNameAt, parseMemberName } from './member-name.ts';
import { createSourceWindow } from './source-window.ts';
import { type ArchiveSymbolIndex, readSymbolIndex, type SymbolIndexFormat } from './symbol-index.ts';

/** An archive of files, as `ar` makes it and linkers read it (ar(5), the GNU, BSD and System V variants). */
export interface Archive {
  /** A thin archive has the names of its members, not their contents. */
  readonly isThin: boolean;
  /** In the order of the archive; names may occur several times. */
  readonly members: readonly ArchiveMember[];
  /** Null: the archive has none. */
  readonly symbolIndex: ArchiveSymbolIndex | null;
  readonly findings: readonly Finding[];
}

export interface ArchiveMember {
  /** In a thin archive a path, seen from the folder of the archive. */
  readonly name: ByteText;
  /** Where its header stands; the symbol index names members by this. */
  readonly headerOffset: number;
  /** Where its contents begin. In a thin archive they are elsewhere, and this is where they would be. */
  readonly offset: number;
  /** As the header says. */
  readonly sizeBytes: number;
  /** Seconds since 1970; 0 in reproducible archives; null where the field is no number. */
  readonly modifiedSeconds: number | null;
  readonly userId: number | null;
  readonly groupId: number | null;
  readonly mode: number | null;
  /** What the contents begin like; `external`: they are in a file of their own (thin archives). */
  readonly format: MemberFormat;
  readonly isElf: boolean;
  /** In a thin archive: `name` is an archive, and the member's header is at this offset of it. Else null. */
  readonly nestedOffset: number | null;
}

export type MemberFormat = 'elf' | 'archive' | 'llvm-bitcode' | 'external' | 'other';

/** Far more than a linker's heaviest library has. */
const maximumMembers = 1 << 18;
const maximumNameBytes = 64 << 10;
const magicBytes = 8;

/** Reads the headers of all members, one small range each, and the symbol index. Null: this is no archive. */
export function readArchive(source: ByteSource): Archive | null {
  const magic = source.read(0, magicBytes).toString('latin1');
  if (magic !== '!<arch>\n' && magic !== '!<thin>\n') return null;
  const scan: Scan = {
    source,
    isThin: magic === '!<thin>\n',
    findings: createFindingList(),
    members: [],
    longNames: Buffer.alloc(0),
    symbolIndex: null,
  };
  let at = magicBytes;
  while (at < source.sizeBytes && scan.members.length < maximumMembers) {
    const next = readMember(scan, at);
    at = next ?? recover(scan, at) ?? source.sizeBytes;
  }
  if (scan.members.length >= maximumMembers) tooMany(scan.findings, at);
  checkSymbolIndex(scan);
  const { isThin, members, symbolIndex } = scan;
  return { isThin, members, symbolIndex, findings: scan.findings.list() };
}

/** The contents of a member as a file of their own; null where they are not in the archive. */
export function memberSource(source: ByteSource, member: ArchiveMember): ByteSource | null {
  return member.format === 'external' ? null : createSourceWindow(source, member.offset, member.sizeBytes);
}

interface Scan {
  readonly source: ByteSource;
  readonly isThin: boolean;
  readonly findings: FindingList;
  readonly members: ArchiveMember[];
  longNames: Buffer;
  symbolIndex: ArchiveSymbolIndex | null;
}

/** Offset of the next header; null where this one cannot be read, with a finding. */
function readMember(scan: Scan, headerOffset: number): number | null {
  const { source, findings } = scan;
  const bytes = source.read(headerOffset, memberHeaderBytes);
  const header = decodeMemberHeader(bytes);
  if (header === null) return explainHeader(scan, headerOffset, bytes);
  if (header.sizeBytes === null || header.hasOddSize) oddSize(findings, headerOffset, bytes, header);
  if (header.sizeBytes === null) return null;
  const offset = headerOffset + memberHeaderBytes;
  const isKept = takeMember(scan, header, { headerOffset, offset, sizeBytes: header.sizeBytes });
  const end = isKept === 'external' ? offset : offset + header.sizeBytes;
  if (end > source.sizeBytes) beyondEnd(findings, headerOffset, end, source.sizeBytes);
  return end % 2 === 0 ? end : afterOddMember(scan, end);
}

interface MemberPlace {
  readonly headerOffset: number;
  readonly offset: number;
  readonly sizeBytes: number;
}

/** Files a member under what it is. `external`: no contents come behind its header. */
function takeMember(scan: Scan, header: MemberHeader, place: MemberPlace): 'external' | 'here' {
  const { source, findings } = scan;
  const parsed = parseMemberName(header.name);
  if (parsed.kind === 'symbolIndex') {
    // The second index of Windows' archives says the same in another order.
    scan.symbolIndex ??= readSymbolIndex(source, parsed.format, place, findings);
    return 'here';
  }
  if (parsed.kind === 'longNames') {
    scan.longNames = source.read(place.offset, place.sizeBytes);
    return 'here';
  }
  const { name, nameBytes } = nameOf(scan, parsed, place);
  const format = bsdIndexFormats.get(name);
  const contents = { offset: place.offset + nameBytes, sizeBytes: Math.max(0, place.sizeBytes - nameBytes) };
  if (format !== undefined && scan.members.length === 0) {
    scan.symbolIndex ??= readSymbolIndex(source, format, contents, findings);
    return 'here';
  }
  const memberFormat = scan.isThin ? 'external' : contentsFormat(source, contents.offset, contents.sizeBytes);
  scan.members.push({
    name,
    headerOffset: place.headerOffset,
    ...contents,
    modifiedSeconds: header.modifiedSeconds,
    userId: header.userId,
    groupId: header.groupId,
    mode: header.mode,
    format: memberFormat,
    isElf: memberFormat === 'elf',
    nestedOffset: parsed.kind === 'long' ? parsed.nestedOffset : null,
  });
  return scan.isThin ? 'external' : 'here';
}

const bsdIndexFormats: ReadonlyMap<string, SymbolIndexFormat> = new Map([
  ['__.SYMDEF', 'bsd32'],
  ['__.SYMDEF SORTED', 'bsd32'],
  ['__.SYMDEF/', 'bsd32'],
  ['__.SYMDEF_64', 'bsd64'],
  ['__.SYMDEF_64 SORTED', 'bsd64'],
]);

type FileName = Exclude<ReturnType<typeof parseMemberName>, { kind: 'symbolIndex' | 'longNames' }>;

/** @returns The name, and how many bytes of the contents it takes. */
function nameOf(
  { source, longNames, findings }: Scan,
  parsed: FileName,
  { headerOffset, offset, sizeBytes }: MemberPlace,
): { readonly name: ByteText; readonly nameBytes: number } {
  switch (parsed.kind) {
    case 'short':
      return { name: parsed.name, nameBytes: 0 };
    case 'long': {
      const name = longNameAt(longNames, parsed.offset);
      if (name === null) badName(findings, headerOffset, `less than ${hex(longNames.length)}`, hex(parsed.offset));
      return { name: name ?? '<corrupt>', nameBytes: 0 };
    }
    case 'within': {
      const nameBytes = Math.min(parsed.nameBytes, sizeBytes);
      if (nameBytes < parsed.nameBytes)
        badName(findings, headerOffset, `at most ${hex(sizeBytes)}`, hex(parsed.nameBytes));
      return { name: decodeBytes(source.string(offset, Math.min(nameBytes, maximumNameBytes))), nameBytes };
    }
  }
}

function contentsFormat(source: ByteSource, offset: number, sizeBytes: number): MemberFormat {
  const start = source.read(offset, Math.min(8, sizeBytes)).toString('latin1');
  if (start.startsWith('\x7fELF')) return 'elf';
  if (start.startsWith('BC\xc0\xde') || start.startsWith('\xde\xc0\x17\x0b')) return 'llvm-bitcode';
  return start === '!<arch>\n' || start === '!<thin>\n' ? 'archive' : 'other';
}

/** Members begin at even offsets, but some writers forgot the newline that fills the gap. */
function afterOddMember({ source, findings }: Scan, end: number): number {
  const isHeader = (at: number): boolean => decodeMemberHeader(source.read(at, memberHeaderBytes)) !== null;
  if (end + memberHeaderBytes > source.sizeBytes || isHeader(end + 1) || !isHeader(end)) return end + 1;
  findings.add({
    code: 'archive/unaligned-member',
    severity: 'warning',
    message: 'A member begins at an odd offset; GNU ar and linkers read the archive only up to here.',
    offset: end,
    expected: 'a newline before it',
    evidence: { rule: 'ar(5)' },
  });
  return end;
}

/** Behind a header that cannot be read, the symbol index may still know where members are. */
function recover({ source, symbolIndex, findings }: Scan, broken: number): number | null {
  let next = source.sizeBytes;
  for (const offset of symbolIndex?.memberOffsets ?? []) {
    if (offset > broken && offset < next && decodeMemberHeader(source.read(offset, memberHeaderBytes)) !== null)
      next = offset;
  }
  if (next >= source.sizeBytes) return null;
  findings.add({
    code: 'archive/skipped',
    severity: 'information',
    message: `Reading goes on at ${hex(next)}, where the symbol index says that a member begins.`,
    offset: broken,
  });
  return next;
}

function explainHeader({ findings, source }: Scan, offset: number, bytes: Buffer): null {
  // Some writers fill the file up.
  if (bytes.every(byte => byte === 0x0a || byte === 0)) {
    if (offset + bytes.length >= source.sizeBytes) return null;
  }
  const isCut = bytes.length < memberHeaderBytes;
  findings.add({
    code: isCut ? 'archive/header-truncated' : 'archive/header',
    severity: 'error',
    message: isCut
      ? 'The archive ends within the header of a member: it is truncated.'
      : 'The header of a member does not end as each of them does; what comes behind it cannot be found by it.',
    offset,
    expected: isCut ? `${memberHeaderBytes} bytes` : 'bytes 60 0a at its end',
    actual: isCut
      ? `${bytes.length}`
      : `bytes ${bytes
          .subarray(58)
          .toString('hex')
          .replace(/(..)(?=.)/gu, '$1 ')}`,
    evidence: { rule: 'ar(5): struct ar_hdr, ar_fmag' },
  });
  return null;
}

function oddSize(findings: FindingList, headerOffset: number, bytes: Buffer, header: MemberHeader): void {
  findings.add({
    code: 'archive/member-size',
    severity: header.sizeBytes === null ? 'error' : 'warning',
    message: 'The size of a member is not a decimal number.',
    offset: headerOffset + 48,
    expected: 'digits, then spaces',
    actual: JSON.stringify(bytes.toString('latin1', 48, 58)),
    evidence: { rule: 'ar(5): struct ar_hdr, ar_size' },
  });
}

function badName(findings: FindingList, offset: number, expected: string, actual: string): void {
  findings.add({
    code: 'archive/member-name',
    severity: 'warning',
    message: 'The name of a member is said to be where there is none.',
    offset,
    expected,
    actual,
    evidence: { rule: 'ar(5): struct ar_hdr, ar_name' },
  });
}

function beyondEnd(findings: FindingList, offset: number, end: number, sizeBytes: number): void {
  findings.add({
    code: 'archive/member-beyond-end',
    severity: 'error',
    message:
      'A member ends behind the end of the archive: the archive is truncated, or the header of the member is broken.',
    offset,
    expected: `an end at ${hex(sizeBytes)} or before`,
    actual: hex(end),
    evidence: { rule: 'ar(5): struct ar_hdr, ar_size' },
  });
}

function tooMany(findings: FindingList, offset: number): void {
  findings.add({
    code: 'archive/many-members',
    severity: 'warning',
    message: `The archive has more than ${maximumMembers} members; the others are not shown.`,
    offset,
  });
}

/** The linker takes its word for it, so an entry that leads elsewhere makes it fail. */
function checkSymbolIndex({ members, symbolIndex, findings }: Scan): void {
  if (symbolIndex === null) {
    if (!members.some(({ isElf }) => isElf)) return;
    findings.add({
      code: 'archive/no-index',
      severity: 'information',
      message: 'The archive has no symbol index; linkers want one ("ranlib" adds it).',
      evidence: { rule: 'ar(1): modifier s', command: 'nm -s' },
    });
    return;
  }
  const headers = new Set(members.map(({ headerOffset }) => headerOffset));
  let last = -1;
  for (const [index, offset] of symbolIndex.memberOffsets.entries()) {
    if (offset === last || headers.has(offset)) continue;
    last = offset;
    findings.add({
      code: 'archive/index-offset',
      severity: 'warning',
      message: `The symbol index says that ${symbolIndex.name(index).slice(0, 200)} is defined by a member at an offset where none begins.`,
      offset,
      expected: 'the offset of the header of a member',
      actual: hex(offset),
      evidence: { rule: 'ar(5): symbol index' },
    });
  }
}
