import { scaledToNumber } from '../floats/extended.ts';

/** From here on a partial sum of binary64 numbers could overflow on the way: such numbers are added as whole numbers. */
const largest = 2 ** 960;

/**
 * The sum of any number of binary64 numbers, exactly: non-overlapping partial sums (Shewchuk 1997, "Adaptive Precision
 * Floating-Point Arithmetic", GROW-EXPANSION; as `math.fsum` has it), and whole numbers for what is too large for them.
 */
export class ExactSum {
  #partials: number[] = [];
  /** In units of 2^-1074. */
  #large = 0n;
  /** Sum of infinities and NaNs; 0 where there is none. */
  #special = 0;

  add(value: number): void {
    if (!(Math.abs(value) < largest)) {
      this.#addLarge(value);
      return;
    }
    const partials = this.#partials;
    let kept = 0;
    let x = value;
    for (let index = 0; index < partials.length; index += 1) {
      let y = partials[index] ?? 0;
      if (Math.abs(x) < Math.abs(y)) [x, y] = [y, x];
      const high = x + y;
      const low = y - (high - x);
      if (low !== 0) {
        partials[kept] = low;
        kept += 1;
      }
      x = high;
    }
    partials[kept] = x;
    partials.length = kept + 1;
  }

  addAll(values: ArrayLike<number>): void {
    for (let index = 0; index < values.length; index += 1) this.add(values[index] ?? 0);
  }

  #addLarge(value: number): void {
    if (Number.isFinite(value)) this.#large += unitsOf(value);
    else this.#special += value;
  }

  /** The binary64 nearest to the sum, ties to even; infinity where it is out of range. */
  value(): number {
    if (this.#special !== 0) return this.#special;
    if (this.#large !== 0n) return scaledToNumber(this.units(), -1074);
    return nearest(this.#partials);
  }

  /** The binary64 nearest to `value` less the sum: an error, itself without one. NaN where one of them is not finite. */
  errorOf(value: number): number {
    if (!(Number.isFinite(value) && this.#special === 0)) {
      return Object.is(value, this.#special) || value === this.#special ? 0 : Number.NaN;
    }
    const difference = this.copy();
    difference.add(-value);
    return -difference.value();
  }

  copy(): ExactSum {
    const copy = new ExactSum();
    copy.#partials = [...this.#partials];
    copy.#large = this.#large;
    copy.#special = this.#special;
    return copy;
  }

  /** The sum in units of 2^-1074; of finite numbers only. */
  units(): bigint {
    return this.#partials.reduce((units, partial) => units + unitsOf(partial), this.#large);
  }

  isFinite(): boolean {
    return this.#special === 0;
  }
}

/** The sum of partials that do not overlap and grow, rounded once (CPython Modules/mathmodule.c, math_fsum). */
function nearest(partials: readonly number[]): number {
  let index = partials.length - 1;
  if (index < 0) return 0;
  let high = partials[index] ?? 0;
  let low = 0;
  while (index > 0) {
    const x = high;
    index -= 1;
    const y = partials[index] ?? 0;
    high = x + y;
    low = y - (high - x);
    if (low !== 0) break;
  }
  // Half-way cases: what is further down decides.
  const next = partials[index - 1] ?? 0;
  if (index > 0 && ((low < 0 && next < 0) || (low > 0 && next > 0))) {
    const y = low * 2;
    const x = high + y;
    if (y === x - high) high = x;
  }
  return high;
}

const words = new DataView(new ArrayBuffer(8));

/** A finite binary64 as a whole number of 2^-1074. */
export function unitsOf(value: number): bigint {
  words.setFloat64(0, value);
  const bits = words.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const size = exponent === 0 ? fraction : (fraction | (1n << 52n)) << BigInt(exponent - 1);
  return bits >> 63n === 0n ? size : -size;
}
