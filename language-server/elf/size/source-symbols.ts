import type { ByteText } from '../../protocol/elf.ts';
import type { SizePart } from '../../protocol/size.ts';
import { createAddressSpace } from '../dwarf/address-space.ts';
import type { Piece } from '../dwarf/claims.ts';
import type { ElfImage } from '../reader/elf-image.ts';
import { largest } from './largest.ts';
import { type PartSizes, partSizes } from './parts.ts';
import type { PlacedSymbols, SourcePieces } from './source-owners.ts';
import type { SymbolPlaces } from './symbol-places.ts';

/**
 * One source file, divided by the symbols that its bytes are in: of a header the functions that it was inlined into. Null: the
 * debug information has no byte of such a file.
 */
export function sourceFilePart(
  image: ElfImage,
  path: ByteText,
  { pieces, symbols }: SourcePieces,
  limit: number,
): SizePart | null {
  const sizes = partSizes(image);
  const whole = { fileBytes: 0, memoryBytes: 0 };
  const parts: SizePart[] = [];
  const bySymbol =
    symbols === null ? new Map<number, ReadonlyMap<number, number>>() : bytesBySymbol(image, pieces, symbols);
  const named = new Map<ByteText, PartSizes>();
  for (const [section, list] of pieces) {
    const total = list.reduce((sum, { start, end }) => sum + end - start, 0);
    const size = sizes.get(section);
    if (total === 0 || size === undefined) continue;
    const sized = (bytes: number): PartSizes => ({
      fileBytes: size.fileBytes === 0 ? 0 : bytes,
      memoryBytes: size.memoryBytes === 0 ? 0 : bytes,
    });
    add(whole, sized(total));
    let known = 0;
    for (const [symbol, bytes] of bySymbol.get(section) ?? []) {
      known += bytes;
      const name = symbols === null ? '' : symbols.places.table.strings.at(symbols.places.names[symbol] ?? 0);
      const sum = named.get(name) ?? { fileBytes: 0, memoryBytes: 0 };
      add(sum, sized(bytes));
      named.set(name, sum);
    }
    const name = `[section ${sectionName(image, section)}]`;
    if (total > known) parts.push({ name, kind: 'gap', ...sized(total - known), section, children: [] });
  }
  if (whole.fileBytes === 0 && whole.memoryBytes === 0) return null;
  for (const [name, size] of named) parts.push({ name, kind: 'symbol', ...size, children: [] });
  return { name: path, kind: 'source', ...whole, path, children: largest(parts, limit) };
}

function add(sum: PartSizes, { fileBytes, memoryBytes }: PartSizes): void {
  sum.fileBytes += fileBytes;
  sum.memoryBytes += memoryBytes;
}

function sectionName(image: ElfImage, index: number): ByteText {
  const section = image.firstSections()[index];
  return section === undefined ? '' : image.sectionName(section);
}

/** By section of the file and place of the symbol in the arrays: the bytes that both a piece and the symbol have. */
function bytesBySymbol(
  image: ElfImage,
  pieces: ReadonlyMap<number, readonly Piece[]>,
  { places, space }: PlacedSymbols,
): ReadonlyMap<number, ReadonlyMap<number, number>> {
  const own = createAddressSpace(image);
  const result = new Map<number, ReadonlyMap<number, number>>();
  const { order, sections } = places;
  for (let from = 0; from < order.length; ) {
    const section = sections[order[from] ?? 0] ?? 0;
    let until = from + 1;
    while (until < order.length && sections[order[until] ?? 0] === section) until += 1;
    // Of a separate debug file the sections can have other numbers; their addresses are the same.
    const place = own.locate(space.baseOf(section));
    const list = place?.offset === 0 ? pieces.get(place.section) : undefined;
    if (place !== null && list !== undefined)
      result.set(place.section, shared(places, order.subarray(from, until), list));
    from = until;
  }
  return result;
}

/** Who begins first has a byte, as in the division of a whole section. Symbols and pieces are in the order of their places. */
function shared(
  { offsets, sizes }: SymbolPlaces,
  symbols: Uint32Array,
  pieces: readonly Piece[],
): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  let next = 0;
  let reached = 0;
  for (const symbol of symbols) {
    const start = Math.max(offsets[symbol] ?? 0, reached);
    const end = (offsets[symbol] ?? 0) + (sizes[symbol] ?? 0);
    if (end <= start) continue;
    reached = end;
    while (next < pieces.length && (pieces[next]?.end ?? 0) <= start) next += 1;
    let bytes = 0;
    for (let at = next; at < pieces.length; at += 1) {
      const piece = pieces[at];
      if (piece === undefined || piece.start >= end) break;
      bytes += Math.min(piece.end, end) - Math.max(piece.start, start);
    }
    if (bytes > 0) counts.set(symbol, bytes);
  }
  return counts;
}
