/** Whether a text of digits occurs in a number as it is written, told without writing it. */

/** A 64-bit number in two halves of 32 bits; of a 32-bit number, `high` is not looked at. */
export type WideDigitTest = (high: number, low: number) => boolean;

/**
 * In `0x…` with leading zeros, as addresses are shown.
 * @param digits 8 or 16: how many are shown.
 */
export function hexDigitTest(text: string, digits: 8 | 16): WideDigitTest {
  const written = (high: number, low: number): string => `0x${digits === 16 ? padded(high) : ''}${padded(low)}`;
  // Those with the prefix begin at the beginning, and longer ones than half a number are rare: both are written to be compared.
  if (text.length > 8 || !/^[0-9a-f]+$/u.test(text)) return (high, low) => written(high, low).includes(text);
  // That of the prefix.
  if (text === '0') return () => true;
  const wanted = Number.parseInt(text, 16) | 0;
  const bits = 4 * text.length;
  const mask = bits === 32 ? -1 : (1 << bits) - 1;
  const beginsWithZero = text.startsWith('0');
  return (high, low) => {
    for (let shift = 0; shift <= 32 - bits; shift += 4) if (((low >>> shift) & mask) === wanted) return true;
    // Most addresses are short: of the digits before them, all are zero.
    if (digits === 8 || (high === 0 && !beginsWithZero)) return false;
    for (let shift = 36 - bits; shift < 32; shift += 4) {
      if ((((low >>> shift) | (high << (32 - shift))) & mask) === wanted) return true;
    }
    for (let shift = 0; shift <= 32 - bits; shift += 4) if (((high >>> shift) & mask) === wanted) return true;
    return false;
  };
}

const longestExact = 15;

/** In decimal digits. For numbers up to 2^53; of those beyond, what is exact must be written to be compared. */
export function decimalDigitTest(text: string): (value: number) => boolean {
  if (!/^[0-9]+$/u.test(text)) return () => false;
  if (text.length > longestExact) return value => String(value).includes(text);
  const wanted = Number(text);
  const scale = 10 ** text.length;
  const least = scale / 10;
  return value => {
    if (value === 0) return text === '0';
    for (let rest = value; rest >= least; rest = Math.floor(rest / 10)) if (rest % scale === wanted) return true;
    return false;
  };
}

function padded(value: number): string {
  return value.toString(16).padStart(8, '0');
}
