import type { AddressSpace, SectionPlace } from './address-space.ts';
import type { ClaimSink } from './claims.ts';
import { extendedLineOperation, lineOperation } from './constants.ts';
import type { DwarfCursor } from './cursor.ts';
import { type LineFile, type LineHeader, readOldFile } from './line-header.ts';

export interface LineOwners {
  /** Number of the owner for a file of the table; -1: there is no such file. */
  ofFile(file: number): number;
  /** A file that the program itself adds. */
  addFile(file: LineFile): void;
}

/** Some milliseconds of work. */
const stepBytes = 1 << 20;

/** Where a program is: the registers of DWARF 5, section 6.2.2, of which only addresses and files matter here. */
interface Registers {
  /** Section that the address is in; -1: in none. */
  section: number;
  /** Offset in it. */
  offset: number;
  room: number;
  operation: number;
  file: number;
  /** The span of bytes of one owner that is open; -1: none is. */
  spanStart: number;
  spanOwner: number;
  /** Where the last row was. */
  rowOffset: number;
}

/**
 * Runs a line program and claims, for the file of each row, the bytes up to the next row. Only code is claimed: addresses in
 * other sections are not the program's.
 * @param cursor At the beginning of the program, and ending with it.
 * @returns Takes a step with each call of `next`, so that others have their turn between.
 */
export function* runLineProgram(
  cursor: DwarfCursor,
  header: LineHeader,
  { owners, space, sink }: { readonly owners: LineOwners; readonly space: AddressSpace; readonly sink: ClaimSink },
): Generator<void> {
  const { minimumInstructionBytes, operationsPerInstruction, lineRange, operationBase, operandCounts } = header;
  const state = fresh();
  const advance = (operations: number): void => {
    if (operationsPerInstruction === 1) {
      state.offset += minimumInstructionBytes * operations;
      return;
    }
    const total = state.operation + operations;
    state.offset += minimumInstructionBytes * Math.floor(total / operationsPerInstruction);
    state.operation = total % operationsPerInstruction;
  };
  const constantAdvance = Math.floor((255 - operationBase) / lineRange);
  const row = (): void => emitRow(state, owners.ofFile(state.file), sink);
  const runUntil = (until: number): void => {
    while (cursor.left > 0 && cursor.at < until) {
      const code = cursor.u8();
      if (code >= operationBase) {
        advance(Math.floor((code - operationBase) / lineRange));
        row();
        continue;
      }
      switch (code) {
        case lineOperation.extended:
          runExtended(cursor, state, { owners, space, sink }, header.addressBytes);
          break;
        case lineOperation.copy:
          row();
          break;
        case lineOperation.advanceAddress:
          advance(cursor.uleb());
          break;
        case lineOperation.setFile:
          state.file = cursor.uleb();
          break;
        case lineOperation.constantAddAddress:
          advance(constantAdvance);
          break;
        case lineOperation.fixedAdvanceAddress:
          state.offset += cursor.u16();
          state.operation = 0;
          break;
        default:
          for (let left = operandCounts[code] ?? 0; left > 0; left -= 1) cursor.uleb();
      }
    }
  };
  while (cursor.left > 0) {
    runUntil(cursor.at + stepBytes);
    if (cursor.left > 0) yield;
  }
}

function fresh(): Registers {
  return { section: -1, offset: 0, room: 0, operation: 0, file: 1, spanStart: -1, spanOwner: -1, rowOffset: 0 };
}

/** A row: what is before it belongs to the row before. */
function emitRow(state: Registers, owner: number, sink: ClaimSink): void {
  if (state.section < 0) return;
  // Rows go up; where they do not, the bytes between are nobody's.
  if (state.spanStart >= 0 && state.offset < state.rowOffset) closeSpan(state, state.rowOffset, sink);
  if (owner !== state.spanOwner || state.spanStart < 0) {
    closeSpan(state, state.offset, sink);
    state.spanStart = state.offset;
    state.spanOwner = owner;
  }
  state.rowOffset = state.offset;
}

function closeSpan(state: Registers, end: number, sink: ClaimSink): void {
  if (state.spanStart >= 0 && state.spanOwner >= 0) {
    sink.add(state.section, state.spanStart, Math.min(end, state.room), state.spanOwner);
  }
  state.spanStart = -1;
}

/** Within a sequence, the row before goes on up to the next one, wherever in its section that is. */
function moveTo(state: Registers, place: SectionPlace | null, sink: ClaimSink): void {
  const goesOn = place !== null && place.section === state.section && place.offset >= state.rowOffset;
  if (!goesOn) {
    if (state.section >= 0) closeSpan(state, state.rowOffset, sink);
    state.section = place?.section ?? -1;
    state.room = place === null ? 0 : place.offset + place.room;
    state.rowOffset = place?.offset ?? 0;
  }
  state.offset = place?.offset ?? 0;
}

function runExtended(
  cursor: DwarfCursor,
  state: Registers,
  { owners, space, sink }: { readonly owners: LineOwners; readonly space: AddressSpace; readonly sink: ClaimSink },
  addressBytes: number,
): void {
  const length = cursor.uleb();
  const end = cursor.at + length;
  if (length === 0) return;
  switch (cursor.u8()) {
    case extendedLineOperation.endSequence:
      if (state.section >= 0) closeSpan(state, Math.max(state.offset, state.rowOffset), sink);
      Object.assign(state, fresh());
      break;
    case extendedLineOperation.setAddress: {
      // Of the length that the operation has, whatever the header says.
      const bytes = length - 1 === 4 || length - 1 === 8 ? length - 1 : addressBytes;
      const place = space.locate(cursor.address(bytes));
      moveTo(state, place?.isCode === true ? place : null, sink);
      state.operation = 0;
      break;
    }
    case extendedLineOperation.defineFile:
      owners.addFile(readOldFile(cursor, cursor.string()));
      break;
  }
  if (end >= cursor.at && end <= cursor.end) cursor.at = end;
  else cursor.skip(Number.POSITIVE_INFINITY);
}
