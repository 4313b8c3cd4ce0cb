import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { Finding } from '../../protocol/finding.ts';
import type { SizeSources } from '../../protocol/size.ts';
import { withAlternateFile } from '../debug-file/alternate-file.ts';
import { findDebugFile, systemDebugFolders } from '../debug-file/find-debug-file.ts';
import { hasDebugInformation } from '../debug-file/has-debug-information.ts';
import { debugInformationRemedy } from '../debug-file/remedy.ts';
import { type AddressSpace, createAddressSpace } from '../dwarf/address-space.ts';
import type { Piece } from '../dwarf/claims.ts';
import {
  type OwnerKind,
  type OwnerQuestion,
  readOwners,
  readPiecesOf,
  type SourceOwners,
} from '../dwarf/read-owners.ts';
import type { ElfFile } from '../elf-file.ts';
import { withElfFile } from '../open-elf.ts';
import { createBytesCache } from '../reader/bytes-cache.ts';
import { createFindingList } from '../reader/finding-list.ts';
import { buildIdOf } from '../reader/note-description.ts';
import { readSymbolPlaces, type SymbolPlaces } from './symbol-places.ts';

export interface OwnersReading {
  readonly sources: SizeSources;
  /** Null: there is no debug information. */
  readonly owners: SourceOwners | null;
  readonly findings: readonly Finding[];
}

/** Reading takes seconds where there is much debug information, and looking into a section asks again. */
const cache = createBytesCache<OwnersReading>(64 << 20, bytesOf);

function bytesOf({ owners }: OwnersReading): number {
  if (owners === null) return 1;
  const paths = owners.paths.reduce((sum, path) => sum + 2 * path.length + 16, 0);
  return [...owners.sections.values()].reduce((sum, list) => sum + 48 * list.length, paths);
}

/**
 * Which source files the bytes of a file's sections come from, by its debug information or that of its separate debug file.
 * Throws what the signal is aborted with.
 */
export async function readSourceOwners(file: ElfFile, kind: OwnerKind, options: SourceOptions): Promise<OwnersReading> {
  const found = await withDebugInformation(file, options, debug => cached(file, debug, kind, options.signal));
  return 'kind' in found ? { sources: found, owners: null, findings: [] } : found;
}

/** The bytes of one source file, and the symbols that they can be divided by. */
export interface SourcePieces {
  readonly sources: SizeSources;
  /** By number of the section. */
  readonly pieces: ReadonlyMap<number, readonly Piece[]>;
  /** Null: there are none. */
  readonly symbols: PlacedSymbols | null;
  readonly findings: readonly Finding[];
}

/**
 * @param use Is called while the symbols can be read.
 * @returns Null: there is no debug information. Throws what the signal is aborted with.
 */
export async function readSourcePieces<T extends object>(
  file: ElfFile,
  { kind, path, options }: { readonly kind: OwnerKind; readonly path: ByteText; readonly options: SourceOptions },
  use: (pieces: SourcePieces) => T,
): Promise<T | null> {
  const { signal } = options;
  const found = await withDebugInformation(file, options, async (debug): Promise<{ readonly used: T }> => {
    const findings = createFindingList();
    const symbols = await placedSymbols(file, debug, signal);
    const pieces = await ask(file, debug, { kind, symbols, findings, signal }, question =>
      readPiecesOf(path, question),
    );
    return { used: use({ sources: knownSources(file, debug), pieces, symbols, findings: findings.list() }) };
  });
  return 'kind' in found ? null : found.used;
}

export interface SourceOptions {
  readonly signal: AbortSignal | undefined;
  /** Where separate debug files are installed. */
  readonly debugFolders?: readonly ByteText[] | undefined;
}

type NoDebugInformation = Extract<SizeSources, { kind: 'noDebugInformation' }>;

/** Opens the file that has the debug information of another one, or is it. */
async function withDebugInformation<T>(
  file: ElfFile,
  { signal, debugFolders = systemDebugFolders }: SourceOptions,
  use: (debug: ElfFile) => Promise<T>,
): Promise<T | NoDebugInformation> {
  if (hasDebugInformation(file.image)) return await use(file);
  const { found, searched } = await findDebugFile(file, debugFolders, signal);
  if (found !== null) return await withElfFile(found.path, use);
  const places = searched.length === 0 ? '' : ', and there is no separate debug file of it';
  const message = `${displayText(file.path)} has no debug information: it was built without, or stripped${places}.`;
  const remedy = debugInformationRemedy(file.path, buildIdOf(file.image, file.notes()));
  return { kind: 'noDebugInformation', message, remedy, searched };
}

function knownSources(file: ElfFile, debug: ElfFile): SizeSources {
  return { kind: 'known', debugFile: debug === file ? null : debug.path };
}

async function cached(
  file: ElfFile,
  debug: ElfFile,
  kind: OwnerKind,
  signal: AbortSignal | undefined,
): Promise<OwnersReading> {
  const key = `${kind} ${file.version} ${debug.version}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const findings = createFindingList();
  const symbols = await placedSymbols(file, debug, signal);
  const owners = await ask(file, debug, { kind, symbols, findings, signal }, readOwners);
  const reading = { sources: knownSources(file, debug), owners, findings: findings.list() };
  // What is elsewhere may come: that file has no part in the key.
  const isWhole = reading.findings.every(({ code }) => code !== 'elf/debug-elsewhere');
  if (isWhole && !file.hasChanged() && !debug.hasChanged()) cache.set(key, reading);
  return reading;
}

interface Asked extends Pick<OwnerQuestion, 'kind' | 'findings' | 'signal'> {
  readonly symbols: PlacedSymbols | null;
}

async function ask<T>(
  file: ElfFile,
  debug: ElfFile,
  { symbols, ...asked }: Asked,
  read: (question: OwnerQuestion) => Promise<T>,
): Promise<T> {
  return await withAlternateFile(debug, alternate =>
    read({
      ...asked,
      debug: debug.image,
      alternate: alternate?.image ?? null,
      image: file.image,
      space: createAddressSpace(file.image),
      sizeOfVariable: address => (symbols === null ? 0 : sizeAtAddress(symbols, address)),
    }),
  );
}

/** Symbols, and the addresses of the sections that they are in. */
export interface PlacedSymbols {
  readonly places: SymbolPlaces;
  readonly space: AddressSpace;
}

/** Those of the file, or of its debug file where they were stripped: the linker knows sizes best. */
async function placedSymbols(
  file: ElfFile,
  debug: ElfFile,
  signal: AbortSignal | undefined,
): Promise<PlacedSymbols | null> {
  const owner = file.staticSymbols() === null && debug.staticSymbols() !== null ? debug : file;
  const table = owner.staticSymbols() ?? owner.dynamicSymbols();
  if (table === null) return null;
  const places = await readSymbolPlaces(owner, table, { only: undefined, signal });
  return { places, space: createAddressSpace(owner.image) };
}

function sizeAtAddress({ places, space }: PlacedSymbols, address: bigint): number {
  const place = space.locate(address);
  return place === null ? 0 : sizeAt(places, place.section, place.offset);
}

/** Size of the largest symbol at a place; 0: there is none. */
function sizeAt({ order, sections, offsets, sizes }: SymbolPlaces, section: number, offset: number): number {
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const symbol = order[middle] ?? 0;
    const ownSection = sections[symbol] ?? 0;
    if (ownSection < section || (ownSection === section && (offsets[symbol] ?? 0) < offset)) low = middle + 1;
    else high = middle;
  }
  const symbol = order[low];
  if (symbol === undefined || sections[symbol] !== section || offsets[symbol] !== offset) return 0;
  return sizes[symbol] ?? 0;
}
