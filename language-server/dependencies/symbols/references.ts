import { machine } from '../../elf/names/machines.ts';
import { dynamicTag } from '../../elf/reader/dynamic-section.ts';
import type { ElfImage } from '../../elf/reader/elf-image.ts';
import { symbolBinding } from '../../elf/reader/symbol-table.ts';
import type { DynamicSymbol, DynamicSymbols, LoaderVersion } from './dynamic-symbols.ts';
import { type RelocationClasses, relocationClasses, type TypeClass } from './relocation-classes.ts';
import { type SymbolName, symbolName } from './symbol-name.ts';

/** A symbol that relocations of an object ask for, once for each class of them. */
export interface Reference {
  readonly symbol: DynamicSymbol;
  readonly name: SymbolName;
  readonly version: LoaderVersion | null;
  readonly typeClass: TypeClass;
  readonly isThreadLocal: boolean;
  /** Only called: it is bound when it is called first, unless all are bound at the start. */
  readonly isLazy: boolean;
}

/** DT_RELA, DT_RELASZ, DT_RELACOUNT; DT_REL, DT_RELSZ, DT_RELCOUNT; DT_JMPREL, DT_PLTRELSZ, DT_PLTREL. */
const tags = {
  rela: 7,
  relaBytes: 8,
  rel: 17,
  relBytes: 18,
  pltRelBytes: 2,
  pltRel: 20,
  jmpRel: 23,
  relaCount: 0x6ffffff9,
  relCount: 0x6ffffffa,
  mipsSymbolCount: dynamicTag.mipsSymbolCount,
  mipsFirstGotSymbol: 0x70000013,
} as const;

interface Range {
  readonly offset: number;
  readonly sizeBytes: number;
  readonly hasAddends: boolean;
}

const chunkEntries = 1024;
const hiddenVisibilities: ReadonlySet<number> = new Set([1, 2]);

/**
 * What the loader looks up to relocate the object, in the order of its relocations (glibc `elf_dynamic_do_Rela`). Symbols that
 * are local, or hidden in the object, are not looked up. `null` stands for a chunk of relocations that is done: time to pause.
 */
export function* referencesOf(symbols: DynamicSymbols): Generator<Reference | null> {
  const classes = relocationClasses(symbols.image.header.machine);
  const seen = new Set<number>();
  for (const range of rangesOf(symbols)) {
    for (const chunk of chunksOf(symbols, range)) {
      for (const { index, type } of chunk) {
        const key = keyOf(classes, index, type);
        if (index === 0 || type === 0 || seen.has(key)) continue;
        seen.add(key);
        const reference = toReference(symbols, index, useOf(symbols, classes, type));
        if (reference !== null) yield reference;
      }
      yield null;
    }
  }
  yield* globalOffsetReferences(symbols);
}

/** Four keys a symbol: the three classes, and jump slots, which alone may be lazy. */
function keyOf(classes: RelocationClasses, index: number, type: number): number {
  if (classes.isJumpSlot(type)) return index * 4 + 3;
  return index * 4 + { other: 0, copy: 1, plt: 2 }[classes.classOf(type)];
}

type Use = Pick<Reference, 'typeClass' | 'isThreadLocal' | 'isLazy'>;

function useOf({ bindsNow }: DynamicSymbols, classes: RelocationClasses, type: number): Use {
  const isLazy = classes.isJumpSlot(type) && !bindsNow;
  return { typeClass: classes.classOf(type), isThreadLocal: classes.isThreadLocal(type), isLazy };
}

function toReference(symbols: DynamicSymbols, index: number, use: Use): Reference | null {
  const symbol = symbols.symbol(index);
  if (symbol === null || symbol.binding === symbolBinding.local || hiddenVisibilities.has(symbol.visibility))
    return null;
  const version = symbols.hasVersions ? symbols.version(symbols.versionNumber(index)) : null;
  return { symbol, name: symbolName(symbols.nameOf(symbol)), version, ...use };
}

function rangesOf({ dynamic, image }: DynamicSymbols): readonly Range[] {
  const number = (tag: number): number => Number(dynamic.value(tag) ?? 0n);
  const { wordBytes } = image.fields;
  const range = (tag: number, bytes: number, hasAddends: boolean, relative: number): Range => {
    // Those without a symbol stand first.
    const skipped = Math.min(relative * wordBytes * (hasAddends ? 3 : 2), bytes);
    return { offset: dynamic.offsetOf(tag) + skipped, sizeBytes: bytes - skipped, hasAddends };
  };
  const all = [
    ...(dynamic.value(tags.rela) === undefined
      ? []
      : [range(tags.rela, number(tags.relaBytes), true, number(tags.relaCount))]),
    ...(dynamic.value(tags.rel) === undefined
      ? []
      : [range(tags.rel, number(tags.relBytes), false, number(tags.relCount))]),
    ...(dynamic.value(tags.jmpRel) === undefined
      ? []
      : [range(tags.jmpRel, number(tags.pltRelBytes), number(tags.pltRel) === tags.rela, 0)]),
  ];
  return all.filter(({ offset }) => offset >= 0);
}

interface Relocation {
  /** Of the symbol. */
  readonly index: number;
  readonly type: number;
}

/** Symbol and type of each relocation, some at a time. */
function* chunksOf({ image }: DynamicSymbols, range: Range): Generator<readonly Relocation[]> {
  const { source, fields } = image;
  const { wordBytes } = fields;
  const entryBytes = wordBytes * (range.hasAddends ? 3 : 2);
  const decode = infoDecoder(image);
  for (let done = 0; done + entryBytes <= range.sizeBytes; done += chunkEntries * entryBytes) {
    const wanted = Math.min(chunkEntries * entryBytes, range.sizeBytes - done);
    const bytes = source.read(range.offset + done, wanted);
    const count = Math.floor(bytes.length / entryBytes);
    yield Array.from({ length: count }, (_, entry) => decode(bytes, entry * entryBytes + wordBytes));
    if (bytes.length < wanted) return;
  }
}

/** Decodes `r_info` of a relocation (gABI, "Relocation"). */
function infoDecoder({ fields, header }: ElfImage): (bytes: Buffer, at: number) => Relocation {
  if (fields.wordBytes === 4) {
    return (bytes, at) => {
      const info = fields.u32(bytes, at);
      return { index: info >>> 8, type: info & 0xff };
    };
  }
  // On MIPS no 64-bit number but a 32-bit one and four bytes (MIPS64 ELF specification, 2.9).
  if (isMips(header.machine))
    return (bytes, at) => ({ index: fields.u32(bytes, at), type: bytes.readUInt32BE(at + 4) });
  const [high, low] = fields.byteOrder === 'little' ? [4, 0] : [0, 4];
  return (bytes, at) => ({ index: fields.u32(bytes, at + high), type: fields.u32(bytes, at + low) });
}

function isMips(code: number): boolean {
  return code === machine.mips || code === machine.mipsLittleEndian;
}

/** MIPS has no relocations for what is in its global offset table: every symbol from DT_MIPS_GOTSYM on is (`elf_machine_got_rel`). */
function* globalOffsetReferences(symbols: DynamicSymbols): Generator<Reference | null> {
  const { dynamic, image } = symbols;
  const first = dynamic.value(tags.mipsFirstGotSymbol);
  if (first === undefined || !isMips(image.header.machine)) return;
  const end = Math.min(Number(dynamic.value(tags.mipsSymbolCount) ?? 0n), Number(first) + (1 << 22));
  for (let index = Number(first); index < end; index += 1) {
    const reference = toReference(symbols, index, { typeClass: 'other', isThreadLocal: false, isLazy: false });
    if (reference !== null) yield reference;
    if (index % chunkEntries === 0) yield null;
  }
}
