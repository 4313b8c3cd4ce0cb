import type { Extended } from './extended.ts';
import { roundToHalf } from './half.ts';

/** The shortest decimal that reads back as the same number, written as Python and NumPy write it: "1.0", "1e-05", "nan". */
export type FloatFormat = 'float16' | 'bfloat16' | 'float32' | 'float64';

const rounding: Readonly<Record<FloatFormat, { readonly digits: number; readonly round: (value: number) => number }>> =
  {
    float16: { digits: 5, round: roundToHalf },
    bfloat16: { digits: 4, round: value => roundToBfloat(value) },
    float32: { digits: 9, round: Math.fround },
    float64: { digits: 17, round: value => value },
  };

export function floatText(value: number, format: FloatFormat): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  return pythonStyle(format === 'float64' ? value.toExponential() : shortest(value, format));
}

function shortest(value: number, format: FloatFormat): string {
  const { digits, round } = rounding[format];
  for (let count = 1; count < digits; count += 1) {
    for (const text of [tiesToEven(value, count), value.toExponential(count - 1)]) {
      if (round(Number(text)) === value) return text;
    }
  }
  return value.toExponential(digits - 1);
}

/**
 * As `toExponential`, which rounds what lies half-way up, where NumPy (Dragon4) rounds it to an even digit. The 100 digits that
 * JavaScript can give are all that a binary32 has.
 */
function tiesToEven(value: number, digits: number): string {
  const text = value.toExponential(digits - 1);
  const longer = value.toExponential(digits);
  const isTie = /5e/u.test(longer) && value.toExponential(100).replace(/0*e/u, 'e') === longer;
  const last = Number(text.replace(/e.*$/u, '').at(-1));
  if (!isTie || last % 2 === 0) return text;
  // The digit before the 5 is what it would be rounded down to: an even one, since rounding up made an odd one.
  return longer.replace(/\.?5e/u, 'e');
}

const words = new DataView(new ArrayBuffer(4));

/** The nearest bfloat16, ties to even, as a number; by way of binary32, whose rounding does not show at these digits. */
function roundToBfloat(value: number): number {
  words.setFloat32(0, value);
  const bits = words.getUint32(0);
  if ((bits & 0x7f800000) === 0x7f800000) return value;
  words.setUint32(0, ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) << 16);
  return words.getFloat32(0);
}

/** @param exponential as `toExponential` writes it: "-1.25e-7". */
function pythonStyle(exponential: string): string {
  const {
    sign = '',
    first = '',
    rest = '',
    power = '0',
  } = /^(?<sign>-?)(?<first>\d)(?:\.(?<rest>\d+))?e(?<power>[+-]\d+)$/u.exec(exponential)?.groups ?? {};
  const digits = `${first}${rest}`.replace(/0+$/u, '') || '0';
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 16) {
    const tail = digits.length > 1 ? `.${digits.slice(1)}` : '';
    const written = String(Math.abs(exponent)).padStart(2, '0');
    return `${sign}${digits[0] ?? '0'}${tail}e${exponent < 0 ? '-' : '+'}${written}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`;
}

/** Enough for x87's 64 bits to read back; binary128 needs 36. */
const extendedDigits = { x87: 21, binary128: 36 } as const;

export function extendedText(value: Extended, kind: keyof typeof extendedDigits): string {
  switch (value.kind) {
    case 'nan':
      return 'nan';
    case 'infinity':
      return value.negative ? '-inf' : 'inf';
    case 'negative zero':
      return '-0.0';
    case 'finite':
      return value.mantissa === 0n
        ? '0.0'
        : pythonStyle(scaledDigits(value.mantissa, value.exponent, extendedDigits[kind]));
  }
}

/** mantissa × 2^exponent, rounded to so many decimal digits, as `toExponential` would write it. */
function scaledDigits(mantissa: bigint, exponent: number, digits: number): string {
  const negative = mantissa < 0n;
  const size = negative ? -mantissa : mantissa;
  const [over, under] = exponent >= 0 ? [size << BigInt(exponent), 1n] : [size, 1n << BigInt(-exponent)];
  // The power of ten is guessed from the sizes, and put right by one where the guess was off.
  let power = over.toString().length - under.toString().length;
  let text = quotientDigits(over, under, digits - 1 - power);
  if (text.length !== digits) {
    power += text.length - digits;
    text = quotientDigits(over, under, digits - 1 - power);
  }
  if (text.length > digits) {
    power += 1;
    text = text.slice(0, digits);
  }
  const trimmed = text.slice(1).replace(/0+$/u, '');
  return `${negative ? '-' : ''}${text[0] ?? '0'}${trimmed === '' ? '' : `.${trimmed}`}e${power < 0 ? '-' : '+'}${Math.abs(power)}`;
}

/** over / under × 10^places as a whole number, ties to even. */
function quotientDigits(over: bigint, under: bigint, places: number): string {
  const [top, bottom] = places >= 0 ? [over * 10n ** BigInt(places), under] : [over, under * 10n ** BigInt(-places)];
  const whole = top / bottom;
  const twice = (top % bottom) * 2n;
  return String(twice > bottom || (twice === bottom && (whole & 1n) === 1n) ? whole + 1n : whole);
}
