import type { ByteText } from '../../protocol/elf.ts';
import type { ElfFile } from '../elf-file.ts';
import type { ElfImage } from '../elf-image.ts';
import { sectionIndexName, symbolBindingName, symbolTypeName, symbolVisibilityName } from '../names/symbol-names.ts';
import { createSymbolMatcher } from '../symbol-matcher.ts';
import { type SymbolTable, sectionIndex, symbolType } from '../symbol-table.ts';
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
  column('section', 'Section', 'text'),
];
const nameColumn = 1;

/** `.dynsym`: what the loader sees; as `readelf --dyn-syms -W` prints it, the version in a column of its own. */
export const dynamicSymbolsTable: ElfTable = {
  id: 'dynamic-symbols',
  title: 'Dynamic Symbols',
  columns,
  symbolColumn: nameColumn,
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
  const page = (first: number, count: number): readonly Cells[] => {
    const bytes = table.block(first, count);
    const rows: Cells[] = [];
    const symbols = bytes.length / table.layout.bytes;
    const version = versions?.(first, symbols);
    for (let at = 0; at < symbols; at += 1) {
      rows.push(symbolCells(image, table, bytes, first, at, version));
    }
    return rows;
  };
  const joined: { readonly joined?: readonly [number, number] } =
    versions === null ? {} : { joined: [nameColumn, nameColumn + 1] };
  const versionNumbers = versions === null ? null : file.versions;
  return {
    count: table.count,
    page,
    prepareScan: () => table.strings.preload(),
    matcher: words => createSymbolMatcher({ image, table, versions: versionNumbers, page, ...joined }, words),
    ...joined,
  };
}

function symbolCells(
  image: ElfImage,
  { layout, strings, sectionIndicesOffset }: SymbolTable,
  bytes: Buffer,
  first: number,
  at: number,
  version: ReturnType<VersionReader> | undefined,
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
  const nameOffset = fields.u32(bytes, start);
  const name = nameOffset === 0 && type === symbolType.section ? sectionNameAt(image, section) : strings.at(nameOffset);
  return [
    String(first + at),
    name,
    ...(version === undefined ? [] : [versionText(name, version(first + at, isDefined))]),
    `0x${fields.wordDigits(bytes, start + layout.value)}`,
    String(fields.class === 64 ? fields.bigWord(bytes, start + layout.size) : fields.u32(bytes, start + layout.size)),
    symbolTypeName(type, header.machine, header.osAbi),
    symbolBindingName(info >> 4, header.osAbi),
    symbolVisibilityName(bytes.readUInt8(start + layout.other), header.machine),
    sectionIndexName(section, header.machine),
  ];
}

/** Linkers define a symbol for each version (`GLIBC_2.0@@GLIBC_2.0`): of these the name says it all. */
function versionText(name: ByteText, suffix: string): string {
  return suffix === `@@${name}` ? '' : suffix;
}

function extendedIndex({ source, fields }: ElfImage, offset: number): number | undefined {
  const bytes = source.read(offset, 4);
  return bytes.length < 4 ? undefined : fields.u32(bytes, 0);
}

/** The symbol of a section has no name of its own: the section's is meant. */
function sectionNameAt(image: ElfImage, index: number): ByteText {
  const section = image.sections.at(index);
  return section === undefined ? '' : image.sectionName(section);
}
