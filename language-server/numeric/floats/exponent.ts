const bits = new DataView(new ArrayBuffer(8));

/** floor(log2(|value|)) of a binary64 that is finite and not zero, subnormal ones too. */
export function exponentOf(value: number): number {
  bits.setFloat64(0, value);
  const biased = (bits.getUint32(0) >>> 20) & 0x7ff;
  if (biased > 0) return biased - 1023;
  bits.setFloat64(0, value * 2 ** 54);
  return ((bits.getUint32(0) >>> 20) & 0x7ff) - 1023 - 54;
}
