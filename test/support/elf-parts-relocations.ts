import { outputOf } from './elf-parts-files.ts';

/** A relocatable file written byte by byte: one symbol table, one section of relocations. */
export interface RelocationFile {
  readonly machine: number;
  readonly class: 32 | 64;
  readonly order: 'little' | 'big';
  /** SHT_RELA 4, SHT_REL 9, SHT_RELR 19, SHT_CREL 0x40000014. */
  readonly sectionType: number;
  readonly contents: Buffer;
  readonly symbols?: readonly string[];
}

export interface Fields {
  half(value: number): Buffer;
  word32(value: number): Buffer;
  word(value: bigint | number): Buffer;
}

export function fieldsOf({ class: bits, order }: Pick<RelocationFile, 'class' | 'order'>): Fields {
  const number = (value: bigint | number, bytes: number): Buffer => {
    const buffer = Buffer.alloc(8);
    buffer.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)));
    const low = Buffer.from(buffer.subarray(0, bytes));
    return order === 'little' ? low : low.reverse();
  };
  return {
    half: value => number(value, 2),
    word32: value => number(value, 4),
    word: value => number(value, bits / 8),
  };
}

/** @returns The whole file. Symbols are numbered from 1. */
export function relocationFile(file: RelocationFile): Buffer {
  const { half, word32, word } = fieldsOf(file);
  const is64 = file.class === 64;
  const symbols = file.symbols ?? [];
  let strings = '\0';
  const symbolBytes = [Buffer.alloc(is64 ? 24 : 16)];
  for (const [index, name] of symbols.entries()) {
    const offset = word32(strings.length);
    strings += `${name}\0`;
    const rest = Buffer.concat([Buffer.from([0x12, 0]), half(0xfff1)]);
    const values = [word(index * 16), word(4)];
    symbolBytes.push(Buffer.concat(is64 ? [offset, rest, ...values] : [offset, ...values, rest]));
  }
  const sectionNames = '\0.symtab\0.strtab\0.rel.x\0.shstrtab\0';
  const parts = [Buffer.concat(symbolBytes), Buffer.from(strings), file.contents, Buffer.from(sectionNames)];
  const headerBytes = is64 ? 64 : 52;
  const offsets: number[] = [];
  let at = headerBytes;
  const padded = parts.map(part => {
    offsets.push(at);
    const bytes = Buffer.concat([part, Buffer.alloc(-part.length & 7)]);
    at += bytes.length;
    return bytes;
  });
  const entry = { 4: 3, 9: 2, 19: 1 }[file.sectionType] ?? 0;
  const header = (name: number, type: number, part: number, link: number, entryBytes: number): Buffer =>
    Buffer.concat([
      word32(name),
      word32(type),
      word(0),
      word(0),
      word(offsets[part] ?? 0),
      word(type === 0 ? 0 : (parts[part]?.length ?? 0)),
      word32(link),
      word32(0),
      word(1),
      word(entryBytes),
    ]);
  const sections = [
    header(0, 0, -1, 0, 0),
    header(1, 2, 0, 2, is64 ? 24 : 16),
    header(9, 3, 1, 0, 0),
    header(17, file.sectionType, 2, 1, (entry * file.class) / 8),
    header(24, 3, 3, 0, 0),
  ];
  const ident = Buffer.from([0x7f, 0x45, 0x4c, 0x46, is64 ? 2 : 1, file.order === 'little' ? 1 : 2, 1, 0]);
  const fileHeader = [
    ident,
    Buffer.alloc(8),
    half(1),
    half(file.machine),
    word32(1),
    word(0),
    word(0),
    word(at),
    word32(0),
    ...[headerBytes, 0, 0, is64 ? 64 : 40, 5, 4].map(half),
  ];
  return Buffer.concat([...fileHeader, ...padded, ...sections]);
}

/** One relocation as readelf prints it. */
export interface PrintedRelocation {
  readonly section: string;
  readonly offset: string;
  readonly type: string;
  readonly symbol: string;
  readonly addend: string;
}

/** What `readelf -rW` prints of a file, RELR's addresses included. */
export function printedRelocations(path: string): readonly PrintedRelocation[] {
  const rows: PrintedRelocation[] = [];
  let section = '';
  for (const line of outputOf('readelf', ['-rW', path]).split('\n')) {
    const heading = /^Relocation section '(.*)' at offset /u.exec(line);
    if (heading !== null) section = heading[1] ?? '';
    const offset =
      /^([0-9a-f]{8}|[0-9a-f]{16})(?:$| {2}[0-9a-f]+ (R_\S+(?: +\([A-Z]+\))?|unrecognized: [0-9a-f]+)(.*)$)/u.exec(
        line,
      );
    if (offset !== null) rows.push(printedRow(section, offset[1] ?? '', offset[2], offset[3] ?? ''));
    const more = /^ +Type[23]: (\S+|unrecognized: \S+)\s*$/u.exec(line)?.[1];
    const last = rows.at(-1);
    if (more !== undefined && last !== undefined) rows[rows.length - 1] = { ...last, type: `${last.type}/${more}` };
  }
  return rows.map(row => ({ ...row, type: row.type.replace(/ +\(/u, ' (').replace(/(?:\/R_MIPS_NONE)+$/u, '') }));
}

function printedRow(section: string, offset: string, type: string | undefined, rest: string): PrintedRelocation {
  if (type === undefined) return { section, offset, type: '', symbol: '', addend: '' };
  const alone = /^ +(-?)([0-9a-f]+)$/u.exec(rest);
  const addendOnly = alone !== null && !/^ +[0-9a-f]{8}(?:[0-9a-f]{8})?$/u.test(rest.replace(/^ {0,12}/u, ' '));
  if (alone !== null && (addendOnly || rest.length > 24)) {
    return { section, offset, type, symbol: '', addend: `${alone[1]}0x${alone[2]}` };
  }
  const [, symbol = '', sign, digits] = /^(.*?)(?: ([+-]) ([0-9a-f]+))?$/u.exec(rest) ?? [];
  const name = /^ *(?:[0-9a-f]{16} |[0-9a-f]{8} {3}|.*?\(\) *\.?\s*)(.*)$/u.exec(symbol)?.[1] ?? symbol.trim();
  return {
    section,
    offset,
    type,
    symbol: name.trim(),
    addend: digits === undefined ? '' : `${sign === '-' ? '-' : ''}0x${digits}`,
  };
}
