import { shellCommand } from '../../native/shell-quote.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { UserError } from '../../protocol/errors.ts';
import type { SizeGrouping, SizePart, SizePartKind, SizeReport } from '../../protocol/size.ts';
import { findDebugFile, systemDebugFolders } from '../debug-file/find-debug-file.ts';
import type { SourceOwners } from '../dwarf/read-owners.ts';
import type { ElfFile } from '../elf-file.ts';
import { withElfFile } from '../open-elf.ts';
import type { ElfImage } from '../reader/elf-image.ts';
import { bySize, largest } from './largest.ts';
import { type PartKey, type PartSizes, partSizes, unmapped } from './parts.ts';
import { type OwnersReading, readSourceOwners, readSourcePieces } from './source-owners.ts';
import { sourceFilePart } from './source-symbols.ts';
import { sourceParts } from './source-tree.ts';
import { readSymbolPlaces, type SymbolPlaces } from './symbol-places.ts';

export interface SizeOptions {
  /** Default `symbol`. */
  readonly by?: SizeGrouping;
  /** Children of each part at most; default 50. */
  readonly limit?: number;
  /** Only the section of this number. */
  readonly section?: number;
  /** Only this source file, by `source` or `unit`: divided by symbols. */
  readonly source?: ByteText;
  readonly signal?: AbortSignal;
  /** Where separate debug files are installed; default: where distributions put them. */
  readonly debugFolders?: readonly ByteText[];
}

export const defaultSizeLimit = 50;

/**
 * What takes the room in a file, by section and symbol, or by source file.
 * Throws UserError notFound, unreadable, notRegularFile, notElf, notSupported, invalidParams, or what the signal is aborted with.
 */
export async function readSize(path: ByteText, options: SizeOptions = {}): Promise<SizeReport> {
  const { by = 'symbol', section, signal } = options;
  signal?.throwIfAborted();
  return await withElfFile(path, async (file): Promise<SizeReport> => {
    if (section !== undefined && (section === 0 || file.image.firstSections()[section] === undefined)) {
      throw new UserError('invalidParams', `The file has no section ${section}.`);
    }
    if (by === 'symbol') return await sizeBySymbol(file, options);
    return options.source === undefined
      ? await sizeBySource(file, by, options)
      : await sizeOfSource(file, by, { ...options, source: options.source });
  });
}

/** With the symbols of the separate debug file where the file's own were stripped: they name far more of it. */
async function sizeBySymbol(file: ElfFile, options: SizeOptions): Promise<SizeReport> {
  const { signal, debugFolders = systemDebugFolders } = options;
  if (file.staticSymbols() !== null) return await reportBySymbol(file, file, options);
  const { found } = await findDebugFile(file, debugFolders, signal);
  if (found === null) return await reportBySymbol(file, file, options);
  return await withElfFile(found.path, debug =>
    reportBySymbol(file, debug.staticSymbols() === null ? file : debug, options),
  );
}

/** @param owner Whose symbols they are: those of the file, or of its debug file. */
async function reportBySymbol(
  file: ElfFile,
  owner: ElfFile,
  { limit = defaultSizeLimit, section, signal }: SizeOptions,
): Promise<SizeReport> {
  const { path, version } = file;
  const full = owner.staticSymbols();
  const table = full ?? owner.dynamicSymbols();
  const places = table === null ? null : await readSymbolPlaces(owner, table, { only: section, signal, of: file });
  const parts = allParts(file, places, limit, section);
  const [only] = parts;
  return {
    path,
    version,
    by: 'symbol',
    root: section !== undefined && only !== undefined ? only : rootOf(file.image, parts, limit),
    symbolTable: symbolTableName(owner),
    ...(owner === file ? {} : { symbolFile: owner.path }),
    findings: [...file.findings(), ...(owner === file ? [] : owner.findings())],
    commands: [
      file.command(['size', '-A']),
      owner.command(['nm', '-S', '--size-sort', ...(full === null ? ['-D'] : [])]),
    ],
  };
}

function symbolTableName(file: ElfFile): SizeReport['symbolTable'] {
  if (file.staticSymbols() !== null) return '.symtab';
  return file.dynamicSymbols() === null ? null : '.dynsym';
}

async function sizeBySource(
  file: ElfFile,
  by: 'source' | 'unit',
  { limit = defaultSizeLimit, section, signal, debugFolders }: SizeOptions,
): Promise<SizeReport> {
  const reading = await readSourceOwners(file, by, { signal, debugFolders });
  return sourceReport(file, by, sourceRoot(file.image, reading, limit, section), reading);
}

/** One source file, by the symbols that its bytes are in. */
async function sizeOfSource(
  file: ElfFile,
  by: 'source' | 'unit',
  { limit = defaultSizeLimit, source, signal, debugFolders }: SizeOptions & { readonly source: ByteText },
): Promise<SizeReport> {
  const asked = { kind: by, path: source, options: { signal, debugFolders } };
  const found = await readSourcePieces(file, asked, pieces => ({
    pieces,
    root: sourceFilePart(file.image, source, pieces, limit),
  }));
  if (found === null || found.root === null) {
    throw new UserError(
      'invalidParams',
      `The debug information of ${displayText(file.path)} has no byte of ${displayText(source)}.`,
    );
  }
  return sourceReport(file, by, found.root, found.pieces);
}

function sourceReport(
  file: ElfFile,
  by: 'source' | 'unit',
  root: SizePart,
  { sources, findings }: Pick<OwnersReading, 'sources' | 'findings'>,
): SizeReport {
  const { path, version } = file;
  const debugFile = sources.kind === 'known' ? sources.debugFile : null;
  const decoded = ['readelf', by === 'unit' ? '--debug-dump=info' : '--debug-dump=decodedline'];
  const bloaty = ['bloaty', ...(debugFile === null ? [] : [`--debug-file=${debugFile}`]), '-d'];
  return {
    path,
    version,
    by,
    sources,
    root,
    symbolTable: symbolTableName(file),
    findings: [...file.findings(), ...findings],
    commands: [
      file.command([...bloaty, by === 'unit' ? 'compileunits' : 'inlines']),
      debugFile === null ? file.command(decoded) : shellCommand([...decoded, debugFile]),
    ],
  };
}

function rootOf({ source }: ElfImage, parts: readonly SizePart[], limit: number): SizePart {
  const memoryBytes = parts.reduce((sum, part) => sum + part.memoryBytes, 0);
  return { name: '[file]', kind: 'file', fileBytes: source.sizeBytes, memoryBytes, children: largest(parts, limit) };
}

function allParts(
  file: ElfFile,
  places: SymbolPlaces | null,
  limit: number,
  only: number | undefined,
): readonly SizePart[] {
  const { image } = file;
  const sizes = partSizes(image);
  const starts = places === null ? new Map<number, number>() : firstOfSections(places);
  const keys: readonly PartKey[] = only === undefined ? [...sizes.keys()] : [only];
  return keys.flatMap((key): readonly SizePart[] => {
    const { fileBytes, memoryBytes } = sizes.get(key) ?? { fileBytes: 0, memoryBytes: 0 };
    if (typeof key === 'string') return [{ name: key, kind: kindOf(key), fileBytes, memoryBytes, children: [] }];
    const { name, sizeBytes } = describeSection(image, key);
    const first = starts.get(key);
    const size = { fileBytes, memoryBytes };
    const children =
      places === null || first === undefined || !isWhole(size, sizeBytes)
        ? []
        : symbolParts(places, first, { name, sizeBytes, ...size }, limit);
    return [{ name, kind: 'section', fileBytes, memoryBytes, section: key, children }];
  });
}

/** By source files: these, and what is left of the sections and of all else; of one section the same below it. */
function sourceRoot(image: ElfImage, { owners }: OwnersReading, limit: number, only: number | undefined): SizePart {
  const sizes = partSizes(image);
  const bySource = new Map<ByteText, PartSizes>();
  const rest = [...(only === undefined ? sizes.keys() : [only])].map((key): SizePart => {
    const size = sizes.get(key) ?? { fileBytes: 0, memoryBytes: 0 };
    if (typeof key === 'string') return { name: key, kind: kindOf(key), ...size, children: [] };
    const { name, sizeBytes } = describeSection(image, key);
    const known = isWhole(size, sizeBytes) && owners !== null ? addOwned(bySource, owners, key, size) : 0;
    const left = sizedAs(size, known);
    const part = {
      fileBytes: size.fileBytes - left.fileBytes,
      memoryBytes: size.memoryBytes - left.memoryBytes,
      section: key,
      children: [],
    };
    return known === 0 && only === undefined
      ? { name, kind: 'section', ...part }
      : { name: `[section ${name}]`, kind: 'unattributed', ...part };
  });
  const parts = [...sourceParts(bySource, limit), ...rest];
  if (only === undefined) return rootOf(image, parts, limit);
  const { fileBytes, memoryBytes } = sizes.get(only) ?? { fileBytes: 0, memoryBytes: 0 };
  const { name } = describeSection(image, only);
  return { name, kind: 'section', fileBytes, memoryBytes, section: only, children: largest(parts, limit) };
}

function describeSection(image: ElfImage, index: number): { readonly name: ByteText; readonly sizeBytes: number } {
  const section = image.firstSections()[index];
  return section === undefined
    ? { name: '', sizeBytes: 0 }
    : { name: image.sectionName(section), sizeBytes: Number(section.sizeBytes) };
}

/** Adds to each source file what it has of a section. @returns The sum of that. */
function addOwned(
  bySource: Map<ByteText, PartSizes>,
  { paths, sections }: SourceOwners,
  section: number,
  size: Readonly<PartSizes>,
): number {
  let known = 0;
  for (const { owner, bytes } of sections.get(section) ?? []) {
    const path = paths[owner];
    if (path === undefined) continue;
    known += bytes;
    addSizes(bySource, path, sizedAs(size, bytes));
  }
  return known;
}

/** A part of a section, which has bytes in the file and in memory or in one of them only. */
function sizedAs(section: Readonly<PartSizes>, bytes: number): PartSizes {
  return { fileBytes: section.fileBytes === 0 ? 0 : bytes, memoryBytes: section.memoryBytes === 0 ? 0 : bytes };
}

function addSizes(sizes: Map<ByteText, PartSizes>, path: ByteText, { fileBytes, memoryBytes }: PartSizes): void {
  const known = sizes.get(path) ?? { fileBytes: 0, memoryBytes: 0 };
  sizes.set(path, { fileBytes: known.fileBytes + fileBytes, memoryBytes: known.memoryBytes + memoryBytes });
}

/** What overlaps with another section, or is cut off, is not divided: who would own which byte? */
function isWhole({ fileBytes, memoryBytes }: PartSizes, sizeBytes: number): boolean {
  const fits = (bytes: number): boolean => bytes === 0 || bytes === sizeBytes;
  return sizeBytes > 0 && fits(fileBytes) && fits(memoryBytes);
}

function kindOf(name: string): SizePartKind {
  if (name === unmapped) return 'unmapped';
  return name.startsWith('[LOAD ') ? 'segment' : 'headers';
}

/** Where the symbols of each section begin in the order. */
function firstOfSections({ order, sections }: SymbolPlaces): Map<number, number> {
  const firsts = new Map<number, number>();
  for (let at = 0; at < order.length; at += 1) {
    const section = sections[order[at] ?? 0] ?? 0;
    if (!firsts.has(section)) firsts.set(section, at);
  }
  return firsts;
}

interface DividedSection extends PartSizes {
  readonly name: ByteText;
  readonly sizeBytes: number;
}

/** Each byte goes to the symbol that begins first; what is in none is a gap. Names are decoded for the largest only. */
function symbolParts(places: SymbolPlaces, first: number, section: DividedSection, limit: number): readonly SizePart[] {
  const { order, sections, offsets, sizes, names, table } = places;
  const number = sections[order[first] ?? 0];
  const owned: { readonly name: number; readonly bytes: number }[] = [];
  let end = 0;
  let inSymbols = 0;
  for (let at = first; at < order.length && sections[order[at] ?? 0] === number; at += 1) {
    const symbol = order[at] ?? 0;
    const start = offsets[symbol] ?? 0;
    const until = Math.min(start + (sizes[symbol] ?? 0), section.sizeBytes);
    const bytes = until - Math.max(start, end);
    if (bytes <= 0) continue;
    owned.push({ name: names[symbol] ?? 0, bytes });
    inSymbols += bytes;
    end = until;
  }
  const sized = (bytes: number): PartSizes => sizedAs(section, bytes);
  owned.sort((left, right) => right.bytes - left.bytes);
  const shown = owned.slice(0, limit).map(({ name, bytes }): SizePart => {
    return { name: table.strings.at(name), kind: 'symbol', ...sized(bytes), children: [] };
  });
  const rest = owned.slice(limit).reduce((sum, { bytes }) => sum + bytes, 0);
  const gap = section.sizeBytes - inSymbols;
  const others: SizePart[] = [];
  if (gap > 0) others.push({ name: `[section ${section.name}]`, kind: 'gap', ...sized(gap), children: [] });
  if (rest > 0) {
    others.push({ name: '[others]', kind: 'others', ...sized(rest), count: owned.length - limit, children: [] });
  }
  return [...shown, ...others].sort(bySize);
}
