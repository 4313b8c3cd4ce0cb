import { setImmediate as nextTurn } from 'node:timers/promises';
import { shellCommand } from '../../native/shell-quote.ts';
import type { ElfComparison, FloorChange, ValueChange } from '../../protocol/compare.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText, ElfIdentity, Hardening, VersionFloor } from '../../protocol/elf.ts';
import type { Finding } from '../../protocol/finding.ts';
import type { ElfFile } from '../elf-file.ts';
import { readHardening } from '../hardening/hardening.ts';
import { readIdentity } from '../identity.ts';
import { readImports } from '../imports.ts';
import { withElfFile } from '../open-elf.ts';
import { versionFlag } from '../reader/symbol-versions.ts';
import { versionNeedsOf } from '../versions/version-floors.ts';
import { floorsOf } from '../versions/versions-report.ts';
import { bounded, nameChanges } from './bounded-list.ts';
import { compareFindings } from './compare-findings.ts';
import { hardeningChanges } from './hardening-changes.ts';
import { boundedDifference, differenceOf, sizeChanges } from './symbol-changes.ts';
import { type LinkedSymbols, readLinkedSymbols, readSymbolSizes } from './symbol-scan.ts';

export const defaultCompareLimit = 1000;

/**
 * What changed from one build to another.
 * Throws UserError notFound, unreadable, notRegularFile, notElf, notSupported for either, or what the signal is aborted with.
 */
export async function compareFiles(
  beforePath: ByteText,
  afterPath: ByteText,
  { limit = defaultCompareLimit, signal }: { readonly limit?: number; readonly signal?: AbortSignal } = {},
): Promise<ElfComparison> {
  signal?.throwIfAborted();
  return await withElfFile(beforePath, before =>
    withElfFile(afterPath, async after =>
      compare(await readSide(before, signal), await readSide(after, signal), { limit, signal }),
    ),
  );
}

interface Side {
  readonly file: ElfFile;
  readonly identity: ElfIdentity;
  readonly hardening: Hardening;
  readonly linked: LinkedSymbols;
  readonly floors: Readonly<Record<string, VersionFloor>>;
  readonly definedVersions: readonly ByteText[];
  readonly neededVersions: readonly ByteText[];
}

async function readSide(file: ElfFile, signal: AbortSignal | undefined): Promise<Side> {
  const identity = readIdentity(file);
  const imports = await readImports(file, signal);
  const { needs, definitions } = file.versions();
  return {
    file,
    identity,
    hardening: await readHardening(file, identity, imports, signal),
    linked: await readLinkedSymbols(file, signal),
    floors: floorsOf(identity, versionNeedsOf(file.versions(), imports), imports),
    // The base version is the file's own name.
    definedVersions: definitions.filter(({ flags }) => (flags & versionFlag.base) === 0).map(({ name }) => name),
    neededVersions: needs.flatMap(({ file: provider, versions }) => versions.map(({ name }) => `${provider} ${name}`)),
  };
}

async function compare(
  before: Side,
  after: Side,
  { limit, signal }: { readonly limit: number; readonly signal: AbortSignal | undefined },
): Promise<ElfComparison> {
  const exports = differenceOf(before.linked.exports, after.linked.exports);
  const imports = differenceOf(before.linked.imports, after.linked.imports);
  const floors = floorChanges(before, after);
  const hardening = hardeningChanges(before.hardening, after.hardening);
  const symbols = await symbolSizeChanges(before.file, after.file, signal);
  const every = nameChanges(before.definedVersions, after.definedVersions, Number.POSITIVE_INFINITY);
  const [left, right] = [before, after].map(({ file, identity }) => ({ path: file.path, identity }));
  const findings = compareFindings({
    before: left ?? { path: before.file.path, identity: before.identity },
    after: right ?? { path: after.file.path, identity: after.identity },
    exports,
    exportsAfter: after.linked.exports,
    removedVersions: every.removed.rows,
    hardening,
    floors,
  });
  return {
    before: comparedFile(before),
    after: comparedFile(after),
    identical: await areIdentical(before.file, after.file, signal),
    values: valueChanges(before.identity, after.identity),
    needed: nameChanges(before.identity.needed, after.identity.needed, limit),
    exports: boundedDifference(exports, limit),
    imports: boundedDifference(imports, limit),
    definedVersions: nameChanges(before.definedVersions, after.definedVersions, limit),
    neededVersions: nameChanges(before.neededVersions, after.neededVersions, limit),
    floors,
    hardening,
    sections: bounded(sizeChanges(sectionSizes(before.file), sectionSizes(after.file)), limit),
    symbols: bounded(symbols.changes, limit),
    symbolTable: symbols.table,
    findings: [...findings, ...unreadParts(before.file), ...unreadParts(after.file)],
    commands: [before, after].map(({ file }) => shellCommand(['nm', '-D', '--defined-only', file.path])),
  };
}

/** What could not be read is missing from the comparison. */
function unreadParts(file: ElfFile): readonly Finding[] {
  return file
    .findings()
    .filter(({ severity, code }) => severity === 'error' || code === 'elf/overlapping-names' || code === changedCode)
    .map(finding => ({ ...finding, message: `${displayText(file.path)}: ${finding.message}` }));
}

const changedCode = 'elf/changed-while-reading';

function comparedFile({ file, identity }: Side): ElfComparison['before'] {
  const { path, version, image } = file;
  return { path, version, sizeBytes: image.source.sizeBytes, summary: identity.summary };
}

const comparedValues = [
  'kind',
  'class',
  'byteOrder',
  'machine',
  'type',
  'osAbi',
  'soname',
  'interpreter',
  'rpath',
  'runpath',
  'buildId',
  'entry',
] as const;

function valueChanges(before: ElfIdentity, after: ElfIdentity): readonly ValueChange[] {
  return comparedValues.flatMap(property => {
    const [old, young] = [before[property], after[property]];
    if (old === young) return [];
    return [{ property, before: old === null ? null : String(old), after: young === null ? null : String(young) }];
  });
}

function floorChanges(before: Side, after: Side): readonly FloorChange[] {
  const families = [...new Set([...Object.keys(before.floors), ...Object.keys(after.floors)])].sort();
  return families.flatMap(family => {
    const [old, young] = [before.floors[family]?.version ?? null, after.floors[family]?.version ?? null];
    return old === young ? [] : [{ family, before: old, after: young }];
  });
}

/** By name; an object file may have many sections of one. */
function sectionSizes({ image }: ElfFile): ReadonlyMap<ByteText, number> {
  const sizes = new Map<ByteText, number>();
  for (const section of image.firstSections().slice(1)) {
    const name = image.sectionName(section);
    sizes.set(name, (sizes.get(name) ?? 0) + Number(section.sizeBytes));
  }
  return sizes;
}

async function symbolSizeChanges(before: ElfFile, after: ElfFile, signal: AbortSignal | undefined) {
  const full = [before.staticSymbols(), after.staticSymbols()] as const;
  const isFull = full[0] !== null && full[1] !== null;
  const [old, young] = isFull ? full : [before.dynamicSymbols(), after.dynamicSymbols()];
  const changes = sizeChanges(
    old === null ? new Map() : await readSymbolSizes(before, old, signal),
    young === null ? new Map() : await readSymbolSizes(after, young, signal),
  );
  return { changes, table: isFull ? ('.symtab' as const) : ('.dynsym' as const) };
}

const chunkBytes = 1 << 20;

async function areIdentical(before: ElfFile, after: ElfFile, signal: AbortSignal | undefined): Promise<boolean> {
  const [old, young] = [before.image.source, after.image.source];
  if (old.sizeBytes !== young.sizeBytes) return false;
  if (before.version === after.version) return true;
  for (let at = 0; at < old.sizeBytes; at += chunkBytes) {
    if (!old.read(at, chunkBytes).equals(young.read(at, chunkBytes))) return false;
    await nextTurn();
    signal?.throwIfAborted();
  }
  return true;
}
