import { encodeBytes } from '../../native/byte-text.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { type DynamicSection, dynamicTag } from './dynamic-section.ts';
import { type ElfImage, findSection, sectionRange } from './elf-image.ts';
import { hex } from './fields.ts';
import { countWithin } from './record-table.ts';
import { sectionType } from './section-headers.ts';
import { corruptName, createStringTable, type StringTable } from './string-table.ts';

/** A Vernaux record: one version that is needed of one file (gABI extension "Symbol Versioning"). */
export interface NeededVersion {
  readonly name: ByteText;
  readonly hash: number;
  /** VER_FLG_WEAK is 2. */
  readonly flags: number;
  /** The number that .gnu.version uses for it. */
  readonly index: number;
  /** Offset in the file. */
  readonly offset: number;
}

export interface VersionNeed {
  /** The NEEDED name that the versions are asked of. */
  readonly file: ByteText;
  readonly offset: number;
  readonly versions: readonly NeededVersion[];
}

export interface VersionDefinition {
  readonly name: ByteText;
  /** Names of the versions that it inherits from. */
  readonly parents: readonly ByteText[];
  readonly hash: number;
  /** VER_FLG_BASE is 1: the file itself. */
  readonly flags: number;
  readonly index: number;
  readonly offset: number;
}

export interface SymbolVersions {
  readonly needs: readonly VersionNeed[];
  readonly definitions: readonly VersionDefinition[];
  /** Where the 16-bit numbers of the symbols are; -1: the symbols have no versions. */
  readonly symbolsOffset: number;
  /**
   * What stands behind the name of a symbol: `@GLIBC_2.2.5`, `@@LIB_1` for the default version of a definition, or nothing.
   * @param number The symbol's entry of .gnu.version.
   */
  suffix(number: number, isDefined: boolean): string;
}

export const versionFlag = { base: 1, weak: 2 } as const;
const hidden = 0x8000;

/** Limit of records, needs and definitions together: no working file comes near, and 2^15 versions is all there can be. */
const maximumRecords = 1 << 17;

export function readSymbolVersions(image: ElfImage, dynamic: DynamicSection | null): SymbolVersions {
  const needsAt = place(image, dynamic, dynamicTag.versionNeeds, sectionType.versionNeeds);
  const definitionsAt = place(image, dynamic, dynamicTag.versionDefinitions, sectionType.versionDefinitions);
  const symbolsAt = place(image, dynamic, dynamicTag.versionSymbols, sectionType.versionSymbols);
  const budget = { records: maximumRecords };
  const needs = needsAt === null ? [] : readNeeds(image, needsAt, budget);
  const definitions = definitionsAt === null ? [] : readDefinitions(image, definitionsAt, budget);
  const needed = new Map(needs.flatMap(({ versions }) => versions.map(version => [version.index, version.name])));
  const defined = new Map(definitions.map(definition => [definition.index, definition]));
  const suffix = (number: number, isDefined: boolean): string => {
    const index = number & ~hidden;
    // 0 and 1 are *local* and *global*: no version.
    if (index === 0 || number === 1) return '';
    const definition = isDefined ? defined.get(index) : undefined;
    if (definition !== undefined) {
      if ((definition.flags & versionFlag.base) !== 0) return '';
      return `${(number & hidden) === 0 ? '@@' : '@'}${definition.name}`;
    }
    const name = needed.get(index);
    return name === undefined ? '' : `@${name}`;
  };
  return { needs, definitions, symbolsOffset: symbolsAt?.offset ?? -1, suffix };
}

interface Place {
  readonly offset: number;
  readonly strings: StringTable;
}

/** As the loader finds it; without a dynamic section, as the section headers say. */
function place(image: ElfImage, dynamic: DynamicSection | null, tag: number, type: number): Place | null {
  const offset = dynamic?.offsetOf(tag) ?? -1;
  if (dynamic !== null) return offset < 0 || dynamic.strings === null ? null : { offset, strings: dynamic.strings };
  const section = findSection(image, candidate => candidate.type === type);
  if (section === undefined) return null;
  const strings = image.sections.at(section.link);
  const range = strings === undefined ? { offset: image.source.sizeBytes, sizeBytes: 0 } : sectionRange(image, strings);
  return {
    offset: Number(section.offset),
    strings: createStringTable(image.source, image.findings, { name: 'of the versions', ...range }),
  };
}

function readNeeds(image: ElfImage, { offset, strings }: Place, budget: { records: number }): readonly VersionNeed[] {
  const { fields } = image;
  const needs: VersionNeed[] = [];
  for (const [at, record] of chain(image, offset, { bytes: 16, next: 12, what: 'Verneed' }, budget)) {
    const versions: NeededVersion[] = [];
    const count = fields.u16(record, 2);
    const first = at + fields.u32(record, 8);
    for (const [auxAt, aux] of chain(image, first, { bytes: 16, next: 12, what: 'Vernaux', count }, budget)) {
      versions.push({
        name: strings.at(fields.u32(aux, 8)),
        hash: fields.u32(aux, 0),
        flags: fields.u16(aux, 4),
        index: fields.u16(aux, 6) & ~hidden,
        offset: auxAt,
      });
    }
    checkRecord(image, at, { what: 'Verneed', version: fields.u16(record, 0), claimed: count, found: versions.length });
    for (const { name, hash, offset: auxAt } of versions) checkHash(image, auxAt, name, hash);
    needs.push({ file: strings.at(fields.u32(record, 4)), offset: at, versions });
  }
  return needs;
}

function readDefinitions(
  image: ElfImage,
  { offset, strings }: Place,
  budget: { records: number },
): readonly VersionDefinition[] {
  const { fields } = image;
  const definitions: VersionDefinition[] = [];
  for (const [at, record] of chain(image, offset, { bytes: 20, next: 16, what: 'Verdef' }, budget)) {
    const names: ByteText[] = [];
    const count = fields.u16(record, 6);
    const first = at + fields.u32(record, 12);
    for (const [, aux] of chain(image, first, { bytes: 8, next: 4, what: 'Verdaux', count }, budget)) {
      names.push(strings.at(fields.u32(aux, 0)));
    }
    checkRecord(image, at, { what: 'Verdef', version: fields.u16(record, 0), claimed: count, found: names.length });
    checkHash(image, at, names[0] ?? '', fields.u32(record, 8));
    definitions.push({
      name: names[0] ?? '',
      parents: names.slice(1),
      hash: fields.u32(record, 8),
      flags: fields.u16(record, 2),
      index: fields.u16(record, 4) & ~hidden,
      offset: at,
    });
  }
  return definitions;
}

interface VersionRecord {
  readonly what: string;
  readonly version: number;
  readonly claimed: number;
  readonly found: number;
}

function checkRecord({ findings }: ElfImage, offset: number, { what, version, claimed, found }: VersionRecord): void {
  const add = (message: string, expected: string, actual: string): void =>
    findings.add({
      code: 'elf/version-record',
      severity: 'warning',
      message,
      offset,
      expected,
      actual,
      evidence: { rule: 'LSB: Symbol Versioning' },
    });
  if (version !== 1) add(`A version record (${what}) has a format that does not exist.`, '1', String(version));
  if (claimed !== found) {
    add(`A version record (${what}) says to have another number of names than it has.`, String(found), String(claimed));
  }
}

/** The loader compares hashes first, so that a wrong one is a version that nobody finds (glibc elf/dl-version.c, match_symbol). */
function checkHash({ findings }: ElfImage, offset: number, name: ByteText, hash: number): void {
  // Of a name that cannot be read there is nothing to compare.
  if (name === corruptName || hash === elfHash(encodeBytes(name))) return;
  findings.add({
    code: 'elf/version-record',
    severity: 'warning',
    message: `The version ${displayText(name)} has the hash of another name: the loader does not find it.`,
    offset,
    expected: hex(elfHash(encodeBytes(name))),
    actual: hex(hash),
    evidence: { rule: 'gABI: Hash Table' },
  });
}

/** The hash function of the gABI ("Hash Table"). */
function elfHash(name: Uint8Array): number {
  let hash = 0;
  for (const byte of name) {
    hash = ((hash << 4) + byte) | 0;
    hash = (hash ^ ((hash >>> 24) & 0xf0)) & 0x0fff_ffff;
  }
  return hash;
}

interface ChainLayout {
  readonly bytes: number;
  /** Where a record says how far on the next one is; 0 ends the chain. */
  readonly next: number;
  readonly what: string;
  /** Records that the chain is said to have. */
  readonly count?: number;
}

function* chain(
  image: ElfImage,
  start: number,
  { bytes, next, what, count = Number.POSITIVE_INFINITY }: ChainLayout,
  budget: { records: number },
): Generator<readonly [offset: number, record: Buffer]> {
  const { source, fields, findings } = image;
  let at = start;
  for (let index = 0; index < count; index += 1) {
    const within = countWithin(source.sizeBytes, at, bytes, 1) === 1;
    const record = within && budget.records > 0 ? source.read(at, bytes) : Buffer.alloc(0);
    if (record.length < bytes) {
      findings.add({
        code: 'elf/version-chain',
        severity: 'error',
        message:
          budget.records > 0
            ? `A version record (${what}) does not lie within the file.`
            : `The version records (${what}) have no end: they may go round in a circle.`,
        offset: at,
        expected: `${bytes} bytes`,
        actual: `${record.length} bytes`,
        evidence: { rule: 'LSB: Symbol Versioning' },
      });
      return;
    }
    budget.records -= 1;
    yield [at, record];
    const distance = fields.u32(record, next);
    if (distance === 0) return;
    at += distance;
  }
}
