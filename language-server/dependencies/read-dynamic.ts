import { decodeBytes } from '../native/byte-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import type { FileWindow } from './file-window.ts';
import type { DependencyEntry, VersionDefinition, VersionNeed } from './loader-object.ts';
import type { FieldReader, ProgramHeader } from './read-loader-file.ts';

export interface LoaderDynamicSection {
  readonly soname: ByteText | null;
  readonly dependencies: readonly DependencyEntry[];
  readonly rpath: ByteText | null;
  readonly runpath: ByteText | null;
  /** `DT_FLAGS_1` */
  readonly flags1: number;
  readonly versionNeeds: readonly VersionNeed[];
  readonly versionDefinitions: readonly VersionDefinition[] | null;
}

const tag = {
  end: 0,
  needed: 1,
  stringTable: 5,
  soname: 14,
  rpath: 15,
  runpath: 29,
  flags1: 0x6ffffffb,
  versionDefinitions: 0x6ffffffc,
  versionNeeds: 0x6ffffffe,
  auxiliary: 0x7ffffffd,
  filter: 0x7fffffff,
};

const knownTags = new Set(Object.values(tag));
const weakVersion = 2;

/** Limits that no working file comes near, so that a broken one costs no more than they allow. */
const maximumEntries = 1 << 20;
const maximumRecords = 1 << 16;
const maximumPathBytes = 16 << 20;
const maximumNamesBytes = 16 << 20;
/** Longer names can be opened by no system (PATH_MAX is 4,096); what is behind does not matter. */
const maximumNameBytes = 16 << 10;

/** Everything by address through the loadable segments, as the loader sees the file once it is mapped. */
export function readDynamicSection(
  window: FileWindow,
  fields: FieldReader,
  loads: readonly ProgramHeader[],
  dynamic: ProgramHeader | undefined,
): LoaderDynamicSection {
  const offsetOf = (address: number): number => {
    const load = loads.find(segment => address >= segment.address && address < segment.address + segment.fileBytes);
    return load === undefined ? -1 : address - load.address + load.offset;
  };
  const single = new Map<number, number>();
  const named: { readonly kind: DependencyEntry['kind']; readonly name: number }[] = [];
  for (const [entryTag, value] of dynamicEntries(window, fields, dynamic, offsetOf)) {
    const kind = dependencyKinds.get(entryTag);
    if (kind !== undefined) named.push({ kind, name: value });
    else if (knownTags.has(entryTag)) single.set(entryTag, value);
  }
  const strings = offsetOf(single.get(tag.stringTable) ?? -1);
  let namesBytes = 0;
  const nameAt = (offset: number): ByteText => {
    if (strings < 0 || namesBytes > maximumNamesBytes) return '';
    const bytes = window.string(strings + offset, maximumNameBytes);
    namesBytes += bytes.length;
    return decodeBytes(bytes);
  };
  const pathOf = (entryTag: number): ByteText | null => {
    const offset = single.get(entryTag);
    if (offset === undefined) return null;
    return strings < 0 ? '' : decodeBytes(window.string(strings + offset, maximumPathBytes));
  };
  const soname = single.get(tag.soname);
  const tableOf = (entryTag: number): number => offsetOf(single.get(entryTag) ?? -1);
  const definitions = tableOf(tag.versionDefinitions);
  return {
    soname: soname === undefined ? null : nameAt(soname),
    dependencies: named.map(({ kind, name }) => ({ kind, name: nameAt(name) })),
    rpath: pathOf(tag.rpath),
    runpath: pathOf(tag.runpath),
    flags1: single.get(tag.flags1) ?? 0,
    versionNeeds: readVersionNeeds(window, fields, tableOf(tag.versionNeeds), nameAt),
    versionDefinitions: definitions < 0 ? null : readVersionDefinitions(window, fields, definitions, nameAt),
  };
}

const dependencyKinds = new Map<number, DependencyEntry['kind']>([
  [tag.needed, 'needed'],
  [tag.auxiliary, 'auxiliary'],
  [tag.filter, 'filter'],
]);

/** Tag and value of each entry up to DT_NULL. The segment's size is no limit for the loader, the end of the file is ours. */
function* dynamicEntries(
  window: FileWindow,
  fields: FieldReader,
  dynamic: ProgramHeader | undefined,
  offsetOf: (address: number) => number,
): Generator<readonly [tag: number, value: number]> {
  if (dynamic === undefined || dynamic.fileBytes === 0) return;
  const wordBytes = fields.class / 8;
  const entryBytes = 2 * wordBytes;
  const mapped = offsetOf(dynamic.address);
  const start = mapped < 0 ? dynamic.offset : mapped;
  const chunkEntries = 256;
  for (let first = 0; first < maximumEntries; first += chunkEntries) {
    const chunk = window.read(start + first * entryBytes, chunkEntries * entryBytes);
    const entries = Math.floor(chunk.length / entryBytes);
    for (let at = 0; at < entries * entryBytes; at += entryBytes) {
      const entryTag = fields.word(chunk, at);
      if (entryTag === tag.end) return;
      yield [entryTag, fields.word(chunk, at + wordBytes)];
    }
    if (entries < chunkEntries) return;
  }
}

/** The chain of Verneed records and, within each, of Vernaux records (gABI, "Symbol Versioning"). */
function readVersionNeeds(
  window: FileWindow,
  fields: FieldReader,
  start: number,
  nameAt: (offset: number) => ByteText,
): readonly VersionNeed[] {
  const needs: VersionNeed[] = [];
  const budget = { records: maximumRecords };
  for (const [at, record] of records(window, fields, start, { bytes: 16, next: 12 }, budget)) {
    const versions = [...records(window, fields, at + fields.u32(record, 8), { bytes: 16, next: 12 }, budget)];
    needs.push({
      file: nameAt(fields.u32(record, 4)),
      versions: versions.map(([, version]) => ({
        hash: fields.u32(version, 0),
        weak: (fields.u16(version, 4) & weakVersion) !== 0,
        name: nameAt(fields.u32(version, 8)),
      })),
    });
  }
  return needs;
}

/** The chain of Verdef records, each with the first of its Verdaux records, which names it. */
function readVersionDefinitions(
  window: FileWindow,
  fields: FieldReader,
  start: number,
  nameAt: (offset: number) => ByteText,
): readonly VersionDefinition[] {
  const budget = { records: maximumRecords };
  return [...records(window, fields, start, { bytes: 20, next: 16 }, budget)].map(([at, record]) => {
    const name = window.read(at + fields.u32(record, 12), 4);
    return { hash: fields.u32(record, 8), name: name.length < 4 ? '' : nameAt(fields.u32(name, 0)) };
  });
}

/** Offset and bytes of each record of a chain. At `layout.next` a record says how far on the next one is; 0 ends it. */
function* records(
  window: FileWindow,
  fields: FieldReader,
  start: number,
  layout: { readonly bytes: number; readonly next: number },
  budget: { records: number },
): Generator<readonly [offset: number, record: Buffer]> {
  for (let at = start; at >= 0 && budget.records > 0; budget.records--) {
    const record = window.read(at, layout.bytes);
    if (record.length < layout.bytes) return;
    yield [at, record];
    const distance = fields.u32(record, layout.next);
    if (distance === 0) return;
    at += distance;
  }
}
