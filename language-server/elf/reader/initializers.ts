import type { ByteText } from '../../protocol/elf.ts';
import type { ElfFile } from '../elf-file.ts';
import { type DynamicSection, dynamicTag } from './dynamic-section.ts';
import { type ElfImage, sectionRange } from './elf-image.ts';
import { objectType } from './file-header.ts';
import { type Section, sectionType } from './section-headers.ts';

/** When a function is called (gABI, "Initialization and Termination Functions"). */
export type InitializerKind =
  | 'preinit array'
  | 'init'
  | 'init array'
  | 'fini array'
  | 'fini'
  | 'constructors'
  | 'destructors';

/** Pointers to functions that run when the file is loaded or unloaded, one after the other. */
export interface InitializerArray {
  readonly kind: InitializerKind;
  /** Address of the first pointer; in a relocatable file its offset in the section. */
  readonly address: bigint;
  /** Where it stands in the file; -1: nowhere. */
  readonly offset: number;
  readonly count: number;
  /** In a relocatable file: number of the section that holds it; else 0. */
  readonly section: number;
  /** DT_INIT and DT_FINI: the address of the function itself, not of a pointer to it. */
  readonly function: bigint | null;
}

const arrayTags = [
  { kind: 'preinit array', tag: dynamicTag.preinitArray, sizeTag: dynamicTag.preinitArrayBytes },
  { kind: 'init array', tag: dynamicTag.initArray, sizeTag: dynamicTag.initArrayBytes },
  { kind: 'fini array', tag: dynamicTag.finiArray, sizeTag: dynamicTag.finiArrayBytes },
] as const;

const arrayTypes: ReadonlyMap<number, InitializerKind> = new Map<number, InitializerKind>([
  [16, 'preinit array'],
  [14, 'init array'],
  [15, 'fini array'],
]);
/** Before there were types of their own for them. */
const arrayNames: ReadonlyMap<ByteText, InitializerKind> = new Map<ByteText, InitializerKind>([
  ['.ctors', 'constructors'],
  ['.dtors', 'destructors'],
]);

/** No program comes near; a hostile size would make a table of nothing. */
const maximumPointers = 1 << 20;

/** By the dynamic section, as the loader finds them; in a static program or an object file by the sections. */
export function initializerArrays(file: ElfFile): readonly InitializerArray[] {
  const dynamic = file.dynamic();
  const found = dynamic === null ? [] : byDynamicSection(file.image, dynamic);
  return found.length > 0 ? found : bySections(file.image);
}

export function pointerCount(arrays: readonly InitializerArray[]): number {
  return arrays.reduce((count, array) => count + array.count, 0);
}

function byDynamicSection(image: ElfImage, dynamic: DynamicSection): readonly InitializerArray[] {
  const arrays = arrayTags.flatMap(({ kind, tag, sizeTag }): InitializerArray[] => {
    const address = dynamic.value(tag);
    const count = Math.floor(Number(dynamic.value(sizeTag) ?? 0n) / image.fields.wordBytes);
    if (address === undefined || count === 0) return [];
    const offset = dynamic.offsetOf(tag);
    return [{ kind, address, offset, count: withinFile(image, offset, count), section: 0, function: null }];
  });
  const single = (kind: InitializerKind, tag: number): readonly InitializerArray[] => {
    const address = dynamic.value(tag);
    return address === undefined ? [] : [{ kind, address: 0n, offset: -1, count: 1, section: 0, function: address }];
  };
  const of = (kind: InitializerKind): readonly InitializerArray[] => arrays.filter(array => array.kind === kind);
  // In the order in which they run; the array of those that run at the end runs backwards.
  return [
    ...of('preinit array'),
    ...single('init', dynamicTag.init),
    ...of('init array'),
    ...of('fini array'),
    ...single('fini', dynamicTag.fini),
  ];
}

function bySections(image: ElfImage): readonly InitializerArray[] {
  const isRelocatable = image.header.type === objectType.relocatable;
  return image.firstSections().flatMap((section: Section): InitializerArray[] => {
    const kind =
      arrayTypes.get(section.type) ??
      (section.type === sectionType.progbits ? arrayNames.get(image.sectionName(section)) : undefined);
    if (kind === undefined) return [];
    const { offset, sizeBytes } = sectionRange(image, section);
    const count = Math.min(Math.floor(sizeBytes / image.fields.wordBytes), maximumPointers);
    if (count === 0) return [];
    const place = isRelocatable ? { address: 0n, section: section.index } : { address: section.address, section: 0 };
    return [{ kind, offset, count, function: null, ...place }];
  });
}

function withinFile({ source, fields }: ElfImage, offset: number, count: number): number {
  if (offset < 0) return Math.min(count, maximumPointers);
  return Math.max(0, Math.min(count, Math.floor((source.sizeBytes - offset) / fields.wordBytes), maximumPointers));
}
