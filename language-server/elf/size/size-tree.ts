import { shellCommand } from '../../native/shell-quote.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { UserError } from '../../protocol/errors.ts';
import type { SizePart, SizePartKind, SizeReport } from '../../protocol/size.ts';
import type { ElfFile } from '../elf-file.ts';
import { withElfFile } from '../open-elf.ts';
import type { ElfImage } from '../reader/elf-image.ts';
import { type PartKey, type PartSizes, partSizes, unmapped } from './parts.ts';
import { readSymbolPlaces, type SymbolPlaces } from './symbol-places.ts';

export interface SizeOptions {
  /** Children of each part at most; default 50. */
  readonly limit?: number;
  /** Only the section of this number. */
  readonly section?: number;
  readonly signal?: AbortSignal;
}

export const defaultSizeLimit = 50;

/**
 * What takes the room in a file, by section and symbol.
 * Throws UserError notFound, unreadable, notRegularFile, notElf, notSupported, invalidParams, or what the signal is aborted with.
 */
export async function readSize(
  path: ByteText,
  { limit = defaultSizeLimit, section, signal }: SizeOptions = {},
): Promise<SizeReport> {
  signal?.throwIfAborted();
  return await withElfFile(path, async (file): Promise<SizeReport> => {
    const { image } = file;
    if (section !== undefined && (section === 0 || image.firstSections()[section] === undefined)) {
      throw new UserError('invalidParams', `The file has no section ${section}.`);
    }
    const full = file.staticSymbols();
    const table = full ?? file.dynamicSymbols();
    const places = table === null ? null : await readSymbolPlaces(file, table, { only: section, signal });
    const parts = allParts(file, places, limit, section);
    const [only] = parts;
    return {
      path,
      version: file.version,
      root: section !== undefined && only !== undefined ? only : rootOf(image, parts, limit),
      symbolTable: table === null ? null : full === null ? '.dynsym' : '.symtab',
      findings: file.findings(),
      commands: [
        ['size', '-A', path],
        ['nm', '-S', '--size-sort', ...(full === null ? ['-D'] : []), path],
      ].map(shellCommand),
    };
  });
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
    const section = image.firstSections()[key];
    const name = section === undefined ? '' : image.sectionName(section);
    const sizeBytes = Number(section?.sizeBytes ?? 0n);
    const first = starts.get(key);
    const size = { fileBytes, memoryBytes };
    const children =
      places === null || first === undefined || !isWhole(size, sizeBytes)
        ? []
        : symbolParts(places, first, { name, sizeBytes, ...size }, limit);
    return [{ name, kind: 'section', fileBytes, memoryBytes, section: key, children }];
  });
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
  const sized = (bytes: number): PartSizes => ({
    fileBytes: section.fileBytes === 0 ? 0 : bytes,
    memoryBytes: section.memoryBytes === 0 ? 0 : bytes,
  });
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

function largest(parts: readonly SizePart[], limit: number): readonly SizePart[] {
  const sorted = parts.filter(({ fileBytes, memoryBytes }) => fileBytes > 0 || memoryBytes > 0).sort(bySize);
  const rest = sorted.slice(limit);
  if (rest.length === 0) return sorted;
  const others: SizePart = {
    name: '[others]',
    kind: 'others',
    fileBytes: rest.reduce((sum, { fileBytes }) => sum + fileBytes, 0),
    memoryBytes: rest.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
    count: rest.length,
    children: [],
  };
  return [...sorted.slice(0, limit), others].sort(bySize);
}

function bySize(left: SizePart, right: SizePart): number {
  const weight = ({ fileBytes, memoryBytes }: SizePart): number => Math.max(fileBytes, memoryBytes);
  return weight(right) - weight(left) || (left.name < right.name ? -1 : 1);
}
