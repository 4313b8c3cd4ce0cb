const pattern = /^(-?)(0x[0-9a-f]+|\d+)$/iu;

/** The number that a cell shows (`31`, `0x1f`, `-0x4`); null where it shows none. */
export function numberInCell(cell: string): bigint | null {
  const match = pattern.exec(cell);
  if (match === null) return null;
  const value = BigInt(match[2] ?? '0');
  return match[1] === '-' ? -value : value;
}
