/** Numbers from `low` to `high`, both included; null: no limit. */
export interface NumberRange {
  readonly low: bigint | null;
  readonly high: bigint | null;
}

const number = /^(-?)(?:(0x[0-9a-f]+)|(\d+)(?:\.(\d+))?)([kmgt]?)(?:i?b)?$/iu;
const units: Readonly<Record<string, bigint>> = { '': 1n, k: 1n << 10n, m: 1n << 20n, g: 1n << 30n, t: 1n << 40n };

/** `4096`, `0x1000`, `4k`, `1.5M`, `-0x4`: units of 1024. Null: not a number. */
export function parseNumber(text: string): bigint | null {
  const match = number.exec(text);
  if (match === null) return null;
  const [, sign, hexadecimal, whole = '0', fraction = '', unit = ''] = match;
  const scale = units[unit.toLowerCase()] ?? 1n;
  const value = hexadecimal !== undefined ? BigInt(hexadecimal) * scale : scaled(whole, fraction, scale);
  return sign === '-' ? -value : value;
}

/** Rounded down. */
function scaled(whole: string, fraction: string, scale: bigint): bigint {
  return (BigInt(whole + fraction) * scale) / 10n ** BigInt(fraction.length);
}

const compared = /^(>=|<=|>|<)(.*)$/u;

/** `N`, `>N`, `>=N`, `<N`, `<=N`, `N..N`, `N..`, `..N`. Null: none of these. */
export function parseRange(text: string): NumberRange | null {
  const comparison = compared.exec(text);
  if (comparison !== null) return comparedRange(comparison[1] ?? '', parseNumber(comparison[2] ?? ''));
  const dots = text.indexOf('..');
  if (dots < 0) {
    const value = parseNumber(text);
    return value === null ? null : { low: value, high: value };
  }
  const [first, last] = [text.slice(0, dots), text.slice(dots + 2)];
  const low = first === '' ? null : parseNumber(first);
  const high = last === '' ? null : parseNumber(last);
  const isBroken = (first !== '' && low === null) || (last !== '' && high === null) || first + last === '';
  return isBroken ? null : { low, high };
}

function comparedRange(operator: string, value: bigint | null): NumberRange | null {
  if (value === null) return null;
  switch (operator) {
    case '>':
      return { low: value + 1n, high: null };
    case '>=':
      return { low: value, high: null };
    case '<':
      return { low: null, high: value - 1n };
    default:
      return { low: null, high: value };
  }
}
