import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesOfOwners, createClaimList, piecesOfOwner } from '../../../language-server/elf/dwarf/claims.ts';

const claim = fc.record({
  start: fc.integer({ min: 0, max: 60 }),
  length: fc.integer({ min: 0, max: 30 }),
  owner: fc.integer({ min: 0, max: 5 }),
});

test('each byte that is claimed goes to one of those who claim it, and no other does', () => {
  // Far into a section the numbers are sorted another way.
  const shift = fc.constantFrom(0, 2 ** 33);
  fc.assert(
    fc.property(fc.array(claim, { maxLength: 40 }), fc.integer({ min: 1, max: 80 }), shift, (claims, size, from) => {
      const list = createClaimList();
      for (const { start, length, owner } of claims) list.add(1, from + start, from + start + length, owner);
      const section = list.bySection().get(1);
      if (section === undefined) return;
      const claiming = (at: number): readonly number[] =>
        claims.filter(({ start, length }) => start <= at && at < start + length).map(({ owner }) => owner);
      const owned = new Map<number, number>();
      for (let owner = 0; owner <= 5; owner += 1) {
        for (const { start, end } of piecesOfOwner(section, from + size, owner)) {
          for (let at = start; at < end; at += 1) {
            expect(claiming(at - from)).toContain(owner);
            expect(owned.has(at - from)).toBe(false);
            owned.set(at - from, owner);
          }
        }
      }
      for (let at = 0; at < size; at += 1) expect(owned.has(at)).toBe(claiming(at).length > 0);
      const sums = new Map(bytesOfOwners(section, from + size).map(({ owner, bytes }) => [owner, bytes]));
      for (let owner = 0; owner <= 5; owner += 1) {
        expect(sums.get(owner) ?? 0).toBe([...owned.values()].filter(own => own === owner).length);
      }
    }),
  );
});
