import { decodeBytes } from '../../native/byte-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { coreNoteTypes } from '../names/core-note-types.ts';
import { buildAttributeNote, buildAttributeRegion } from './build-attributes.ts';
import type { ElfImage } from './elf-image.ts';
import { objectType } from './file-header.ts';
import { gnuPropertyTexts } from './gnu-properties.ts';
import type { Note } from './notes.ts';

/** What a note means. A new one is a line in {@link noteKinds}. */
export interface NoteDescription {
  /** As readelf names it: "NT_GNU_BUILD_ID (unique build ID bitstring)". */
  readonly type: string;
  readonly text: ByteText;
}

type Describe = (descriptor: Buffer, image: ElfImage, note: Note) => ByteText;

interface NoteKind {
  readonly owner: RegExp;
  readonly type: number;
  readonly name: string;
  readonly describe: Describe;
}

/** Descriptors are read up to here; the longest known (package metadata, properties) are some hundred bytes. */
const maximumDescriptorBytes = 64 << 10;
/** Of a descriptor that is not understood. */
const maximumShownBytes = 256;

export const gnuNote = { abiTag: 1, hwcap: 2, buildId: 3, goldVersion: 4, property: 5 } as const;

export function describeNote(image: ElfImage, note: Note): NoteDescription {
  const kind = noteKinds.find(({ owner, type }) => type === note.type && owner.test(note.owner));
  const coreType = image.header.type === objectType.core ? coreNoteTypes.get(note.type) : undefined;
  // Registers and the like: hundreds of bytes, which their names say more of.
  if (kind === undefined && coreType !== undefined) return { type: coreType, text: mappedFiles(image, note) };
  const type = kind?.name ?? objectNoteTypes.get(note.type) ?? unknownType(note.type);
  const limit = kind === undefined ? maximumShownBytes : maximumDescriptorBytes;
  const descriptor = image.source.read(note.descriptorOffset, Math.min(note.descriptorBytes, limit));
  if (note.regionOffset !== undefined) {
    const region = image.source.read(note.regionOffset, 2 * image.fields.wordBytes);
    return { type, text: buildAttributeRegion(region, image.fields) };
  }
  const text = (kind?.describe ?? describeBytes)(descriptor, image, note);
  return { type, text };
}

/** Build ID, as `readelf -n` prints it; null where there is none. */
export function buildIdOf(image: ElfImage, notes: readonly Note[]): string | null {
  const note = notes.find(({ owner, type }) => owner === 'GNU' && type === gnuNote.buildId);
  if (note === undefined) return null;
  return image.source.read(note.descriptorOffset, Math.min(note.descriptorBytes, 1024)).toString('hex');
}

const abiSystems = ['Linux', 'Hurd', 'Solaris', 'FreeBSD', 'NetBSD', 'Syllable', 'NaCl'];

/** "OS: Linux, ABI: 3.2.0": the oldest kernel that the file runs on. */
function describeAbiTag(descriptor: Buffer, { fields }: ElfImage): string {
  if (descriptor.length < 16) return '<corrupt GNU_ABI_TAG>';
  const [system, major, minor, patch] = [0, 4, 8, 12].map(at => fields.u32(descriptor, at));
  return `OS: ${abiSystems[system ?? -1] ?? 'Unknown'}, ABI: ${major}.${minor}.${patch}`;
}

function describeHwcap(descriptor: Buffer, { fields }: ElfImage): string {
  if (descriptor.length < 8) return '<corrupt GNU_HWCAP>';
  return `num entries: ${fields.u32(descriptor, 0)}, enabled mask: ${fields.u32(descriptor, 4).toString(16)}`;
}

/** The probe of SystemTap: three addresses, then provider, name and arguments. */
function describeProbe(descriptor: Buffer, { fields }: ElfImage): ByteText {
  const word = fields.wordBytes;
  if (descriptor.length < 3 * word + 3) return '<corrupt - note is too small>';
  const [location, base, semaphore] = [0, word, 2 * word].map(at => `0x${fields.wordDigits(descriptor, at)}`);
  const [provider, name, probeArguments] = decodeBytes(descriptor.subarray(3 * word)).split('\0');
  return `Provider: ${provider}, Name: ${name}, Location: ${location}, Base: ${base}, Semaphore: ${semaphore}, Arguments: ${probeArguments}`;
}

function describeText(descriptor: Buffer): ByteText {
  const end = descriptor.indexOf(0);
  return decodeBytes(end < 0 ? descriptor : descriptor.subarray(0, end));
}

function describeVersionNumber(descriptor: Buffer, { fields }: ElfImage): string {
  return descriptor.length < 4 ? '<corrupt>' : `Version: ${fields.u32(descriptor, 0)}`;
}

function describeBytes(descriptor: Buffer, _image: ElfImage, note: Note): string {
  const shown = descriptor.subarray(0, maximumShownBytes);
  const text = shown.toString('hex').replace(/(..)(?=.)/gu, '$1 ');
  return note.descriptorBytes > shown.length ? `${text} …` : text;
}

const ntFile = 0x46494c45;

/** The files that the process had mapped, each once; nothing for notes of another type. */
function mappedFiles({ source, fields }: ElfImage, { type, descriptorOffset, descriptorBytes }: Note): ByteText {
  if (type !== ntFile) return '';
  const descriptor = source.read(descriptorOffset, Math.min(descriptorBytes, maximumDescriptorBytes));
  if (descriptor.length < 2 * fields.wordBytes) return '';
  // A count, the size of a page, then start, end and offset of each, then their names.
  const names = fields.word(descriptor, 0) * 3 * fields.wordBytes + 2 * fields.wordBytes;
  const paths = decodeBytes(descriptor.subarray(names)).split('\0');
  return [...new Set(paths)].filter(path => path !== '').join(' ');
}

const noteKinds: readonly NoteKind[] = [
  { owner: /^GNU$/u, type: gnuNote.abiTag, name: 'NT_GNU_ABI_TAG (ABI version tag)', describe: describeAbiTag },
  {
    owner: /^GNU$/u,
    type: gnuNote.hwcap,
    name: 'NT_GNU_HWCAP (DSO-supplied software HWCAP info)',
    describe: describeHwcap,
  },
  {
    owner: /^GNU$/u,
    type: gnuNote.buildId,
    name: 'NT_GNU_BUILD_ID (unique build ID bitstring)',
    describe: descriptor => `Build ID: ${descriptor.toString('hex')}`,
  },
  {
    owner: /^GNU$/u,
    type: gnuNote.goldVersion,
    name: 'NT_GNU_GOLD_VERSION (gold version)',
    describe: descriptor => `Version: ${describeText(descriptor)}`,
  },
  {
    owner: /^GNU$/u,
    type: gnuNote.property,
    name: 'NT_GNU_PROPERTY_TYPE_0',
    describe: (descriptor, image) =>
      `Properties: ${gnuPropertyTexts(descriptor, image.fields, image.header.machine).join('; ')}`,
  },
  { owner: /^stapsdt$/u, type: 3, name: 'NT_STAPSDT (SystemTap probe descriptors)', describe: describeProbe },
  { owner: /^Go$/u, type: 4, name: 'GO BUILDID', describe: describeText },
  {
    owner: /^FDO$/u,
    type: 0xcafe1a7e,
    name: 'FDO_PACKAGING_METADATA',
    describe: descriptor => `Packaging Metadata: ${describeText(descriptor)}`,
  },
  { owner: /^FDO$/u, type: 0x407c0c0a, name: 'FDO_DLOPEN_METADATA', describe: describeText },
  { owner: /^Android$/u, type: 1, name: 'NT_VERSION (version)', describe: describeVersionNumber },
];

/** Types that an owner of no kind above uses, as `readelf -n` names them. */
const objectNoteTypes: ReadonlyMap<number, string> = new Map([
  [1, 'NT_VERSION (version)'],
  [2, 'NT_ARCH (architecture)'],
  [buildAttributeNote.open, 'OPEN'],
  [buildAttributeNote.function, 'func'],
]);

function unknownType(type: number): string {
  return `Unknown note type: (0x${type.toString(16).padStart(8, '0')})`;
}
