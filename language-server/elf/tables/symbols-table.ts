import type { ByteText } from '../../protocol/elf.ts';
import type { ElfFile } from '../elf-file.ts';
import { sectionIndexName, symbolBindingName, symbolTypeName, symbolVisibilityName } from '../names/symbol-names.ts';
import type { ElfImage } from '../reader/elf-image.ts';
import { type SymbolTable, sectionIndex, symbolType } from '../reader/symbol-table.ts';
import type { SearchedSymbols, SymbolColumns } from '../rows/searched-symbols.ts';
import type { SortKeys } from '../rows/sort-keys.ts';
import { createSymbolMatcher } from '../rows/symbol-matcher.ts';
import { fieldSortKeys, nameSortKeys } from './symbol-sort-keys.ts';
import { type Cells, column, type ElfTable, type TableRows } from './table.ts';

const columns = [
  column('number', 'Num', 'number'),
  column('name', 'Name', 'name'),
  column('version', 'Version', 'text'),
  column('value', 'Value', 'address'),
  column('size', 'Size', 'size'),
  column('type', 'Type', 'text'),
  column('binding', 'Bind', 'text'),
  column('visibility', 'Visibility', 'text'),
  column('sectionNumber', 'Ndx', 'text'),
  column('section', 'Section', 'text'),
];
const nameColumn = 1;

/** `.dynsym`: what the loader sees; as `readelf --dyn-syms -W` prints it, the version in a column of its own. */
export const dynamicSymbolsTable: ElfTable = {
  id: 'dynamic-symbols',
  title: 'Dynamic Symbols',
  columns,
  symbolColumn: nameColumn,
  views: [
    { id: 'imports', title: 'Imports', filter: 'section:UND -bind:LOCAL' },
    {
      id: 'exports',
      title: 'Exports',
      filter: '-section:UND -bind:LOCAL -visibility:HIDDEN -visibility:INTERNAL',
    },
  ],
  command: ['readelf', '--dyn-syms', '-W'],
  open(file) {
    const table = file.dynamicSymbols();
    return table === null ? null : symbolRows(file, table, dynamicVersionReader(file));
  },
};

/** `.symtab`: what the linker knew; absent in stripped files. */
export const symbolsTable: ElfTable = {
  id: 'symbols',
  title: 'Symbols',
  columns: columns.filter(({ id }) => id !== 'version'),
  symbolColumn: nameColumn,
  views: [
    { id: 'undefined', title: 'Undefined', filter: 'section:UND -bind:LOCAL' },
    { id: 'functions', title: 'Functions', filter: 'type:FUNC -section:UND' },
    { id: 'data', title: 'Data', filter: 'type:OBJECT -section:UND' },
  ],
  command: ['readelf', '-sW'],
  open(file) {
    const table = file.staticSymbols();
    return table === null ? null : symbolRows(file, table, null);
  },
};

/** The entries of .gnu.version for the symbols from `first` on. */
type VersionReader = (first: number, count: number) => (index: number, isDefined: boolean) => string;

function dynamicVersionReader({ image, versions }: ElfFile): VersionReader {
  return (first, count) => {
    const { symbolsOffset, suffix } = versions();
    if (symbolsOffset < 0) return () => '';
    const numbers = image.source.read(symbolsOffset + 2 * first, 2 * count);
    return (index, isDefined) => {
      const at = 2 * (index - first);
      return at + 2 > numbers.length ? '' : suffix(image.fields.u16(numbers, at), isDefined);
    };
  };
}

function symbolRows(file: ElfFile, table: SymbolTable, versions: VersionReader | null): TableRows {
  const { image } = file;
  const sectionNames = createSectionNames(image);
  const page = (first: number, count: number): readonly Cells[] => {
    const bytes = table.block(first, count);
    const rows: Cells[] = [];
    const symbols = bytes.length / table.layout.bytes;
    const version = versions?.(first, symbols);
    for (let at = 0; at < symbols; at += 1) {
      rows.push(symbolCells(image, table, bytes, first, at, version, sectionNames));
    }
    return rows;
  };
  const joined: { readonly joined?: readonly [number, number] } =
    versions === null ? {} : { joined: [nameColumn, nameColumn + 1] };
  const searched = (): SearchedSymbols => ({
    image,
    table,
    columns: symbolColumns(versions !== null),
    versionsOffset: versions === null ? -1 : file.versions().symbolsOffset,
    marks: (info, other) => marksCells(image, info, other),
    section: index => [sectionIndexName(index, image.header.machine), sectionNames.ofSymbol(index)],
    version: (number, isDefined) => file.versions().suffix(number, isDefined),
    page,
    ...joined,
  });
  return {
    count: table.count,
    page,
    prepareScan: () => table.strings.preload(),
    matcher: (terms, signal) => createSymbolMatcher(searched(), terms, signal),
    sortKeys: (sorted, wanted) => symbolSortKeys(image, table, symbolColumns(versions !== null), sorted, wanted),
    ...joined,
  };
}

function symbolSortKeys(
  { fields }: ElfImage,
  table: SymbolTable,
  { name, value, size }: SymbolColumns,
  column: number,
  rows: Uint32Array,
): SortKeys | null {
  if (column === name) return nameSortKeys(fields, table, rows);
  if (column === value) return fieldSortKeys(fields, table, rows, table.layout.value);
  return column === size ? fieldSortKeys(fields, table, rows, table.layout.size) : null;
}

function symbolColumns(hasVersions: boolean): SymbolColumns {
  const shown = hasVersions ? columns : columns.filter(({ id }) => id !== 'version');
  const place = (id: string): number => shown.findIndex(shownColumn => shownColumn.id === id);
  return {
    number: place('number'),
    name: place('name'),
    version: place('version'),
    value: place('value'),
    size: place('size'),
    type: place('type'),
    binding: place('binding'),
    visibility: place('visibility'),
    sectionNumber: place('sectionNumber'),
    section: place('section'),
  };
}

function marksCells({ header }: ElfImage, info: number, other: number): readonly [string, string, string] {
  return [
    symbolTypeName(info & 15, header.machine, header.osAbi),
    symbolBindingName(info >> 4, header.osAbi),
    symbolVisibilityName(other, header.machine),
  ];
}

function symbolCells(
  image: ElfImage,
  { offset, layout, strings, sectionIndicesOffset }: SymbolTable,
  bytes: Buffer,
  first: number,
  at: number,
  version: ReturnType<VersionReader> | undefined,
  sectionNames: SectionNames,
): Cells {
  const { fields, header } = image;
  const start = at * layout.bytes;
  const info = bytes.readUInt8(start + layout.info);
  const type = info & 15;
  let section = fields.u16(bytes, start + layout.sectionIndex);
  const isDefined = section !== sectionIndex.undefined;
  if (section === sectionIndex.extended && sectionIndicesOffset >= 0) {
    section = extendedIndex(image, sectionIndicesOffset + 4 * (first + at)) ?? section;
  }
  if (isBeyond(image, section)) sectionBeyond(image, offset + (first + at) * layout.bytes, section);
  const nameOffset = fields.u32(bytes, start);
  const name = nameOffset === 0 && type === symbolType.section ? sectionNames.at(section) : strings.at(nameOffset);
  return [
    String(first + at),
    name,
    ...(version === undefined ? [] : [versionText(name, version(first + at, isDefined))]),
    `0x${fields.wordDigits(bytes, start + layout.value)}`,
    String(fields.class === 64 ? fields.bigWord(bytes, start + layout.size) : fields.u32(bytes, start + layout.size)),
    ...marksCells(image, info, bytes.readUInt8(start + layout.other)),
    sectionIndexName(section, header.machine),
    sectionNames.ofSymbol(section),
  ];
}

function isBeyond({ sections }: ElfImage, section: number): boolean {
  const isReserved = section >= sectionIndex.reserved && section <= sectionIndex.extended;
  return sections.count > 0 && section >= sections.count && !isReserved;
}

function sectionBeyond({ sections, findings }: ElfImage, offset: number, section: number): void {
  findings.add({
    code: 'elf/symbol-section',
    severity: 'warning',
    message: 'A symbol says to be in a section that does not exist (st_shndx).',
    offset,
    expected: `less than ${sections.count}`,
    actual: String(section),
    evidence: { rule: 'gABI: Symbol Table, st_shndx' },
  });
}

/** Linkers define a symbol for each version (`GLIBC_2.0@@GLIBC_2.0`): of these the name says it all. */
function versionText(name: ByteText, suffix: string): string {
  return suffix === `@@${name}` ? '' : suffix;
}

function extendedIndex({ source, fields }: ElfImage, offset: number): number | undefined {
  const bytes = source.read(offset, 4);
  return bytes.length < 4 ? undefined : fields.u32(bytes, 0);
}

/** Names of sections by their numbers, each decoded once. */
interface SectionNames {
  /** The symbol of a section has no name of its own: the section's is meant. Empty where there is no such section. */
  at(index: number): ByteText;
  /** Where a symbol is defined: the name of the section, or what stands for none: "UND", "ABS". */
  ofSymbol(index: number): ByteText;
}

/** More would only be forgotten names: a page has few sections. */
const keptNames = 4096;

function createSectionNames(image: ElfImage): SectionNames {
  const names = new Map<number, ByteText>();
  const at = (index: number): ByteText => {
    const known = names.get(index);
    if (known !== undefined) return known;
    const section = image.sections.at(index);
    const name = section === undefined ? '' : image.sectionName(section);
    if (names.size >= keptNames) names.clear();
    names.set(index, name);
    return name;
  };
  const ofSymbol = (index: number): ByteText => {
    const isReserved =
      index === sectionIndex.undefined || (index >= sectionIndex.reserved && index <= sectionIndex.extended);
    if (isReserved) return sectionIndexName(index, image.header.machine);
    const name = at(index);
    return name === '' ? sectionIndexName(index, image.header.machine) : name;
  };
  return { at, ofSymbol };
}
