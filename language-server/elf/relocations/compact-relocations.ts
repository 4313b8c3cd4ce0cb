import type { ElfImage } from '../reader/elf-image.ts';
import { createBlock, type RelocationBlock, type RelocationList, signed } from './relocation-block.ts';
import type { RelocationSection } from './relocation-sections.ts';

/** Relocations between two places from which decoding can begin. */
const stride = 1024;

interface State {
  /** Where the next relocation begins, in bytes from the beginning of the section. */
  at: number;
  offset: bigint;
  symbol: number;
  type: number;
  addend: bigint;
}

/**
 * CREL: a header in ULEB128 (`count * 8 + addends * 4 + shift`), then for each relocation what is other than in the one before:
 * the offset with two or three flags in its lowest bits, and by the flags symbol, type and addend in SLEB128 (LLVM
 * `llvm/Object/ELF.h`, decodeCrel). Only the places in between are kept in memory.
 */
export function openCompactRelocations(image: ElfImage, section: RelocationSection): RelocationList {
  const { source, fields, findings } = image;
  const bytes = source.read(section.offset, section.sizeBytes);
  const cursor: Cursor = { at: 0, isBroken: false };
  const header = readUnsigned(bytes, cursor);
  const claimed = Number(header >> 3n);
  const hasAddends = (header & 4n) !== 0n;
  const shift = header & 3n;
  const wordBits = 8 * fields.wordBytes;

  const state: State = { at: cursor.at, offset: 0n, symbol: 0, type: 0, addend: 0n };
  const checkpoints: State[] = [];
  let count = 0;
  // A relocation takes one byte or more, so this ends with the bytes.
  for (; count < claimed; count += 1) {
    if (count % stride === 0) checkpoints.push({ ...state });
    if (!advance(bytes, state, hasAddends, wordBits)) break;
  }
  const end = state.at;
  if (count < claimed || cursor.isBroken) {
    findings.add({
      code: 'elf/crel-truncated',
      severity: 'error',
      message: `The compact relocations ${section.name} end before as many were read as their header says.`,
      offset: section.offset,
      expected: `${claimed} relocations`,
      actual: `${count} in ${section.sizeBytes} bytes`,
      evidence: { rule: 'LLVM: CREL' },
    });
  }

  const block = (first: number, wanted: number): RelocationBlock => {
    const asked = Math.max(0, Math.min(wanted, count - first));
    const result = createBlock(asked, hasAddends);
    const chunk = Math.floor(first / stride);
    const start = checkpoints[chunk];
    if (asked === 0 || start === undefined) return result;
    const next = checkpoints[Math.floor((first + asked - 1) / stride) + 1]?.at ?? end;
    const part = source.read(section.offset + start.at, next - start.at);
    const running: State = { ...start, at: 0 };
    for (let index = chunk * stride; index < first + asked; index += 1) {
      if (!advance(part, running, hasAddends, wordBits)) break;
      if (index < first) continue;
      const place = index - first;
      result.offsets[place] = BigInt.asUintN(wordBits, running.offset << shift);
      result.symbols[place] = running.symbol;
      result.types[place] = running.type;
      if (result.addends !== null) result.addends[place] = signed(running.addend, fields.wordBytes);
    }
    return result;
  };
  return { count, block };
}

interface Cursor {
  at: number;
  isBroken: boolean;
}

/** Decodes one relocation into `state`; false, and `state` as before, where the bytes end within it. */
function advance(bytes: Buffer, state: State, hasAddends: boolean, wordBits: number): boolean {
  const first = bytes[state.at];
  if (first === undefined) return false;
  const cursor: Cursor = { at: state.at + 1, isBroken: false };
  const flagBits = hasAddends ? 3 : 2;
  let delta = BigInt((first & 0x7f) >> flagBits);
  if (first >= 0x80) delta += readUnsigned(bytes, cursor) << BigInt(7 - flagBits);
  const symbol = (first & 1) === 0 ? 0n : readSigned(bytes, cursor);
  const type = (first & 2) === 0 ? 0n : readSigned(bytes, cursor);
  const addend = hasAddends && (first & 4) !== 0 ? readSigned(bytes, cursor) : 0n;
  if (cursor.isBroken) return false;
  state.at = cursor.at;
  state.offset = BigInt.asUintN(wordBits, state.offset + delta);
  if (symbol !== 0n) state.symbol = Number(BigInt.asUintN(32, BigInt(state.symbol) + symbol));
  if (type !== 0n) state.type = Number(BigInt.asUintN(32, BigInt(state.type) + type));
  if (addend !== 0n) state.addend = BigInt.asIntN(64, state.addend + addend);
  return true;
}

/** More bytes than 64 bits need. A number that is longer, or has no end, breaks off. */
const maximumLebBytes = 12;

function readUnsigned(bytes: Buffer, cursor: Cursor): bigint {
  let low = 0;
  let value = 0n;
  for (let index = 0; index < maximumLebBytes; index += 1) {
    const byte = bytes[cursor.at];
    if (byte === undefined) break;
    cursor.at += 1;
    // The first four bytes fit in a small number.
    if (index < 4) low |= (byte & 0x7f) << (7 * index);
    else value |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) return index < 4 ? BigInt(low) : value | BigInt(low);
  }
  cursor.isBroken = true;
  return 0n;
}

function readSigned(bytes: Buffer, cursor: Cursor): bigint {
  const start = cursor.at;
  const value = readUnsigned(bytes, cursor);
  return BigInt.asIntN(7 * Math.max(1, cursor.at - start), value);
}
