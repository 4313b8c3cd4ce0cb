/**
 * The places of the fields of all headers and records of an ELF file, found by code of its own, for tests that break one field
 * after the other. Only for well-formed files.
 */
export interface ElfField {
  /** The structure and, of segments, sections and dynamic entries, what it describes: `phdr.LOAD`, `shdr.RELA`, `dyn.NEEDED`. */
  readonly structure: string;
  /** As the structure's definition has it: `p_offset`. */
  readonly field: string;
  readonly offset: number;
  readonly size: number;
  /** Number of the record in its table. */
  readonly index: number;
}

type Widths = readonly (readonly [name: string, size: number | 'word'])[];

interface Shape {
  readonly bytes: Buffer;
  readonly word: 4 | 8;
  number(offset: number, size: number): number;
}

const ehdr: Widths = [
  ['EI_CLASS', 1],
  ['EI_DATA', 1],
  ['EI_VERSION', 1],
  ['EI_OSABI', 1],
  ['EI_ABIVERSION', 1],
  ['EI_PAD', 7],
  ['e_type', 2],
  ['e_machine', 2],
  ['e_version', 4],
  ['e_entry', 'word'],
  ['e_phoff', 'word'],
  ['e_shoff', 'word'],
  ['e_flags', 4],
  ['e_ehsize', 2],
  ['e_phentsize', 2],
  ['e_phnum', 2],
  ['e_shentsize', 2],
  ['e_shnum', 2],
  ['e_shstrndx', 2],
];
const phdr64: Widths = [
  ['p_type', 4],
  ['p_flags', 4],
  ['p_offset', 8],
  ['p_vaddr', 8],
  ['p_paddr', 8],
  ['p_filesz', 8],
  ['p_memsz', 8],
  ['p_align', 8],
];
const phdr32: Widths = [
  ['p_type', 4],
  ['p_offset', 4],
  ['p_vaddr', 4],
  ['p_paddr', 4],
  ['p_filesz', 4],
  ['p_memsz', 4],
  ['p_flags', 4],
  ['p_align', 4],
];
const shdr: Widths = [
  ['sh_name', 4],
  ['sh_type', 4],
  ['sh_flags', 'word'],
  ['sh_addr', 'word'],
  ['sh_offset', 'word'],
  ['sh_size', 'word'],
  ['sh_link', 4],
  ['sh_info', 4],
  ['sh_addralign', 'word'],
  ['sh_entsize', 'word'],
];
const dyn: Widths = [
  ['d_tag', 'word'],
  ['d_val', 'word'],
];
const sym64: Widths = [
  ['st_name', 4],
  ['st_info', 1],
  ['st_other', 1],
  ['st_shndx', 2],
  ['st_value', 8],
  ['st_size', 8],
];
const sym32: Widths = [
  ['st_name', 4],
  ['st_value', 4],
  ['st_size', 4],
  ['st_info', 1],
  ['st_other', 1],
  ['st_shndx', 2],
];
const rel: Widths = [
  ['r_offset', 'word'],
  ['r_info', 'word'],
];
const rela: Widths = [...rel, ['r_addend', 'word']];
const verneed: Widths = [
  ['vn_version', 2],
  ['vn_cnt', 2],
  ['vn_file', 4],
  ['vn_aux', 4],
  ['vn_next', 4],
];
const vernaux: Widths = [
  ['vna_hash', 4],
  ['vna_flags', 2],
  ['vna_other', 2],
  ['vna_name', 4],
  ['vna_next', 4],
];
const verdef: Widths = [
  ['vd_version', 2],
  ['vd_flags', 2],
  ['vd_ndx', 2],
  ['vd_cnt', 2],
  ['vd_hash', 4],
  ['vd_aux', 4],
  ['vd_next', 4],
];
const verdaux: Widths = [
  ['vda_name', 4],
  ['vda_next', 4],
];
const nhdr: Widths = [
  ['n_namesz', 4],
  ['n_descsz', 4],
  ['n_type', 4],
];
const hash: Widths = [
  ['nbucket', 4],
  ['nchain', 4],
];
const gnuHash: Widths = [
  ['nbuckets', 4],
  ['symoffset', 4],
  ['bloom_size', 4],
  ['bloom_shift', 4],
];

/** Records of one table that are broken one by one: the first ones, and the last. */
const mostRecords = 3;

const segmentNames: Readonly<Record<number, string>> = {
  1: 'LOAD',
  2: 'DYNAMIC',
  3: 'INTERP',
  4: 'NOTE',
  7: 'TLS',
  1685382481: 'GNU_STACK',
};
const sectionNames: Readonly<Record<number, string>> = {
  0: 'NULL',
  1: 'PROGBITS',
  2: 'SYMTAB',
  3: 'STRTAB',
  4: 'RELA',
  5: 'HASH',
  6: 'DYNAMIC',
  7: 'NOTE',
  8: 'NOBITS',
  9: 'REL',
  11: 'DYNSYM',
  1879048182: 'GNU_HASH',
  1879048189: 'VERDEF',
  1879048190: 'VERNEED',
  1879048191: 'VERSYM',
};
const tagNames: Readonly<Record<number, string>> = {
  0: 'NULL',
  1: 'NEEDED',
  2: 'PLTRELSZ',
  4: 'HASH',
  5: 'STRTAB',
  6: 'SYMTAB',
  7: 'RELA',
  8: 'RELASZ',
  9: 'RELAENT',
  10: 'STRSZ',
  11: 'SYMENT',
  12: 'INIT',
  13: 'FINI',
  14: 'SONAME',
  17: 'REL',
  18: 'RELSZ',
  19: 'RELENT',
  20: 'PLTREL',
  23: 'JMPREL',
  25: 'INIT_ARRAY',
  26: 'FINI_ARRAY',
  27: 'INIT_ARRAYSZ',
  28: 'FINI_ARRAYSZ',
  29: 'RUNPATH',
  1879047925: 'GNU_HASH',
  1879048176: 'VERSYM',
  1879048188: 'VERDEF',
  1879048189: 'VERDEFNUM',
  1879048190: 'VERNEED',
  1879048191: 'VERNEEDNUM',
};

export function elfFields(bytes: Buffer): readonly ElfField[] {
  const isWide = bytes[4] === 2;
  const isLittle = bytes[5] === 1;
  const number = (offset: number, size: number): number => {
    if (size === 8) return Number(isLittle ? bytes.readBigUInt64LE(offset) : bytes.readBigUInt64BE(offset));
    return isLittle ? bytes.readUIntLE(offset, size) : bytes.readUIntBE(offset, size);
  };
  const shape: Shape = { bytes, word: isWide ? 8 : 4, number };
  const fields: ElfField[] = [];
  const add = (structure: string, widths: Widths, offset: number, index = 0): ReadonlyMap<string, number> => {
    const values = new Map<string, number>();
    let at = offset;
    for (const [field, width] of widths) {
      const size = width === 'word' ? shape.word : width;
      fields.push({ structure, field, offset: at, size, index });
      if (size <= 4 || size === 8) values.set(field, number(at, size));
      at += size;
    }
    return values;
  };
  const header = add('ehdr', ehdr, 4);
  const of = (values: ReadonlyMap<string, number>, name: string): number => values.get(name) ?? 0;
  const segments = Array.from({ length: of(header, 'e_phnum') }, (_, index) => {
    const offset = of(header, 'e_phoff') + index * of(header, 'e_phentsize');
    const name = segmentNames[number(offset, 4)] ?? 'OTHER';
    return { name, values: add(`phdr.${name}`, isWide ? phdr64 : phdr32, offset, index) };
  });
  const sections = Array.from({ length: of(header, 'e_shnum') }, (_, index) => {
    const offset = of(header, 'e_shoff') + index * of(header, 'e_shentsize');
    const name = sectionNames[number(offset + 4, 4)] ?? 'OTHER';
    return { name, values: add(`shdr.${name}`, shdr, offset, index) };
  });
  const tables = sections.length > 0 ? sectionTables(sections) : segmentTables(shape, segments);
  for (const { name, offset, size } of tables) addTable(shape, add, { name, offset, size });
  return fields;
}

interface Table {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
}

type Described = readonly { readonly name: string; readonly values: ReadonlyMap<string, number> }[];

function sectionTables(sections: Described): readonly Table[] {
  return sections.map(({ name, values }) => ({
    name,
    offset: values.get('sh_offset') ?? 0,
    size: values.get('sh_size') ?? 0,
  }));
}

/** What the dynamic section leads to. */
function segmentTables({ word, number }: Shape, segments: Described): readonly Table[] {
  const place = ({ name, values }: Described[number]): Table => ({
    name,
    offset: values.get('p_offset') ?? 0,
    size: values.get('p_filesz') ?? 0,
  });
  const tables = segments.filter(({ name }) => name === 'DYNAMIC' || name === 'NOTE').map(place);
  const dynamic = tables.find(({ name }) => name === 'DYNAMIC');
  if (dynamic === undefined) return tables;
  const entries = new Map<string, number>();
  for (let at = dynamic.offset; at < dynamic.offset + dynamic.size; at += 2 * word) {
    const tag = tagNames[number(at, word)];
    if (tag !== undefined) entries.set(tag, number(at + word, word));
  }
  const led = ['SYMTAB', 'RELA', 'REL', 'HASH', 'GNU_HASH', 'VERDEF', 'VERNEED'].flatMap((name): readonly Table[] => {
    const address = entries.get(name);
    const load = segments.find(({ name: type, values }) => {
      const start = values.get('p_vaddr') ?? 0;
      return (
        type === 'LOAD' && address !== undefined && address >= start && address < start + (values.get('p_filesz') ?? 0)
      );
    });
    if (address === undefined || load === undefined) return [];
    const offset = address - (load.values.get('p_vaddr') ?? 0) + (load.values.get('p_offset') ?? 0);
    return [{ name: name === 'SYMTAB' ? 'DYNSYM' : name, offset, size: entries.get(`${name}SZ`) ?? mostRecords * 24 }];
  });
  return [...tables, ...led];
}

type Add = (structure: string, widths: Widths, offset: number, index?: number) => ReadonlyMap<string, number>;

function addTable({ word, number }: Shape, add: Add, { name, offset, size }: Table): void {
  const records = (structure: string, widths: Widths): void => {
    const bytes = widths.reduce((sum, [, width]) => sum + (width === 'word' ? word : width), 0);
    const count = Math.floor(size / bytes);
    const chosen = new Set([...Array.from({ length: Math.min(count, mostRecords) }, (_, at) => at), count - 1]);
    for (const index of chosen) if (index >= 0) add(structure, widths, offset + index * bytes, index);
  };
  switch (name) {
    case 'DYNAMIC':
      for (let at = offset; at < offset + size; at += 2 * word) {
        const tag = number(at, word);
        add(`dyn.${tagNames[tag] ?? 'OTHER'}`, dyn, at, (at - offset) / (2 * word));
        if (tag === 0) return;
      }
      return;
    case 'SYMTAB':
    case 'DYNSYM':
      records('sym', word === 8 ? sym64 : sym32);
      return;
    case 'RELA':
      records('rela', rela);
      return;
    case 'REL':
      records('rel', rel);
      return;
    case 'HASH':
      if (size > 0) add('hash', hash, offset);
      return;
    case 'GNU_HASH':
      if (size > 0) add('gnu-hash', gnuHash, offset);
      return;
    case 'NOTE':
      addNotes(number, add, { name, offset, size });
      return;
    case 'VERNEED':
      addChain(add, offset, { of: 'verneed', widths: verneed, next: 'vn_next', first: 'vn_aux' }, [
        'vernaux',
        vernaux,
        'vna_next',
      ]);
      return;
    case 'VERDEF':
      addChain(add, offset, { of: 'verdef', widths: verdef, next: 'vd_next', first: 'vd_aux' }, [
        'verdaux',
        verdaux,
        'vda_next',
      ]);
      return;
    default:
      return;
  }
}

function addNotes(number: Shape['number'], add: Add, { offset, size }: Table): void {
  for (let at = offset, index = 0; at + 12 <= offset + size; index += 1) {
    add('nhdr', nhdr, at, index);
    const up = (value: number): number => Math.ceil(value / 4) * 4;
    at += 12 + up(number(at, 4)) + up(number(at + 4, 4));
  }
}

function addChain(
  add: Add,
  start: number,
  record: { readonly of: string; readonly widths: Widths; readonly next: string; readonly first: string },
  [aux, auxWidths, auxNext]: readonly [string, Widths, string],
): void {
  for (let at = start, index = 0; ; index += 1) {
    const values = add(record.of, record.widths, at, index);
    let auxAt = at + (values.get(record.first) ?? 0);
    for (let number = 0; ; number += 1) {
      const next = add(aux, auxWidths, auxAt, number).get(auxNext) ?? 0;
      if (next === 0) break;
      auxAt += next;
    }
    const next = values.get(record.next) ?? 0;
    if (next === 0) return;
    at += next;
  }
}
