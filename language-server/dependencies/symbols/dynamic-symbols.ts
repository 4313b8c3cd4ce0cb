import { machine } from '../../elf/names/machines.ts';
import type { ByteSource } from '../../elf/reader/byte-source.ts';
import {
  type DynamicSection,
  dynamicFlag,
  dynamicFlag1,
  dynamicTag,
  readDynamicSection,
} from '../../elf/reader/dynamic-section.ts';
import { type ElfImage, readElfImage } from '../../elf/reader/elf-image.ts';
import { symbolLayout } from '../../elf/reader/symbol-table.ts';
import { readSymbolVersions, versionFlag } from '../../elf/reader/symbol-versions.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { type HashLookup, openHashLookup, type StepBudget } from './hash-lookup.ts';

/** An entry of the dynamic symbol table. */
export interface DynamicSymbol {
  readonly index: number;
  /** Offset of the name in the string table. */
  readonly name: number;
  /** STT_*, STB_*, STV_* */
  readonly type: number;
  readonly binding: number;
  readonly visibility: number;
  readonly section: number;
  readonly value: bigint;
  readonly sizeBytes: number;
}

/** glibc's `struct r_found_version`: what an entry of DT_VERSYM stands for. */
export interface LoaderVersion {
  readonly name: ByteText;
  readonly hash: number;
  /** The NEEDED name that it is asked of; null for a version that the object defines itself. */
  readonly file: ByteText | null;
}

/** The dynamic symbols of one object as the loader uses them: found by hash, read one by one. */
export interface DynamicSymbols {
  readonly image: ElfImage;
  readonly dynamic: DynamicSection;
  readonly lookup: HashLookup | null;
  /** DT_SYMBOLIC or DF_SYMBOLIC: its own references are looked up in itself first. */
  readonly isSymbolic: boolean;
  /** Functions are bound at the start. */
  readonly bindsNow: boolean;
  /** Whether there is DT_VERSYM. */
  readonly hasVersions: boolean;
  /** Null where the index leads out of the file. */
  symbol(index: number): DynamicSymbol | null;
  /** Bytes as latin1. */
  nameOf(symbol: DynamicSymbol): string;
  /** The entry of DT_VERSYM: 0 local, 1 global, bit 15 hidden. 1 where there are none. */
  versionNumber(index: number): number;
  /** Null for *local*, *global* and the file's own base version, and for numbers that nothing defines. */
  version(number: number): LoaderVersion | null;
}

const symbolicTag = 16;
const symbolicFlag = 2n;
const hiddenVersion = 0x8000;
/** STO_MIPS_PLT; without it the value of an undefined symbol is that of a stub for lazy binding (`elf_machine_sym_no_match`). */
const mipsPlt = 8;
/** Mangled names of C++ reach some ten thousand. */
const maximumNameBytes = 1 << 20;

/** Null for what has no dynamic section, or is no ELF file (any more). */
export function openDynamicSymbols(source: ByteSource, budget: StepBudget): DynamicSymbols | null {
  const reading = readElfImage(source);
  if (reading.kind !== 'image') return null;
  const { image } = reading;
  const dynamic = readDynamicSection(image);
  if (dynamic === null) return null;
  const { fields } = image;
  const layout = symbolLayout(fields);
  const symbolsAt = dynamic.offsetOf(dynamicTag.symbolTable);
  const stringsAt = dynamic.offsetOf(dynamicTag.stringTable);
  const versions = readSymbolVersions(image, dynamic);
  const known = new Map<number, LoaderVersion>();
  for (const { file, versions: needed } of versions.needs) {
    for (const { index, name, hash } of needed) known.set(index, { name, hash, file });
  }
  for (const { index, name, hash, flags } of versions.definitions) {
    if ((flags & versionFlag.base) === 0) known.set(index, { name, hash, file: null });
  }
  const isMips = image.header.machine === machine.mips || image.header.machine === machine.mipsLittleEndian;
  const flags = dynamic.value(dynamicTag.flags) ?? 0n;
  const flags1 = dynamic.value(dynamicTag.flags1) ?? 0n;
  return {
    image,
    dynamic,
    lookup: symbolsAt < 0 || stringsAt < 0 ? null : openHashLookup(image, dynamic, budget),
    isSymbolic: dynamic.value(symbolicTag) !== undefined || (flags & symbolicFlag) !== 0n,
    bindsNow:
      dynamic.value(dynamicTag.bindNow) !== undefined ||
      (flags & dynamicFlag.bindNow) !== 0n ||
      (flags1 & dynamicFlag1.now) !== 0n,
    hasVersions: versions.symbolsOffset >= 0,
    symbol(index) {
      const bytes = symbolsAt < 0 ? Buffer.alloc(0) : source.read(symbolsAt + index * layout.bytes, layout.bytes);
      if (bytes.length < layout.bytes) return null;
      const info = bytes[layout.info] ?? 0;
      const other = bytes[layout.other] ?? 0;
      const section = fields.u16(bytes, layout.sectionIndex);
      const isStub = isMips && section === 0 && (other & mipsPlt) === 0;
      return {
        index,
        name: fields.u32(bytes, 0),
        type: info & 15,
        binding: info >> 4,
        visibility: other & 3,
        section,
        value: isStub ? 0n : fields.bigWord(bytes, layout.value),
        sizeBytes: fields.word(bytes, layout.size),
      };
    },
    nameOf: ({ name }) => (stringsAt < 0 ? '' : source.string(stringsAt + name, maximumNameBytes).toString('latin1')),
    versionNumber(index) {
      if (versions.symbolsOffset < 0) return 1;
      const bytes = source.read(versions.symbolsOffset + 2 * index, 2);
      return bytes.length < 2 ? 1 : fields.u16(bytes, 0);
    },
    version: number => known.get(number & ~hiddenVersion) ?? null,
  };
}
