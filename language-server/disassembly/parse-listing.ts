import {
  type Dialect,
  type LineKind,
  type ListedFile,
  type ListedFunction,
  type ListedSection,
  type Listing,
  lineKinds,
} from './listing.ts';
import { readSourcePosition } from './source-position.ts';

/** GNU writes five spaces before "file format", LLVM a tab. */
const fileHead = /^(.*):(\s+)file format (\S+)\s*$/u;
const sectionHead = /^Disassembly of section (.*):$/u;
const functionHead = /^([0-9a-f]{8,16}) <(.*)>(?: \(File Offset: 0x[0-9a-f]+\))?:$/u;
const instructionHead = /^( *([0-9a-f]{1,16})):(?: \(File Offset: 0x[0-9a-f]+\):)?[ \t]/u;
/** A line of GNU that only goes on with the bytes of the line above. */
const bytesOnly = /^ *[0-9a-f]{1,16}:\t(?:[0-9a-f]{2}){1,8}(?: (?:[0-9a-f]{2}){1,8})* +$/u;
const relocation = /^\t\t\t?[0-9a-f]{1,16}:\s+[A-Z*]\S*(?:\s|$)/u;
const skipped = /^\s*\.\.\.(?:\s*\(skipping .*\))?$/u;
const sourceFunction = /^(?:; )?.*\(\):$/u;

/** No machine has longer instructions (m68k: 22 bytes), and no line of data shows more. */
const longestInstruction = 32n;

/** A range that is being read: its ends are not known yet. */
type Open<Range> = { -readonly [Key in keyof Range]: Range[Key] };

/** A listing as far as it has been read. */
export interface Reading {
  text: string;
  lineStarts: Uint32Array;
  kinds: Uint8Array;
  readonly files: Open<ListedFile>[];
  readonly sections: Open<ListedSection>[];
  readonly functions: Open<ListedFunction>[];
  instructionLines: Uint32Array;
  instructionAddresses: BigUint64Array;
  instructions: number;
  openFile: Open<ListedFile> | undefined;
  openSection: Open<ListedSection> | undefined;
  openFunction: Open<ListedFunction> | undefined;
  /** The address that the next instruction must have, after a heading. */
  expected: bigint | undefined;
  /** The last address of this section; -1: none yet. */
  lastAddress: bigint;
  /** Whether zeros were left out since. */
  hasSkipped: boolean;
  /** Where the colon behind an address stands; GNU pads the addresses of a section to one width. -1: not known yet. */
  colon: number;
  /** The last line that is not blank. */
  lastFilled: number;
}

/**
 * Reads what `objdump -d` of GNU binutils or LLVM prints, with or without `-S`, `-l`, `-r`, `-w`, `-C`, `-F`, raw bytes and
 * `--visualize-jumps`, for any machine, in one pass. Never throws: a line that is nothing else is source or other text.
 *
 * Interleaved source has no mark in GNU's listings. A line of it that looks like an instruction is told from one by its
 * address, which must go on from the lines above, and by its column.
 */
export function parseListing(text: string): Listing {
  const reading = beginReading();
  readOn(reading, text);
  return listingOf(reading);
}

export function beginReading(): Reading {
  return {
    text: '',
    lineStarts: new Uint32Array(),
    kinds: new Uint8Array(),
    files: [],
    sections: [],
    functions: [],
    instructionLines: new Uint32Array(),
    instructionAddresses: new BigUint64Array(),
    instructions: 0,
    openFile: undefined,
    openSection: undefined,
    openFunction: undefined,
    expected: undefined,
    lastAddress: -1n,
    hasSkipped: false,
    colon: -1,
    lastFilled: -1,
  };
}

/** Whether what was read is the beginning of the text, so that only what is behind it need be read. */
export function canReadOn({ text: before, files }: Reading, text: string): boolean {
  // Within a line nothing is certain yet; and without a head the whole text tells whose listing it is.
  const isWhole = before.endsWith('\n') && files.every(({ format }) => format !== '');
  return isWhole && text.length > before.length && text.startsWith(before);
}

/** Reads the lines that were added to the text; see {@link canReadOn}. */
export function readOn(reading: Reading, text: string): void {
  const before = reading.kinds.length;
  const lineStarts = splitLines(text, reading.lineStarts.subarray(0, before));
  const count = lineStarts.length - 1;
  reading.text = text;
  reading.lineStarts = lineStarts;
  reading.kinds = enlarged(reading.kinds, new Uint8Array(count));
  reading.instructionLines = enlarged(reading.instructionLines, new Uint32Array(count));
  reading.instructionAddresses = enlarged(reading.instructionAddresses, new BigUint64Array(count));
  // The last line was empty: what follows the last line end begins there.
  for (let line = Math.max(before - 1, 0); line < count; line += 1) {
    const content = text.slice(lineStarts[line], lineStarts[line + 1]).replace(/[\r\n]+$/u, '');
    if (content.trim() === '') continue;
    reading.kinds[line] = readLine(reading, line, content);
    reading.lastFilled = line;
  }
}

function enlarged<Numbers extends Uint8Array | Uint32Array | BigUint64Array>(
  before: Numbers,
  larger: Numbers,
): Numbers {
  (larger as { set(numbers: Numbers): void }).set(before);
  return larger;
}

/** The listing as it stands; the reading can go on. */
export function listingOf(reading: Reading): Listing {
  const { text, lineStarts, instructions } = reading;
  const files = withLastClosed(reading, reading.files, reading.openFile);
  const sections = withLastClosed(reading, reading.sections, reading.openSection);
  const functions = withLastClosed(reading, reading.functions, reading.openFunction);
  shareAliases(functions);
  return {
    text,
    lineStarts,
    lineKinds: reading.kinds,
    files,
    sections,
    functions,
    instructionLines: reading.instructionLines.slice(0, instructions),
    instructionAddresses: reading.instructionAddresses.slice(0, instructions),
  };
}

/** Copies, since those that are read on change. An open range is the last of its kind. */
function withLastClosed<Range extends Open<ListedFile | ListedSection | ListedFunction>>(
  reading: Reading,
  ranges: readonly Range[],
  open: Range | undefined,
): Range[] {
  const copies = ranges.map(range => ({ ...range }));
  if (open !== undefined) close(reading, copies.at(-1));
  return copies;
}

function readLine(reading: Reading, line: number, content: string): LineKind {
  const instruction = instructionHead.exec(content);
  if (instruction !== null) {
    const kind = readInstructionLine(reading, line, content, instruction);
    if (kind !== undefined) return kind;
  }
  // objdump leaves a blank line before each head; what follows source directly is source that looks like one.
  const isSource = line > 0 && isOfSource(reading.kinds[line - 1]);
  return (isSource ? undefined : readHead(reading, line, content)) ?? readRemark(reading, content);
}

/** What stands above instructions; undefined: something else. */
function readHead(reading: Reading, line: number, content: string): LineKind | undefined {
  const section = content.startsWith('Disassembly') ? sectionHead.exec(content) : null;
  if (section !== null) return startSection(reading, line, section[1] ?? '');
  const heading = content.endsWith('>:') || content.endsWith('):') ? functionHead.exec(content) : null;
  if (heading !== null) return startFunction(reading, line, heading[2] ?? '', BigInt(`0x${heading[1]}`));
  const file = content.includes('file format') ? fileHead.exec(content) : null;
  return file === null ? undefined : startFile(reading, line, file);
}

/** Undefined: it only looks like an instruction. */
function readInstructionLine(
  reading: Reading,
  line: number,
  content: string,
  [, padded = '', digits = '']: RegExpExecArray,
): LineKind | undefined {
  const address = BigInt(`0x${digits}`);
  const isGnu = (reading.openFile?.dialect ?? 'gnu') === 'gnu';
  if (!goesOn(reading, address)) return undefined;
  if (isGnu && reading.colon >= 0 && padded.length !== reading.colon) return undefined;
  if (isGnu && reading.lastAddress >= 0n && reading.expected === undefined && bytesOnly.test(content)) {
    return lineKinds.continuation;
  }
  if (reading.openSection === undefined) startSection(reading, line, '');
  reading.colon = padded.length;
  reading.lastAddress = address;
  reading.hasSkipped = false;
  reading.expected = undefined;
  reading.instructionLines[reading.instructions] = line;
  reading.instructionAddresses[reading.instructions] = address;
  reading.instructions += 1;
  return lineKinds.instruction;
}

/** Whether an instruction at the address can stand here. */
function goesOn({ lastAddress, hasSkipped, expected }: Reading, address: bigint): boolean {
  if (expected !== undefined) return address === expected;
  if (address <= lastAddress) return false;
  return lastAddress < 0n || hasSkipped || address - lastAddress <= longestInstruction;
}

/** What stands between instructions. */
function readRemark(reading: Reading, content: string): LineKind {
  if (reading.openFunction === undefined) return lineKinds.other;
  if (relocation.test(content)) return lineKinds.relocation;
  if (skipped.test(content)) {
    reading.expected = undefined;
    reading.hasSkipped = true;
    return lineKinds.skipped;
  }
  // -l names the function and the position first, and -S shows the lines of source below them.
  const above = reading.kinds[reading.lastFilled];
  if (above === lineKinds.source || above === lineKinds.sourcePosition) return lineKinds.source;
  if (sourceFunction.test(content)) return lineKinds.sourceFunction;
  return readSourcePosition(content) !== null ? lineKinds.sourcePosition : lineKinds.source;
}

function isOfSource(kind: number | undefined): boolean {
  return kind === lineKinds.source || kind === lineKinds.sourcePosition || kind === lineKinds.sourceFunction;
}

function startFile(reading: Reading, line: number, [, name = '', gap, format = '']: RegExpExecArray): LineKind {
  closeFile(reading);
  const dialect: Dialect = gap === '\t' ? 'llvm' : 'gnu';
  reading.openFile = { name, format, dialect, ...emptyRange(reading, line) };
  reading.files.push(reading.openFile);
  return lineKinds.file;
}

function startSection(reading: Reading, line: number, name: string): LineKind {
  closeSection(reading);
  if (reading.openFile === undefined) {
    // A listing without its head: the first instruction tells whose it is.
    const dialect = /^ *[0-9a-f]+: /mu.test(reading.text) ? 'llvm' : 'gnu';
    reading.openFile = { name: '', format: '', dialect, ...emptyRange(reading, line) };
    reading.files.push(reading.openFile);
  }
  reading.openSection = { name, file: reading.files.length - 1, ...emptyRange(reading, line) };
  reading.sections.push(reading.openSection);
  reading.lastAddress = -1n;
  reading.hasSkipped = false;
  reading.expected = undefined;
  reading.colon = -1;
  return lineKinds.section;
}

function startFunction(reading: Reading, line: number, name: string, address: bigint): LineKind {
  // Going back in a section happens only where listings were joined.
  const goesBack = address <= reading.lastAddress;
  if (reading.openSection === undefined || goesBack) startSection(reading, line, reading.openSection?.name ?? '');
  reading.expected = address;
  if (isLabel(name) && reading.openFunction !== undefined && !goesBack) return lineKinds.heading;
  closeFunction(reading);
  const section = reading.sections.length - 1;
  reading.openFunction = { name, address, section, ...emptyRange(reading, line) };
  reading.functions.push(reading.openFunction);
  return lineKinds.heading;
}

/** Mapping symbols of ARM and RISC-V ($a, $x, $d.1) and labels of the assembler (.L1) name places inside a function. */
function isLabel(name: string): boolean {
  return /^(?:\$[adtx](?:\..*|rv.*)?|\.L.*)$/su.test(name);
}

function emptyRange({ instructions }: Reading, line: number) {
  return { line, lastLine: line, firstInstruction: instructions, endInstruction: instructions };
}

function closeFile(reading: Reading): void {
  closeSection(reading);
  close(reading, reading.openFile);
  reading.openFile = undefined;
}

function closeSection(reading: Reading): void {
  closeFunction(reading);
  close(reading, reading.openSection);
  reading.openSection = undefined;
}

function closeFunction(reading: Reading): void {
  close(reading, reading.openFunction);
  reading.openFunction = undefined;
}

function close(
  { lastFilled, instructions }: Reading,
  range: Open<ListedFunction | ListedSection | ListedFile> | undefined,
) {
  if (range === undefined) return;
  range.lastLine = Math.max(range.line, lastFilled);
  range.endInstruction = instructions;
}

/** Of several headings of one address, the code stands below the last one and belongs to all. */
function shareAliases(functions: readonly Open<ListedFunction>[]): void {
  for (let index = functions.length - 2; index >= 0; index -= 1) {
    const [alias, next] = [functions[index], functions[index + 1]];
    if (alias === undefined || next === undefined || alias.section !== next.section) continue;
    if (alias.address === next.address && alias.endInstruction === alias.firstInstruction) {
      alias.endInstruction = next.endInstruction;
      alias.lastLine = next.lastLine;
    }
  }
}

/**
 * Offsets of the lines and of the end. Lines end with CR LF, LF or CR, as in the Language Server Protocol.
 * @param known Offsets of the first lines.
 */
function splitLines(text: string, known: Uint32Array): Uint32Array {
  let starts = new Uint32Array(Math.max(1024, known.length * 2));
  starts.set(known);
  let count = Math.max(known.length, 1);
  const add = (offset: number): void => {
    if (count === starts.length) {
      const larger = new Uint32Array(starts.length * 2);
      larger.set(starts);
      starts = larger;
    }
    starts[count] = offset;
    count += 1;
  };
  for (let at = starts[count - 1] ?? 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x0a || (code === 0x0d && text.charCodeAt(at + 1) !== 0x0a)) add(at + 1);
  }
  add(text.length);
  return starts.slice(0, count);
}
