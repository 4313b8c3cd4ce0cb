import { promisify } from 'node:util';
import { inflate } from 'node:zlib';
import { createSourceWindow } from '../archive/source-window.ts';
import { type ByteSource, createMemorySource } from '../reader/byte-source.ts';
import { compressionOf } from '../reader/compressed-section.ts';
import { type ElfImage, sectionRange } from '../reader/elf-image.ts';
import { objectType } from '../reader/file-header.ts';
import type { FindingList } from '../reader/finding-list.ts';
import { type Section, sectionFlag } from '../reader/section-headers.ts';
import type { AddressSpace } from './address-space.ts';
import { relocated } from './relocated-section.ts';

const names = [
  'abbrev',
  'addr',
  'aranges',
  'info',
  'line',
  'line_str',
  'ranges',
  'rnglists',
  'str',
  'str_offsets',
] as const;

export type DebugSectionName = (typeof names)[number];

/** The sections of DWARF, uncompressed and relocated; read by range where they are neither. */
export interface DebugSections {
  readonly isLittle: boolean;
  /** Empty where there is none, or where it cannot be read. */
  readonly contents: Readonly<Record<DebugSectionName, ByteSource>>;
  /** `.debug_str` of the file that `.gnu_debugaltlink` names; empty where that is not here. */
  readonly alternateStrings: ByteSource;
  /** Number of the section, where the file has its bytes as they are: not compressed. */
  plainSection(name: DebugSectionName): number | null;
}

const inflateBytes = promisify(inflate);

/** More than any known library has of one; what says to be larger is not uncompressed. */
const maximumInflatedBytes = 1 << 30;
/** What deflate can make of a byte at most (zlib's "zlib Technical Details"). */
const maximumInflation = 1040;

/** Throws what the signal is aborted with. */
export async function openDebugSections(
  { image, alternate }: { readonly image: ElfImage; readonly alternate: ElfImage | null },
  space: AddressSpace,
  findings: FindingList,
  signal: AbortSignal | undefined,
): Promise<DebugSections> {
  const contents = {} as Record<DebugSectionName, ByteSource>;
  const plain = new Map<DebugSectionName, number>();
  for (const name of names) {
    const section = debugSection(image, name);
    contents[name] = section === undefined ? nothing : await open(image, section, findings);
    signal?.throwIfAborted();
    if (section === undefined) continue;
    if (compressionOf(image, section) === null && image.header.type !== objectType.relocatable) {
      plain.set(name, section.index);
    }
    if (image.header.type === objectType.relocatable) {
      contents[name] = relocated(image, section, contents[name], space, findings);
    }
  }
  const shared = alternate === null ? undefined : debugSection(alternate, 'str');
  return {
    isLittle: image.fields.byteOrder === 'little',
    contents,
    alternateStrings: alternate === null || shared === undefined ? nothing : await open(alternate, shared, findings),
    plainSection: name => plain.get(name) ?? null,
  };
}

/** `.debug_…`, or `.zdebug_…` as they were called where they were compressed before gABI had a flag for it. */
function debugSection(image: ElfImage, name: DebugSectionName): Section | undefined {
  return image.sectionNamed(`.debug_${name}`) ?? image.sectionNamed(`.zdebug_${name}`);
}

const nothing = createMemorySource(Buffer.alloc(0));

async function open(image: ElfImage, section: Section, findings: FindingList): Promise<ByteSource> {
  const { offset, sizeBytes } = sectionRange(image, section);
  const compression = compressionOf(image, section);
  if (compression === null) {
    // Too short for the header that its flag promises.
    if ((section.flags & sectionFlag.compressed) !== 0n) return nothing;
    return createSourceWindow(image.source, offset, sizeBytes);
  }
  const name = image.sectionName(section);
  const { method, uncompressedBytes } = compression;
  const refuse = (message: string): ByteSource => {
    findings.add({ code: 'elf/debug-compression', severity: 'warning', message, offset });
    return nothing;
  };
  if (method !== 'ZLIB')
    return refuse(`${name} is compressed with ${method}, which is not read: what it says is not known.`);
  const headerBytes = headerBytesOf(image, section);
  const wanted = Number(uncompressedBytes);
  if (wanted > maximumInflatedBytes || wanted > maximumInflation * sizeBytes) {
    return refuse(`${name} says that it has ${wanted} bytes when uncompressed, which is too much to be read.`);
  }
  if (wanted === 0) return nothing;
  try {
    const bytes = await inflateBytes(image.source.read(offset + headerBytes, sizeBytes - headerBytes), {
      maxOutputLength: wanted,
    });
    return createMemorySource(bytes);
  } catch (error) {
    return refuse(`${name} cannot be uncompressed: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

/** Of Elf32_Chdr, Elf64_Chdr, or "ZLIB" with a size. */
function headerBytesOf({ fields }: ElfImage, { flags }: Section): number {
  if ((flags & sectionFlag.compressed) === 0n) return 12;
  return fields.class === 64 ? 24 : 12;
}
