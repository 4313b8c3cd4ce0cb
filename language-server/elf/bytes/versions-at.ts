import type { ByteStructure, FileRange } from '../../protocol/elf-bytes.ts';
import type { ElfFile } from '../elf-file.ts';
import { hex } from '../reader/fields.ts';
import { decimal, type FieldRow, layOut, layoutBytes, record, touches } from './structure.ts';

const need: readonly FieldRow[] = [
  ['vn_version', 'half', decimal],
  ['vn_cnt', 'half', decimal],
  ['vn_file', 'u32'],
  ['vn_aux', 'u32', decimal],
  ['vn_next', 'u32', decimal],
];
const neededVersion: readonly FieldRow[] = [
  ['vna_hash', 'u32'],
  ['vna_flags', 'half'],
  ['vna_other', 'half', value => `${hex(value)} (number in .gnu.version)`],
  ['vna_name', 'u32'],
  ['vna_next', 'u32', decimal],
];
const definition: readonly FieldRow[] = [
  ['vd_version', 'half', decimal],
  ['vd_flags', 'half'],
  ['vd_ndx', 'half', decimal],
  ['vd_cnt', 'half', decimal],
  ['vd_hash', 'u32'],
  ['vd_aux', 'u32', decimal],
  ['vd_next', 'u32', decimal],
];

/** Verneed, Vernaux and Verdef records (LSB, "Symbol Versioning"). */
export function* versionsAt(file: ElfFile, range: FileRange): Generator<ByteStructure> {
  const { image } = file;
  const place = (name: string, start: number, value: string, rows: readonly FieldRow[]): readonly ByteStructure[] => {
    const layout = layOut(image.fields, rows);
    const length = layoutBytes(layout);
    if (!touches(range, start, length)) return [];
    return [record(image, range, { kind: 'version', name, start, length, value }, layout)];
  };
  const { needs, definitions } = file.versions();
  for (const { file: provider, offset, versions } of needs) {
    yield* place('needed versions', offset, `of ${provider}`, need);
    for (const version of versions) yield* place('needed version', version.offset, version.name, neededVersion);
  }
  for (const { name, offset } of definitions) yield* place('defined version', offset, name, definition);
}
