/**
 * A disassembly listing as a flat model: columns of lines and instructions, and short lists of what stands above them. What is
 * inside an instruction is read from its line when somebody looks at it ({@link readInstruction}).
 */
export interface Listing {
  readonly text: string;
  /** Offset of each line in `text`, and behind the last one the offset of the end: one more than there are lines. */
  readonly lineStarts: Uint32Array;
  /** A {@link lineKinds} for each line. */
  readonly lineKinds: Uint8Array;
  readonly files: readonly ListedFile[];
  readonly sections: readonly ListedSection[];
  readonly functions: readonly ListedFunction[];
  /** The line of each instruction, ascending. */
  readonly instructionLines: Uint32Array;
  /** The address of each instruction; within a section they ascend. */
  readonly instructionAddresses: BigUint64Array;
}

export const lineKinds = {
  /** A blank line, and text that belongs to nothing. */
  other: 0,
  /** `a.out:     file format elf64-x86-64` */
  file: 1,
  /** `Disassembly of section .text:` */
  section: 2,
  /** `0000000000001149 <main>:`, also of a label inside a function. */
  heading: 3,
  instruction: 4,
  /** More bytes of the instruction above. */
  continuation: 5,
  /** `17: R_X86_64_PLT32 rand-0x4` */
  relocation: 6,
  /** `...`, in place of zeros that are not shown. */
  skipped: 7,
  /** `/src/a.c:7` of `-l` */
  sourcePosition: 8,
  /** `main():` of `-l` */
  sourceFunction: 9,
  /** A line of source of `-S`. */
  source: 10,
} as const;

export type LineKind = (typeof lineKinds)[keyof typeof lineKinds];

/** The lines from `line` to `lastLine`, both of them, and the instructions `firstInstruction` to before `endInstruction`. */
export interface ListedRange {
  readonly line: number;
  /** The last line that is not blank. */
  readonly lastLine: number;
  readonly firstInstruction: number;
  readonly endInstruction: number;
}

/** Whose objdump wrote it: GNU binutils' or LLVM's. */
export type Dialect = 'gnu' | 'llvm';

/** An object file, of which an archive's listing has several. */
export interface ListedFile extends ListedRange {
  readonly name: string;
  /** BFD's or LLVM's name: `elf64-x86-64`; empty where the listing has no head. */
  readonly format: string;
  readonly dialect: Dialect;
}

export interface ListedSection extends ListedRange {
  /** Empty where the listing does not say. */
  readonly name: string;
  /** Index into `files`. */
  readonly file: number;
}

export interface ListedFunction extends ListedRange {
  /** As listed: mangled unless objdump was told to demangle, with version or offset where objdump shows them. */
  readonly name: string;
  readonly address: bigint;
  /** Index into `sections`. */
  readonly section: number;
}

export function lineText({ text, lineStarts }: Listing, line: number): string {
  return text.slice(lineStarts[line] ?? text.length, lineStarts[line + 1] ?? text.length).replace(/[\r\n]+$/u, '');
}

export function lineCount({ lineKinds: kinds }: Listing): number {
  return kinds.length;
}

export function kindOfLine({ lineKinds: kinds }: Listing, line: number): LineKind {
  return (kinds[line] ?? lineKinds.other) as LineKind;
}

/** Index of the last range that begins at or before the line and does not end before it; -1: none. */
export function rangeAtLine(ranges: readonly ListedRange[], line: number): number {
  const index = lastAtMost(ranges.length, at => (ranges[at]?.line ?? 0) <= line);
  return index >= 0 && (ranges[index]?.lastLine ?? -1) >= line ? index : -1;
}

/** Index of the instruction on this line; -1: none. */
export function instructionAtLine({ instructionLines }: Listing, line: number): number {
  const index = lastAtMost(instructionLines.length, at => (instructionLines[at] ?? 0) <= line);
  return instructionLines[index] === line ? index : -1;
}

/** Index of the instruction that stands at exactly this address of the range, which lies within a section; -1: none. */
export function instructionAtAddress(
  { instructionAddresses }: Listing,
  { firstInstruction, endInstruction }: ListedRange,
  address: bigint,
): number {
  const count = endInstruction - firstInstruction;
  const index =
    firstInstruction + lastAtMost(count, at => (instructionAddresses[firstInstruction + at] ?? 0n) <= address);
  return index >= firstInstruction && instructionAddresses[index] === address ? index : -1;
}

/** The function whose instructions hold this one; -1: none. Of several names of one address, the last. */
export function functionOfInstruction({ functions }: Listing, instruction: number): number {
  const index = lastAtMost(functions.length, at => (functions[at]?.firstInstruction ?? 0) <= instruction);
  return index >= 0 && (functions[index]?.endInstruction ?? 0) > instruction ? index : -1;
}

/** The section whose instructions hold this one; -1: none. */
export function sectionOfInstruction({ sections }: Listing, instruction: number): number {
  const index = lastAtMost(sections.length, at => (sections[at]?.firstInstruction ?? 0) <= instruction);
  return index >= 0 && (sections[index]?.endInstruction ?? 0) > instruction ? index : -1;
}

/** The last index below `count` for which `holds`, which is true up to some index and false from there on; -1: none. */
function lastAtMost(count: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
