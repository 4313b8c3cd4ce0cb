import { decodeBytes } from '../../native/byte-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { type ElfImage, findSection, sectionRange } from '../reader/elf-image.ts';
import { type ModuleSignature, readModuleSignature } from './module-signature.ts';

/** What a kernel module says of itself in `.modinfo` (Linux `include/linux/module.h`, MODULE_INFO). */
export interface KernelModule {
  /** All entries in the order of the file; keys may occur several times. */
  readonly entries: readonly ModuleInfoEntry[];
  /** Null where the key is missing, here and below. */
  readonly name: ByteText | null;
  readonly license: ByteText | null;
  readonly description: ByteText | null;
  /** Modules that have to be loaded before. */
  readonly depends: readonly ByteText[];
  /** Devices and names that it is loaded for. */
  readonly aliases: readonly ByteText[];
  readonly firmware: readonly ByteText[];
  /** The kernel that it was built for, and the options that have to agree. */
  readonly versionMagic: VersionMagic | null;
  readonly parameters: readonly ModuleParameter[];
  /** Whether it came with the kernel (`intree=Y`). */
  readonly isInTree: boolean;
  /** Null: the file is not signed. */
  readonly signature: ModuleSignature | null;
}

export interface ModuleInfoEntry {
  /** Offset in the file, in bytes. */
  readonly offset: number;
  readonly key: ByteText;
  /** Everything behind the first "="; empty where there is none. */
  readonly value: ByteText;
}

export interface VersionMagic {
  /** "6.1.0-50-amd64". */
  readonly kernel: ByteText;
  /** "SMP", "preempt", "mod_unload", "modversions", … */
  readonly options: readonly ByteText[];
}

export interface ModuleParameter {
  readonly name: ByteText;
  /** "int", "array of charp"; null: it does not say. */
  readonly type: ByteText | null;
  readonly description: ByteText | null;
}

/** The section of the largest modules (with thousands of aliases) has some hundred KiB. */
const maximumBytes = 16 << 20;

/** Null: there is no `.modinfo`, so this is no kernel module. */
export function readKernelModule(image: ElfImage): KernelModule | null {
  const section = findSection(image, candidate => image.sectionName(candidate) === '.modinfo');
  if (section === undefined) return null;
  const { offset, sizeBytes } = sectionRange(image, section);
  const entries = parseModuleInfo(image.source.read(offset, Math.min(sizeBytes, maximumBytes)), offset);
  const all = (key: string): readonly ByteText[] =>
    entries.filter(entry => entry.key === key).map(({ value }) => value);
  const first = (key: string): ByteText | null => all(key)[0] ?? null;
  return {
    entries,
    name: first('name'),
    license: first('license'),
    description: first('description'),
    depends: all('depends').flatMap(words(',')),
    aliases: all('alias'),
    firmware: all('firmware'),
    versionMagic: versionMagicOf(first('vermagic')),
    parameters: parametersOf(all('parm'), all('parmtype')),
    isInTree: first('intree') === 'Y',
    signature: readModuleSignature(image),
  };
}

/** Texts `key=value` that end with NUL, with any number of NULs between them (`get_next_modinfo`). */
export function parseModuleInfo(bytes: Buffer, offset: number): readonly ModuleInfoEntry[] {
  const entries: ModuleInfoEntry[] = [];
  for (let at = 0; at < bytes.length; ) {
    const found = bytes.indexOf(0, at);
    const end = found < 0 ? bytes.length : found;
    if (end > at) {
      const text = decodeBytes(bytes.subarray(at, end));
      const equals = text.indexOf('=');
      const key = equals < 0 ? text : text.slice(0, equals);
      entries.push({ offset: offset + at, key, value: equals < 0 ? '' : text.slice(equals + 1) });
    }
    at = end + 1;
  }
  return entries;
}

function versionMagicOf(text: ByteText | null): VersionMagic | null {
  if (text === null) return null;
  const [kernel = '', ...options] = words(' ')(text);
  return { kernel, options };
}

/** `parm=name:description` and `parmtype=name:type`, in the order of the first that names them. */
function parametersOf(descriptions: readonly ByteText[], types: readonly ByteText[]): readonly ModuleParameter[] {
  const described = new Map(descriptions.map(splitParameter));
  const typed = new Map(types.map(splitParameter));
  return [...new Set([...described.keys(), ...typed.keys()])].map(name => ({
    name,
    type: typed.get(name) ?? null,
    description: described.get(name) ?? null,
  }));
}

function splitParameter(text: ByteText): readonly [name: ByteText, rest: ByteText] {
  const colon = text.indexOf(':');
  return colon < 0 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)];
}

function words(separator: string): (text: ByteText) => readonly ByteText[] {
  return text => text.split(separator).filter(word => word !== '');
}
