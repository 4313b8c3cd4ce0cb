import type { ElfFile } from '../elf-file.ts';
import { digits } from '../tables/number-text.ts';
import { type Cells, column, type ElfTable, type TableRows } from '../tables/table.ts';
import { openRelocations } from './open-relocations.ts';
import type { RelocationList } from './relocation-block.ts';
import { type RelocationSection, relocationSections } from './relocation-sections.ts';
import { openRelocationSymbols, type RelocationSymbols } from './relocation-symbols.ts';
import { literalUse, relocationTypeName } from './relocation-type-name.ts';

/** The relocations of all sections, one after the other, as `readelf -rW` prints them. */
export const relocationsTable: ElfTable = {
  id: 'relocations',
  title: 'Relocations',
  columns: [
    column('offset', 'Offset', 'address'),
    column('type', 'Type', 'text'),
    column('symbol', 'Symbol', 'name'),
    column('addend', 'Addend', 'number'),
    column('table', 'Table', 'text'),
  ],
  command: ['readelf', '-rW'],
  open(file) {
    const sections = relocationSections(file.image, file.dynamic());
    return sections.length === 0 ? null : relocationRows(file, sections);
  },
};

interface Part {
  readonly section: RelocationSection;
  readonly list: RelocationList;
  /** Number of its first row. */
  readonly first: number;
  symbols(): RelocationSymbols | null;
}

function relocationRows(file: ElfFile, sections: readonly RelocationSection[]): TableRows {
  const parts: Part[] = [];
  let total = 0;
  for (const section of sections) {
    const list = openRelocations(file.image, section);
    let symbols: RelocationSymbols | null | undefined;
    const open = (): RelocationSymbols | null => {
      if (symbols === undefined) symbols = openRelocationSymbols(file, section);
      return symbols;
    };
    parts.push({ section, list, first: total, symbols: open });
    total += list.count;
  }
  const page = (first: number, count: number): readonly Cells[] =>
    parts.flatMap(part => {
      const start = Math.max(0, first - part.first);
      const end = Math.min(part.list.count, first + count - part.first);
      return start < end ? partRows(file, part, start, end - start) : [];
    });
  const prepareScan = (): void => {
    for (const { symbols } of parts) symbols()?.preload();
  };
  return { count: total, page, prepareScan };
}

function partRows({ image }: ElfFile, part: Part, first: number, count: number): readonly Cells[] {
  const { fields, header } = image;
  const { offsets, symbols, types, addends, count: read } = part.list.block(first, count);
  const rows: Cells[] = [];
  for (let index = 0; index < read; index += 1) {
    const [offset = 0n, symbol = 0, type = 0, addend] = [
      offsets[index],
      symbols[index],
      types[index],
      addends?.[index],
    ];
    const use = addend === undefined ? undefined : literalUse(header.machine, type, addend);
    const typeName = relocationTypeName(header.machine, fields.class, type);
    rows.push([
      digits(offset, fields),
      use === undefined ? typeName : `${typeName} (${use})`,
      symbol === 0 ? '' : (part.symbols()?.name(symbol) ?? String(symbol)),
      addend === undefined || use !== undefined ? '' : addendText(addend),
      part.section.name,
    ]);
  }
  return rows;
}

/** `0x10`, `-0x4`. */
function addendText(addend: bigint): string {
  return addend < 0n ? `-0x${(-addend).toString(16)}` : `0x${addend.toString(16)}`;
}
