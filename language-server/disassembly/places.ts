import { type Instruction, isBranch, readInstruction } from './instruction.ts';
import {
  functionOfInstruction,
  instructionAtAddress,
  kindOfLine,
  type ListedFile,
  type Listing,
  lineKinds,
  lineText,
  sectionOfInstruction,
} from './listing.ts';
import { nameIndex } from './name-index.ts';

/** Where an instruction, a relocation or a heading points to. */
export interface Destination {
  /** Of the listing, where the code stands in it; -1: elsewhere. */
  readonly instruction: number;
  /** Of the listing, where it begins exactly there; -1: not. */
  readonly function: number;
  /** As listed, without offset; null where the file has no symbol. */
  readonly symbol: string | null;
  readonly offset: bigint;
  /** Null for a symbol of another file, which has none yet. */
  readonly address: bigint | null;
  /** Whether control goes there. */
  readonly isBranch: boolean;
}

/** The instruction with this index, read from its line. */
export function instructionOf(listing: Listing, index: number): Instruction {
  const line = lineText(listing, listing.instructionLines[index] ?? 0);
  return readInstruction(line, fileOfInstruction(listing, index)?.dialect ?? 'gnu');
}

export function fileOfInstruction(listing: Listing, index: number): ListedFile | undefined {
  const section = listing.sections[sectionOfInstruction(listing, index)];
  return section === undefined ? undefined : listing.files[section.file];
}

/** Where the instruction points to: its relocation says so, else the address that objdump worked out. Null: nowhere. */
export function destinationOf(listing: Listing, index: number): Destination | null {
  const instruction = instructionOf(listing, index);
  const relocated = relocatedDestination(listing, index, instruction);
  if (relocated !== null) return relocated;
  const { target } = instruction;
  if (target === null) return null;
  const branches = isBranch(instruction);
  const found = findAddress(listing, index, target.address, target.symbol?.name ?? null);
  return {
    instruction: found,
    function: functionStartingAt(listing, found),
    symbol: target.symbol?.name ?? null,
    offset: target.symbol?.offset ?? 0n,
    address: target.address,
    isBranch: branches,
  };
}

/** The place of a function of the listing. */
export function destinationOfFunction({ functions }: Listing, index: number): Destination | null {
  const listed = functions[index];
  if (listed === undefined) return null;
  return {
    instruction: listed.firstInstruction < listed.endInstruction ? listed.firstInstruction : -1,
    function: index,
    symbol: listed.name,
    offset: 0n,
    address: listed.address,
    isBranch: true,
  };
}

/** The place of an instruction of the listing. */
export function destinationOfInstruction(listing: Listing, index: number): Destination {
  const listed = listing.functions[functionOfInstruction(listing, index)];
  const address = listing.instructionAddresses[index] ?? 0n;
  return {
    instruction: index,
    function: functionStartingAt(listing, index),
    symbol: listed?.name ?? null,
    offset: address - (listed?.address ?? address),
    address,
    isBranch: true,
  };
}

/** Whether both are the same place: one of the listing, or the same offset of the same symbol elsewhere. */
export function isSamePlace(one: Destination, other: Destination): boolean {
  if (one.instruction >= 0 || other.instruction >= 0) return one.instruction === other.instruction;
  if (one.symbol === null && other.symbol === null) return one.address === other.address;
  return one.symbol === other.symbol && one.offset === other.offset;
}

function functionStartingAt(listing: Listing, instruction: number): number {
  if (instruction < 0) return -1;
  const index = functionOfInstruction(listing, instruction);
  return listing.functions[index]?.firstInstruction === instruction ? index : -1;
}

/** More are only in listings of relocatable files, whose addresses say nothing across sections. */
const mostLinkedSections = 64;

/**
 * The instruction at the address, as seen from another one: in its own section first, since the sections of a relocatable
 * file all begin at 0; in another one of its file where the symbol agrees, or where no two can mean the same address.
 */
function findAddress(listing: Listing, from: number, address: bigint, symbol: string | null): number {
  const own = listing.sections[sectionOfInstruction(listing, from)];
  if (own === undefined) return -1;
  const inOwn = instructionAtAddress(listing, own, address);
  if (inOwn >= 0) return inOwn;
  if (symbol !== null) {
    const places = nameIndex(listing)
      .functions(own.file, symbol)
      .flatMap(index => listing.functions[index] ?? [])
      .map(listed => instructionAtAddress(listing, listed, address));
    return places.find(place => place >= 0) ?? -1;
  }
  if (listing.sections.length > mostLinkedSections) return -1;
  const places = listing.sections
    .filter(section => section.file === own.file)
    .map(section => instructionAtAddress(listing, section, address))
    .filter(place => place >= 0);
  return places.length === 1 ? (places[0] ?? -1) : -1;
}

interface Relocation {
  readonly at: bigint;
  readonly type: string;
  readonly symbol: string;
  readonly addend: bigint;
}

/** The relocations printed below the instruction, of `-r`. */
function relocationsOf(listing: Listing, index: number): readonly Relocation[] {
  const found: Relocation[] = [];
  for (let line = (listing.instructionLines[index] ?? 0) + 1; ; line += 1) {
    const kind = kindOfLine(listing, line);
    if (kind === lineKinds.continuation) continue;
    if (kind !== lineKinds.relocation) return found;
    const match = /^\s+([0-9a-f]+):\s+(\S+)(?:\s+(.*?)(?:([+-])0x([0-9a-f]+))?)?$/u.exec(lineText(listing, line));
    if (match === null) continue;
    const [, at = '0', type = '', symbol = '', sign, digits = '0'] = match;
    const addend = BigInt(`0x${digits}`);
    found.push({ at: BigInt(`0x${at}`), type, symbol, addend: sign === '-' ? -addend : addend });
  }
}

/** RISC-V's LO12 refers to the instruction that has the high part, and its RELAX to nothing. */
function isAboutTarget({ symbol, type }: Relocation): boolean {
  return symbol !== '' && symbol !== '*ABS*' && !type.startsWith('R_RISCV_PCREL_LO12');
}

function relocatedDestination(listing: Listing, index: number, instruction: Instruction): Destination | null {
  const relocation = relocationsOf(listing, index).find(isAboutTarget);
  if (relocation === undefined) return null;
  const isCode = isBranch(instruction);
  const offset = relocation.addend + distanceToNext(listing, index, relocation);
  const file = listing.sections[sectionOfInstruction(listing, index)]?.file ?? 0;
  const destination: Destination = {
    instruction: -1,
    function: -1,
    symbol: relocation.symbol,
    offset,
    address: null,
    isBranch: isCode,
  };
  const names = nameIndex(listing);
  const [named = -1] = names.functions(file, relocation.symbol);
  const listed = listing.functions[named];
  if (listed !== undefined) {
    const instruction = instructionAtAddress(listing, listed, listed.address + offset);
    return { ...destination, instruction, function: offset === 0n ? named : -1 };
  }
  const section = listing.sections[names.section(file, relocation.symbol) ?? -1];
  // A label inside a function: objdump has found its address already.
  if (section === undefined) return instruction.target?.symbol?.name === relocation.symbol ? null : destination;
  const place = instructionAtAddress(listing, section, offset);
  return { ...destination, instruction: place, function: functionStartingAt(listing, place) };
}

/**
 * The addends of x86-64's PC-relative relocations (psABI, table 4.9: S + A - P) count from the field; the processor counts
 * from the next instruction.
 */
function distanceToNext(listing: Listing, index: number, { at, type }: Relocation): bigint {
  if (!/^(?:R_X86_64_(?:PC|PLT|GOTPCREL)|IMAGE_REL_AMD64)/u.test(type)) return 0n;
  const { bytes, address } = instructionOf(listing, index);
  if (bytes !== null) return address + BigInt(bytes.count + continuedBytes(listing, index)) - at;
  const next = listing.instructionAddresses[index + 1];
  return (next !== undefined && next > address ? next : at + 4n) - at;
}

/** Raw bytes on the lines below the instruction. */
export function continuedBytes(listing: Listing, index: number): number {
  let count = 0;
  for (let line = (listing.instructionLines[index] ?? 0) + 1; ; line += 1) {
    const kind = kindOfLine(listing, line);
    if (kind === lineKinds.relocation) continue;
    if (kind !== lineKinds.continuation) return count;
    count += lineText(listing, line).replace(/^.*:/u, '').replaceAll(/\s/gu, '').length / 2;
  }
}
