import type { ByteSource } from '../../elf/reader/byte-source.ts';
import { dynamicTag } from '../../elf/reader/dynamic-section.ts';
import type { FieldReader } from '../../elf/reader/fields.ts';
import { versionFlag } from '../../elf/reader/symbol-versions.ts';
import { decodeBytes } from '../../native/byte-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { DependencyEntry, VersionDefinition, VersionNeed } from './loader-object.ts';

export interface ProgramHeader {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly fileBytes: number;
}

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

const { needed, stringTable, soname: sonameTag, rpath, runpath, flags1, versionDefinitions, versionNeeds } = dynamicTag;
const { auxiliary, filter } = dynamicTag;
/** Entries of which one counts: the last. */
const singleTags: ReadonlySet<number> = new Set([
  stringTable,
  sonameTag,
  rpath,
  runpath,
  flags1,
  versionDefinitions,
  versionNeeds,
]);

/** Limits that no working file comes near, so that a broken one costs no more than they allow. */
const maximumEntries = 1 << 20;
const maximumRecords = 1 << 16;
const maximumPathBytes = 16 << 20;
const maximumNamesBytes = 16 << 20;
/** Longer names can be opened by no system (PATH_MAX is 4,096); what is behind does not matter. */
const maximumNameBytes = 16 << 10;

/** Everything by address through the loadable segments, as the loader sees the file once it is mapped. */
export function readDynamicSection(
  source: ByteSource,
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
  for (const [entryTag, value] of dynamicEntries(source, fields, dynamic, offsetOf)) {
    const kind = dependencyKinds.get(entryTag);
    if (kind !== undefined) named.push({ kind, name: value });
    else if (singleTags.has(entryTag)) single.set(entryTag, value);
  }
  const strings = offsetOf(single.get(stringTable) ?? -1);
  let namesBytes = 0;
  const nameAt = (offset: number): ByteText => {
    if (strings < 0 || namesBytes > maximumNamesBytes) return '';
    const bytes = source.string(strings + offset, maximumNameBytes);
    namesBytes += bytes.length;
    return decodeBytes(bytes);
  };
  const pathOf = (entryTag: number): ByteText | null => {
    const offset = single.get(entryTag);
    if (offset === undefined) return null;
    return strings < 0 ? '' : decodeBytes(source.string(strings + offset, maximumPathBytes));
  };
  const soname = single.get(sonameTag);
  const tableOf = (entryTag: number): number => offsetOf(single.get(entryTag) ?? -1);
  const definitions = tableOf(versionDefinitions);
  return {
    soname: soname === undefined ? null : nameAt(soname),
    dependencies: named.map(({ kind, name }) => ({ kind, name: nameAt(name) })),
    rpath: pathOf(rpath),
    runpath: pathOf(runpath),
    flags1: single.get(flags1) ?? 0,
    versionNeeds: readVersionNeeds(source, fields, tableOf(versionNeeds), nameAt),
    versionDefinitions: definitions < 0 ? null : readVersionDefinitions(source, fields, definitions, nameAt),
  };
}

const dependencyKinds = new Map<number, DependencyEntry['kind']>([
  [needed, 'needed'],
  [auxiliary, 'auxiliary'],
  [filter, 'filter'],
]);

/** Tag and value of each entry up to DT_NULL. The segment's size is no limit for the loader, the end of the file is ours. */
function* dynamicEntries(
  source: ByteSource,
  fields: FieldReader,
  dynamic: ProgramHeader | undefined,
  offsetOf: (address: number) => number,
): Generator<readonly [tag: number, value: number]> {
  if (dynamic === undefined || dynamic.fileBytes === 0) return;
  const { wordBytes } = fields;
  const entryBytes = 2 * wordBytes;
  const mapped = offsetOf(dynamic.address);
  const start = mapped < 0 ? dynamic.offset : mapped;
  const chunkEntries = 256;
  for (let first = 0; first < maximumEntries; first += chunkEntries) {
    const chunk = source.read(start + first * entryBytes, chunkEntries * entryBytes);
    const entries = Math.floor(chunk.length / entryBytes);
    for (let at = 0; at < entries * entryBytes; at += entryBytes) {
      const entryTag = fields.word(chunk, at);
      if (entryTag === dynamicTag.null) return;
      yield [entryTag, fields.word(chunk, at + wordBytes)];
    }
    if (entries < chunkEntries) return;
  }
}

/** The chain of Verneed records and, within each, of Vernaux records (gABI, "Symbol Versioning"). */
function readVersionNeeds(
  source: ByteSource,
  fields: FieldReader,
  start: number,
  nameAt: (offset: number) => ByteText,
): readonly VersionNeed[] {
  const needs: VersionNeed[] = [];
  const budget = { records: maximumRecords };
  for (const [at, record] of records(source, fields, start, { bytes: 16, next: 12 }, budget)) {
    const versions = [...records(source, fields, at + fields.u32(record, 8), { bytes: 16, next: 12 }, budget)];
    needs.push({
      file: nameAt(fields.u32(record, 4)),
      versions: versions.map(([, version]) => ({
        hash: fields.u32(version, 0),
        weak: (fields.u16(version, 4) & versionFlag.weak) !== 0,
        name: nameAt(fields.u32(version, 8)),
      })),
    });
  }
  return needs;
}

/** The chain of Verdef records, each with the first of its Verdaux records, which names it. */
function readVersionDefinitions(
  source: ByteSource,
  fields: FieldReader,
  start: number,
  nameAt: (offset: number) => ByteText,
): readonly VersionDefinition[] {
  const budget = { records: maximumRecords };
  return [...records(source, fields, start, { bytes: 20, next: 16 }, budget)].map(([at, record]) => {
    const name = source.read(at + fields.u32(record, 12), 4);
    return { hash: fields.u32(record, 8), name: name.length < 4 ? '' : nameAt(fields.u32(name, 0)) };
  });
}

/** Offset and bytes of each record of a chain. At `layout.next` a record says how far on the next one is; 0 ends it. */
function* records(
  source: ByteSource,
  fields: FieldReader,
  start: number,
  layout: { readonly bytes: number; readonly next: number },
  budget: { records: number },
): Generator<readonly [offset: number, record: Buffer]> {
  for (let at = start; at >= 0 && budget.records > 0; budget.records--) {
    const record = source.read(at, layout.bytes);
    if (record.length < layout.bytes) return;
    yield [at, record];
    const distance = fields.u32(record, layout.next);
    if (distance === 0) return;
    at += distance;
  }
}
