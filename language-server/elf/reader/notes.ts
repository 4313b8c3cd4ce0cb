import { decodeBytes } from '../../native/byte-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { buildAttributeText, isBuildAttribute } from './build-attributes.ts';
import { type ElfImage, sectionRange } from './elf-image.ts';
import { hex } from './fields.ts';
import { objectType } from './file-header.ts';
import { segmentType } from './program-headers.ts';
import { sectionType } from './section-headers.ts';

/** A note (gABI, "Note Section"). */
export interface Note {
  /** Name of its section, or "PT_NOTE" where there are no sections. */
  readonly place: ByteText;
  /** Offset of its header in the file. */
  readonly offset: number;
  /** Who defines what `type` means: "GNU". */
  readonly owner: ByteText;
  readonly type: number;
  readonly descriptorOffset: number;
  readonly descriptorBytes: number;
  /** Of a build attribute without a descriptor: where that of the last one with one is, whose region it shares. */
  readonly regionOffset?: number;
}

/** Enough for the probes of the largest program; a hostile file could consist of notes of 12 bytes. */
const maximumNotes = 1 << 16;
const maximumOwnerBytes = 256;
/** `Elf32_Nhdr` and the name that most have. */
const headerBytes = 12 + 4;

interface NoteRegion {
  readonly place: ByteText;
  readonly offset: number;
  readonly sizeBytes: number;
  readonly claimedBytes: number;
  readonly alignment: bigint;
}

/** All notes in the order of the file's sections; of a core file, or one without sections, those of its segments. */
export function readNotes(image: ElfImage): readonly Note[] {
  const notes: Note[] = [];
  for (const region of noteRegions(image)) {
    readRegion(image, region, notes);
    if (notes.length >= maximumNotes) {
      image.findings.add({
        code: 'elf/many-notes',
        severity: 'warning',
        message: `There are more than ${maximumNotes} notes; the others are not shown.`,
      });
      break;
    }
  }
  return notes;
}

function noteRegions(image: ElfImage): readonly NoteRegion[] {
  const regions: NoteRegion[] = [];
  if (image.sections.count > 0 && image.header.type !== objectType.core) {
    for (const section of image.firstSections()) {
      if (section.type !== sectionType.note) continue;
      const claimedBytes = Number(section.sizeBytes);
      const { alignment } = section;
      regions.push({ place: image.sectionName(section), ...sectionRange(image, section), claimedBytes, alignment });
    }
    return regions;
  }
  const { sizeBytes } = image.source;
  for (const segment of image.segments) {
    if (segment.type !== segmentType.note) continue;
    const offset = Number(segment.offset);
    const claimedBytes = Number(segment.fileBytes);
    const within = Math.max(0, Math.min(claimedBytes, sizeBytes - offset));
    regions.push({ place: 'PT_NOTE', offset, sizeBytes: within, claimedBytes, alignment: segment.alignment });
  }
  return regions;
}

function readRegion(image: ElfImage, region: NoteRegion, notes: Note[]): void {
  const { source, fields } = image;
  const end = region.offset + region.sizeBytes;
  // 8 only where the region says so: the gABI asks for it in all 64-bit files, but nobody ever did it.
  const alignment = region.alignment === 8n ? 8 : 4;
  const regions = new Map<number, number>();
  let at = region.offset;
  while (at + 12 <= end && notes.length < maximumNotes) {
    const header = source.read(at, headerBytes);
    if (header.length < 12) break;
    const ownerBytes = fields.u32(header, 0);
    const descriptorBytes = fields.u32(header, 4);
    const descriptorOffset = at + alignUp(12 + ownerBytes, alignment);
    if (descriptorOffset + descriptorBytes > end) {
      broken(image, region.place, at, `${hex(descriptorBytes)} bytes at ${hex(descriptorOffset)}`, end);
      return;
    }
    const { place } = region;
    const note = { place, offset: at, type: fields.u32(header, 8), descriptorOffset, descriptorBytes };
    notes.push(
      ownerBytes === 4 && isGnu(header)
        ? { ...note, owner: 'GNU' }
        : withOwner(note, source.read(at + 12, Math.min(ownerBytes, maximumOwnerBytes)), regions),
    );
    at = descriptorOffset + alignUp(descriptorBytes, alignment);
  }
  if (region.claimedBytes > region.sizeBytes) {
    broken(image, region.place, region.offset, `${hex(region.claimedBytes)} bytes`, end);
  }
}

/** @param regions Of build attributes: by type, where the region of the last one with a descriptor is told. */
function withOwner(note: Omit<Note, 'owner'>, name: Buffer, regions: Map<number, number>): Note {
  if (!isBuildAttribute(name, note.type)) return { ...note, owner: ownerText(name) };
  const { type, descriptorOffset, descriptorBytes } = note;
  if (descriptorBytes > 0) regions.set(type, descriptorOffset);
  return { ...note, owner: buildAttributeText(name), regionOffset: regions.get(type) ?? descriptorOffset };
}

/** Most notes of a library are GNU's: theirs is the name that is told without being decoded. */
function isGnu(header: Buffer): boolean {
  return header[12] === 0x47 && header[13] === 0x4e && header[14] === 0x55 && header[15] === 0;
}

function ownerText(name: Buffer): ByteText {
  const end = name.indexOf(0);
  return decodeBytes(end < 0 ? name : name.subarray(0, end));
}

function broken(image: ElfImage, place: ByteText, offset: number, actual: string, end: number): void {
  image.findings.add({
    code: 'elf/note-size',
    severity: 'warning',
    message: `A note in ${place} is larger than the place that it is in; what comes after it cannot be read.`,
    offset,
    expected: `an end at ${hex(end)} or before`,
    actual,
    evidence: { rule: 'gABI: Note Section' },
  });
}

function alignUp(value: number, alignment: number): number {
  return Math.ceil(value / alignment) * alignment;
}
