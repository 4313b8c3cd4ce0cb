/** A range that somebody claims, from `start` up to but not with `end`. */
export interface Claim<Owner> {
  readonly start: number;
  readonly end: number;
  readonly owner: Owner;
}

/**
 * Gives each place of 0…`total` to one owner, or to nobody: who begins first has it, of two that begin together the first in
 * the list. Claims may overlap and lead out of the range. The lengths of all pieces add up to `total`.
 */
export function cover<Owner>(claims: readonly Claim<Owner>[], total: number): readonly Claim<Owner | null>[] {
  const sorted = claims.filter(({ start, end }) => end > start && end > 0 && Math.max(start, 0) < total);
  sorted.sort((left, right) => left.start - right.start);
  const pieces: Claim<Owner | null>[] = [];
  let at = 0;
  for (const { start, end, owner } of sorted) {
    if (end <= at) continue;
    if (start > at) pieces.push({ start: at, end: start, owner: null });
    const from = Math.max(start, at);
    at = Math.min(end, total);
    pieces.push({ start: from, end: at, owner });
    if (at >= total) break;
  }
  if (at < total) pieces.push({ start: at, end: total, owner: null });
  return pieces;
}

/** The pieces that nobody has, divided anew among other claims. Both lists are in order. */
export function coverRest<Owner, Other>(
  pieces: readonly Claim<Owner | null>[],
  others: readonly Claim<Other | null>[],
): readonly Claim<Owner | Other | null>[] {
  const result: Claim<Owner | Other | null>[] = [];
  let first = 0;
  for (const piece of pieces) {
    if (piece.owner !== null) {
      result.push(piece);
      continue;
    }
    while (first < others.length && (others[first]?.end ?? 0) <= piece.start) first += 1;
    for (let index = first; index < others.length; index += 1) {
      const other = others[index];
      if (other === undefined || other.start >= piece.end) break;
      result.push({
        start: Math.max(piece.start, other.start),
        end: Math.min(piece.end, other.end),
        owner: other.owner,
      });
    }
  }
  return result;
}
