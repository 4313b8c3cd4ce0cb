import type { AddressSpace, SectionPlace } from './address-space.ts';

/** Which owner, by its number, has which bytes of which section. */
export interface ClaimSink {
  /** Bytes of a section from `start` up to but not with `end`. */
  add(section: number, start: number, end: number, owner: number): void;
  /** False, once there are more than can be kept. */
  readonly hasRoom: boolean;
}

/** Claims on one section. */
export interface SectionClaims {
  readonly count: number;
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  readonly owners: Uint32Array;
}

export interface ClaimList extends ClaimSink {
  bySection(): ReadonlyMap<number, SectionClaims>;
}

/** 320 MiB at the worst; a browser with all its debug information has some millions. */
const maximumClaims = 1 << 24;
const firstClaims = 64;

interface GrowingClaims {
  count: number;
  starts: Float64Array;
  ends: Float64Array;
  owners: Uint32Array;
}

export function createClaimList(): ClaimList {
  const sections = new Map<number, GrowingClaims>();
  let total = 0;
  return {
    get hasRoom() {
      return total < maximumClaims;
    },
    add(section, start, end, owner) {
      if (end <= start || total >= maximumClaims) return;
      const claims = sections.get(section) ?? emptyClaims();
      if (claims.count === 0) sections.set(section, claims);
      const last = claims.count - 1;
      if (last >= 0 && claims.owners[last] === owner && claims.ends[last] === start) {
        claims.ends[last] = end;
        return;
      }
      if (claims.count === claims.starts.length) grow(claims);
      claims.starts[claims.count] = start;
      claims.ends[claims.count] = end;
      claims.owners[claims.count] = owner;
      claims.count += 1;
      total += 1;
    },
    bySection: () => sections,
  };
}

function emptyClaims(): GrowingClaims {
  return {
    count: 0,
    starts: new Float64Array(firstClaims),
    ends: new Float64Array(firstClaims),
    owners: new Uint32Array(firstClaims),
  };
}

function grow(claims: GrowingClaims): void {
  const length = 2 * claims.starts.length;
  const longer = <T extends Float64Array | Uint32Array>(array: T, fresh: T): T => {
    fresh.set(array);
    return fresh;
  };
  claims.starts = longer(claims.starts, new Float64Array(length));
  claims.ends = longer(claims.ends, new Float64Array(length));
  claims.owners = longer(claims.owners, new Uint32Array(length));
}

/** Claims the bytes at addresses, as far as the section goes that the first of them is in. */
export function claimAddresses(
  sink: ClaimSink,
  space: AddressSpace,
  start: bigint,
  end: bigint,
  owner: number,
): SectionPlace | null {
  const place = space.locate(start);
  if (place === null) return null;
  const length = Math.min(Number(end - start), place.room);
  sink.add(place.section, place.offset, place.offset + length, owner);
  return place;
}

export interface OwnedBytes {
  readonly owner: number;
  readonly bytes: number;
}

/** Takes bytes of a section that one owner has, in order. */
type TakePiece = (start: number, end: number, owner: number) => void;

/**
 * Gives each byte of a section to one owner: who begins first has it, of two that begin together the shorter claim, which is the
 * more exact one. @param sizeBytes Of the section: claims that go beyond it are cut.
 */
function divide(claims: SectionClaims, sizeBytes: number, take: TakePiece): void {
  const { starts, ends, owners } = claims;
  const at = (array: Float64Array | Uint32Array, index: number): number => array[index] ?? 0;
  let reached = 0;
  for (const index of inOrder(claims)) {
    const start = Math.max(at(starts, index), reached);
    const end = Math.min(at(ends, index), sizeBytes);
    if (end <= start) continue;
    take(start, end, at(owners, index));
    reached = end;
  }
}

/** A start below and a place in the list together are exact in 53 bits. */
const placeBits = 21;
const maximumStart = 2 ** (53 - placeBits);

/** Places in the list, by start, then by end, then by owner. */
function inOrder({ count, starts, ends, owners }: SectionClaims): Uint32Array {
  const at = (array: Float64Array | Uint32Array, index: number): number => array[index] ?? 0;
  const compare = (left: number, right: number): number =>
    at(starts, left) - at(starts, right) || at(ends, left) - at(ends, right) || at(owners, left) - at(owners, right);
  const isExact = count <= 2 ** placeBits && starts.subarray(0, count).every(start => start < maximumStart);
  if (!isExact) return Uint32Array.from({ length: count }, (_, index) => index).sort(compare);
  // Numbers are sorted many times faster than by a function that compares them.
  const keys = Float64Array.from({ length: count }, (_, index) => at(starts, index) * 2 ** placeBits + index).sort();
  const order = Uint32Array.from(keys, key => key % 2 ** placeBits);
  for (let from = 0; from < count; ) {
    let until = from + 1;
    while (until < count && at(starts, at(order, until)) === at(starts, at(order, from))) until += 1;
    if (until - from > 1) order.subarray(from, until).sort(compare);
    from = until;
  }
  return order;
}

/** What each owner has of a section. */
export function bytesOfOwners(claims: SectionClaims, sizeBytes: number): readonly OwnedBytes[] {
  const totals = new Map<number, number>();
  divide(claims, sizeBytes, (start, end, owner) => {
    totals.set(owner, (totals.get(owner) ?? 0) + end - start);
  });
  return [...totals].map(([owner, bytes]) => ({ owner, bytes }));
}

export interface Piece {
  readonly start: number;
  readonly end: number;
}

/** The bytes of a section that one owner has, in order. */
export function piecesOfOwner(claims: SectionClaims, sizeBytes: number, owner: number): readonly Piece[] {
  const pieces: Piece[] = [];
  divide(claims, sizeBytes, (start, end, own) => {
    if (own === owner) pieces.push({ start, end });
  });
  return pieces;
}
