/** Some relocations one after the other, one array a field. */
export interface RelocationBlock {
  readonly count: number;
  /** `r_offset`: an address; in a relocatable file an offset in the section that is relocated. */
  readonly offsets: BigUint64Array;
  /** Index in the symbol table; 0: none. */
  readonly symbols: Uint32Array;
  /** As the machine numbers them; see `relocationTypeName` for what 64-bit MIPS and SPARC put in here. */
  readonly types: Uint32Array;
  /** Null: they stand where the relocation applies (REL), or there are none (RELR). */
  readonly addends: BigInt64Array | null;
}

/** The relocations of one section. Nothing is decoded before it is asked for. */
export interface RelocationList {
  readonly count: number;
  /** At most `count` relocations from `first` on: fewer at the end, or where the file has become shorter. */
  block(first: number, count: number): RelocationBlock;
}

export function createBlock(count: number, hasAddends: boolean): RelocationBlock {
  return {
    count,
    offsets: new BigUint64Array(count),
    symbols: new Uint32Array(count),
    types: new Uint32Array(count),
    addends: hasAddends ? new BigInt64Array(count) : null,
  };
}

export function signed(value: bigint, wordBytes: 4 | 8): bigint {
  return BigInt.asIntN(8 * wordBytes, value);
}
