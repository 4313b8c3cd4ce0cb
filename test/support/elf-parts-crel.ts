/** Writes CREL by its description: the inverse of the reader, with no code in common. */
export interface CompactRelocation {
  readonly offset: bigint;
  readonly symbol: number;
  readonly type: number;
  readonly addend: bigint;
}

export function encodeCrel(
  relocations: readonly CompactRelocation[],
  { bits, shift, hasAddends }: { readonly bits: 32 | 64; readonly shift: number; readonly hasAddends: boolean },
): Buffer {
  const bytes: number[] = [...uleb(BigInt(relocations.length * 8 + (hasAddends ? 4 : 0) + shift))];
  let last: CompactRelocation = { offset: 0n, symbol: 0, type: 0, addend: 0n };
  const flagBits = hasAddends ? 3n : 2n;
  for (const one of relocations) {
    const delta = BigInt.asUintN(bits, (one.offset >> BigInt(shift)) - (last.offset >> BigInt(shift)));
    const changes = [BigInt(one.symbol - last.symbol), BigInt(one.type - last.type)];
    if (hasAddends) changes.push(BigInt.asIntN(bits, one.addend - last.addend));
    const flags = changes.reduce((sum, change, at) => sum | (change === 0n ? 0n : 1n << BigInt(at)), 0n);
    bytes.push(...uleb((delta << flagBits) | flags));
    for (const change of changes) if (change !== 0n) bytes.push(...sleb(change));
    last = one;
  }
  return Buffer.from(bytes);
}

export function uleb(value: bigint): readonly number[] {
  const low = Number(value & 0x7fn);
  return value < 0x80n ? [low] : [low | 0x80, ...uleb(value >> 7n)];
}

export function sleb(value: bigint): readonly number[] {
  const low = Number(value & 0x7fn);
  return value >= -64n && value < 64n ? [low] : [low | 0x80, ...sleb(value >> 7n)];
}
