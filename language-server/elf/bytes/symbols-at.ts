import type { ByteText } from '../../protocol/elf.ts';
import type { ByteStructure, FileRange } from '../../protocol/elf-bytes.ts';
import type { ElfFile } from '../elf-file.ts';
import { sectionIndexName, symbolBindingName, symbolTypeName, symbolVisibilityName } from '../names/symbol-names.ts';
import type { ElfImage } from '../reader/elf-image.ts';
import { hex } from '../reader/fields.ts';
import { type SymbolTable, symbolType } from '../reader/symbol-table.ts';
import { decimal, type FieldLayout, type FieldRow, layOut, record, recordsOn } from './structure.ts';

/** Elf32_Sym, Elf64_Sym (gABI, "Symbol Table") of the dynamic symbols and of those of the linker. */
export function* symbolsAt(file: ElfFile, range: FileRange): Generator<ByteStructure> {
  const { image } = file;
  for (const [what, table] of [
    ['dynamic symbol', file.dynamicSymbols()],
    ['symbol', file.staticSymbols()],
  ] as const) {
    if (table === null) continue;
    const { offset: start, layout, count } = table;
    for (const index of recordsOn(range, { start, bytes: layout.bytes, count })) {
      const name = nameOfSymbol(image, table, index);
      const at = start + index * layout.bytes;
      const place = { kind: 'symbol', name: `${what} ${index}`, start: at, length: layout.bytes, value: name } as const;
      yield record(image, range, place, symbolFields(image, name));
    }
  }
}

/** Empty where it has none; the name of the section where it stands for one. */
export function nameOfSymbol(image: ElfImage, { block, layout, strings }: SymbolTable, index: number): ByteText {
  const bytes = block(index, 1);
  if (bytes.length < layout.bytes) return '';
  const name = image.fields.u32(bytes, 0);
  const type = bytes.readUInt8(layout.info) & 15;
  if (name !== 0 || type !== symbolType.section) return strings.at(name);
  const section = image.sections.at(image.fields.u16(bytes, layout.sectionIndex));
  return section === undefined ? '' : image.sectionName(section);
}

function symbolFields({ fields, header }: ElfImage, symbolName: ByteText): readonly FieldLayout[] {
  const { machine, osAbi } = header;
  const name: FieldRow = ['st_name', 'u32', value => `${hex(value)} (${symbolName})`];
  const value: FieldRow = ['st_value', 'word'];
  const size: FieldRow = ['st_size', 'word', decimal];
  const info: FieldRow = [
    'st_info',
    'byte',
    bits => {
      const [binding, type] = [Number(bits >> 4n), Number(bits & 15n)];
      return `${hex(bits)} (${symbolBindingName(binding, osAbi)} ${symbolTypeName(type, machine, osAbi)})`;
    },
  ];
  const other: FieldRow = ['st_other', 'byte', bits => `${hex(bits)} (${symbolVisibilityName(Number(bits), machine)})`];
  const section: FieldRow = [
    'st_shndx',
    'half',
    index => `${hex(index)} (${sectionIndexName(Number(index), machine)})`,
  ];
  return fields.class === 64
    ? layOut(fields, [name, info, other, section, value, size])
    : layOut(fields, [name, value, size, info, other, section]);
}
