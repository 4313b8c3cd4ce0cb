import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ByteText } from '../../protocol/elf.ts';
import type { ElfImage } from '../reader/elf-image.ts';
import { hex } from '../reader/fields.ts';
import type { FindingList } from '../reader/finding-list.ts';
import { type AbbreviationReader, createAbbreviationReader } from './abbreviations.ts';
import { addressRangeTables, readAddressTable } from './address-ranges.ts';
import type { AddressSpace } from './address-space.ts';
import {
  bytesOfOwners,
  type ClaimList,
  claimAddresses,
  createClaimList,
  type OwnedBytes,
  type Piece,
  piecesOfOwner,
  type SectionClaims,
} from './claims.ts';
import { type CompileUnit, readCompileUnit } from './compile-unit.ts';
import { tag } from './constants.ts';
import { type DebugSections, openDebugSections } from './debug-sections.ts';
import { createLineTables, type LineTables } from './line-tables.ts';
import { createOwnerNames, type OwnerNames, sourcePath } from './owner-names.ts';
import { type ReadBudget, unitRanges } from './ranges.ts';
import { readUnitHeader, type UnitHeader } from './unit-header.ts';
import { createVariableWalk } from './variables.ts';

/**
 * `unit`: what a compiler was given, with all that came into it. `source`: the file that each byte of code was written in,
 * headers too, and the file that declares a variable.
 */
export type OwnerKind = 'unit' | 'source';

/** Which source files the bytes of sections come from. */
export interface SourceOwners {
  readonly paths: readonly ByteText[];
  /** By number of the section; an owner is the place of its path. */
  readonly sections: ReadonlyMap<number, readonly OwnedBytes[]>;
}

export interface OwnerQuestion {
  readonly kind: OwnerKind;
  /** The file with the debug information. */
  readonly debug: ElfImage;
  /** The file that has what several debug files share (dwz); null: none, or it is not here. */
  readonly alternate: ElfImage | null;
  /** The file that is asked about. */
  readonly image: ElfImage;
  readonly space: AddressSpace;
  /** Bytes of the variable at an address, by its symbol; 0: not known. */
  sizeOfVariable(address: bigint): number;
  /** What is found on the way. */
  readonly findings: FindingList;
  readonly signal: AbortSignal | undefined;
}

/** Larger than any unit of a known compiler, even where it optimised a whole program in one. */
const maximumUnitBytes = 512 << 20;
const stepBytes = 1 << 20;

interface Reading extends OwnerQuestion {
  readonly sections: DebugSections;
  readonly names: OwnerNames;
  readonly claims: ClaimList;
  readonly lines: LineTables;
  readonly rangeBudget: ReadBudget;
  readonly count: { unnamed: number; elsewhere: number; split: number };
}

/** Reads all units. Throws what the signal is aborted with. */
export async function readOwners(question: OwnerQuestion): Promise<SourceOwners> {
  const { names, claims } = await readClaims(question);
  const sections = await bySection(question, claims, bytesOfOwners);
  return { paths: names.paths, sections };
}

/** The bytes of one source file, by number of the section; reads all units too. Throws what the signal is aborted with. */
export async function readPiecesOf(
  path: ByteText,
  question: OwnerQuestion,
): Promise<ReadonlyMap<number, readonly Piece[]>> {
  const { names, claims } = await readClaims(question);
  const owner = names.paths.indexOf(path);
  return await bySection(question, claims, (list, sizeBytes) =>
    owner < 0 ? [] : piecesOfOwner(list, sizeBytes, owner),
  );
}

async function bySection<T>(
  { image, signal }: OwnerQuestion,
  claims: ClaimList,
  look: (list: SectionClaims, sizeBytes: number) => T,
): Promise<ReadonlyMap<number, T>> {
  const found = new Map<number, T>();
  for (const [section, list] of claims.bySection()) {
    found.set(section, look(list, Number(image.firstSections()[section]?.sizeBytes ?? 0n)));
    await nextTurn();
    signal?.throwIfAborted();
  }
  return found;
}

async function readClaims(question: OwnerQuestion): Promise<Pick<Reading, 'names' | 'claims'>> {
  const { debug, alternate, findings, signal, space } = question;
  const sections = await openDebugSections({ image: debug, alternate }, space, findings, signal);
  const names = createOwnerNames();
  const claims = createClaimList();
  const { ranges, rnglists } = sections.contents;
  const reading: Reading = {
    ...question,
    sections,
    names,
    claims,
    lines: createLineTables(sections, { names, claims, space, findings }),
    rangeBudget: { bytes: 2 * (ranges.sizeBytes + rnglists.sizeBytes) + (1 << 16) },
    count: { unnamed: 0, elsewhere: 0, split: 0 },
  };
  await readUnits(reading);
  sayWhatIsElsewhere(reading);
  if (!claims.hasRoom) {
    findings.add({
      code: 'elf/debug-limit',
      severity: 'warning',
      message:
        'The debug information divides the code into more pieces than can be kept: the rest of it is not looked at.',
    });
  }
  return { names, claims };
}

async function readUnits(reading: Reading): Promise<void> {
  const { sections, findings, kind, claims, signal } = reading;
  const { info, abbrev } = sections.contents;
  const tools: UnitTools = {
    abbreviations: createAbbreviationReader(abbrev, sections.isLittle),
    tables: kind === 'unit' ? addressRangeTables(sections) : new Map(),
  };
  let sinceTurn = 0;
  for (let offset = 0; offset < info.sizeBytes && claims.hasRoom; ) {
    const header = readUnitHeader(info, sections.isLittle, offset);
    if ('problem' in header) unreadableUnit(findings, offset, header.problem);
    else if (!header.isTypeUnit) await readUnitAt(reading, header, tools);
    if (header.sizeBytes === null) return;
    offset += Math.max(header.sizeBytes, 4);
    sinceTurn += header.sizeBytes;
    if (sinceTurn < stepBytes) continue;
    sinceTurn = 0;
    await nextTurn();
    signal?.throwIfAborted();
  }
}

interface UnitTools {
  readonly abbreviations: AbbreviationReader;
  readonly tables: ReturnType<typeof addressRangeTables>;
}

async function readUnitAt(reading: Reading, header: UnitHeader, { abbreviations, tables }: UnitTools): Promise<void> {
  const { sections, findings } = reading;
  const { info } = sections.contents;
  const table = abbreviations.at(header.abbreviationOffset, header);
  const bytes = header.sizeBytes > maximumUnitBytes ? null : info.read(header.offset, header.sizeBytes);
  const unit = table === null || bytes === null ? null : readCompileUnit(sections, header, bytes, table);
  if (unit === null) unreadableUnit(findings, header.offset, 'its first entry cannot be read');
  else await readUnit(reading, unit, tables);
  if (header.isCut) unreadableUnit(findings, header.offset, 'it claims to be longer than the section');
}

function unreadableUnit(findings: FindingList, offset: number, problem: string): void {
  findings.add({
    code: 'elf/debug-unit',
    severity: 'warning',
    message: `A unit of the debug information, at ${hex(offset)} of .debug_info, cannot be read as a whole: ${problem}.`,
    evidence: { rule: 'DWARF 5: 7.5 Format of Debugging Information' },
  });
}

async function readUnit(
  reading: Reading,
  unit: CompileUnit,
  tables: ReturnType<typeof addressRangeTables>,
): Promise<void> {
  const { kind, lines, count, findings } = reading;
  if (unit.splitName !== null) count.split += 1;
  if (kind === 'source') await takeSteps(lines.claim(unit), reading.signal);
  let asked: number | undefined;
  const owner = (): number => {
    asked ??= ownerOf(reading, unit);
    return asked;
  };
  if (kind === 'unit' && owner() >= 0) {
    await claimCode(reading, unit, owner(), tables);
    claimDebugInformation(reading, unit, owner());
  }
  const walk = createVariableWalk(reading.sections, unit, (address, file) => {
    const own = kind === 'unit' || file === null ? owner() : lines.ownerOfFile(unit, file);
    const sizeBytes = own < 0 ? 0 : reading.sizeOfVariable(address);
    if (sizeBytes > 0) claimAddresses(reading.claims, reading.space, address, address + BigInt(sizeBytes), own);
  });
  while (walk.step(stepBytes)) {
    await nextTurn();
    reading.signal?.throwIfAborted();
  }
  if (walk.isBroken)
    unreadableUnit(findings, unit.header.offset, 'one of its entries is of an unknown form, or broken');
}

/** Number of the file that was compiled; -1: it is not told, or told elsewhere. */
function ownerOf({ names, lines, count }: Reading, unit: CompileUnit): number {
  const { folder, name, splitName } = unit;
  if (name !== null && name !== '') return names.numberOf(sourcePath(folder, name));
  const primary = lines.primaryFile(unit);
  if (primary !== null) return names.numberOf(primary);
  if (splitName !== null) return names.numberOf(sourcePath(folder, splitName));
  if (unit.tag === tag.partialUnit) return -1;
  if (unit.isNamedElsewhere) count.elsewhere += 1;
  else count.unnamed += 1;
  return -1;
}

async function takeSteps(steps: Generator<void>, signal: AbortSignal | undefined): Promise<void> {
  while (steps.next().done !== true) {
    await nextTurn();
    signal?.throwIfAborted();
  }
}

async function claimCode(
  { sections, claims, space, rangeBudget, lines, findings, signal }: Reading,
  unit: CompileUnit,
  owner: number,
  tables: ReturnType<typeof addressRangeTables>,
): Promise<void> {
  const add = (start: bigint, end: bigint): void => void claimAddresses(claims, space, start, end, owner);
  if (unitRanges(sections, unit, rangeBudget, add)) return;
  if (unit.ranges !== null)
    unreadableUnit(findings, unit.header.offset, 'its list of ranges cannot be read to its end');
  const own = tables.get(unit.header.offset) ?? [];
  for (const table of own) readAddressTable(sections, table, add);
  if (own.length === 0) await takeSteps(lines.claim(unit, owner), signal);
}

/** The debug information is the unit's too, where it is in the file itself, and not compressed. */
function claimDebugInformation(
  { sections, debug, image, claims, lines }: Reading,
  unit: CompileUnit,
  owner: number,
): void {
  if (debug !== image) return;
  const info = sections.plainSection('info');
  const { offset, sizeBytes } = unit.header;
  if (info !== null) claims.add(info, offset, offset + sizeBytes, owner);
  const line = sections.plainSection('line');
  const table = unit.lineOffset === null ? null : lines.sizeAt(unit.lineOffset);
  if (line !== null && table !== null && unit.lineOffset !== null) {
    claims.add(line, unit.lineOffset, unit.lineOffset + table, owner);
  }
}

function sayWhatIsElsewhere({ count, findings }: Reading): void {
  const add = (message: string): void =>
    findings.add({ code: 'elf/debug-elsewhere', severity: 'information', message });
  if (count.split > 0) {
    add(
      `Of ${count.split} compile units most of the debug information is in .dwo files, which are not read: who their variables belong to is not known.`,
    );
  }
  if (count.elsewhere > 0) {
    add(
      `The names of ${count.elsewhere} compile units are in the file that .gnu_debugaltlink names (made by dwz), which is not here: what belongs to them is not known.`,
    );
  }
  if (count.unnamed > 0) {
    add(`${count.unnamed} compile units do not say which source file they are: what belongs to them is not known.`);
  }
}
