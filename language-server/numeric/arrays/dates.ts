/** datetime64 and timedelta64: whole numbers of a unit since 1970 (NumPy, "Datetimes and timedeltas"). */

const notATime = -(2n ** 63n);

interface Unit {
  readonly count: bigint;
  readonly name: string;
}

/** "25s" is 25 seconds; `D/3` of NumPy's texts is never written into files. */
function unitOf(text: string): Unit {
  const { count = '', name = '' } = /^(?<count>\d*)(?<name>[a-zA-Zμ]*)$/u.exec(text)?.groups ?? {};
  return { count: count === '' ? 1n : BigInt(count), name };
}

/** Units shorter than a day, in attoseconds, and how many digits of a second they show. */
const clockUnits: Readonly<Record<string, readonly [attoseconds: bigint, digits: number]>> = {
  h: [3600n * 10n ** 18n, 0],
  m: [60n * 10n ** 18n, 0],
  s: [10n ** 18n, 0],
  ms: [10n ** 15n, 3],
  us: [10n ** 12n, 6],
  μs: [10n ** 12n, 6],
  ns: [10n ** 9n, 9],
  ps: [10n ** 6n, 12],
  fs: [10n ** 3n, 15],
  as: [1n, 18],
};

export function durationText(value: bigint, unitText: string): string {
  if (value === notATime) return 'NaT';
  const { count, name } = unitOf(unitText);
  return name === '' ? String(value) : `${value * count} ${name}`;
}

/** As ISO 8601 to the unit's precision, without a zone, as NumPy prints it. */
export function dateText(value: bigint, unitText: string): string {
  if (value === notATime) return 'NaT';
  const { count, name } = unitOf(unitText);
  const units = value * count;
  if (name === '') return String(value);
  if (name === 'Y') return yearText(1970n + units);
  if (name === 'M') return `${yearText(1970n + floorDivide(units, 12n))}-${two(modulo(units, 12n) + 1n)}`;
  if (name === 'W') return dayText(units * 7n);
  if (name === 'D') return dayText(units);
  const clock = clockUnits[name];
  if (clock === undefined) return String(value);
  const [attoseconds, digits] = clock;
  const dayLength = 86_400n * 10n ** 18n;
  const total = units * attoseconds;
  const rest = modulo(total, dayLength);
  const seconds = rest / 10n ** 18n;
  const parts = [seconds / 3600n, (seconds / 60n) % 60n, seconds % 60n].map(two);
  const shown = name === 'h' ? [parts[0]] : name === 'm' ? parts.slice(0, 2) : parts;
  const fraction =
    digits === 0
      ? ''
      : `.${String(rest % 10n ** 18n)
          .padStart(18, '0')
          .slice(0, digits)}`;
  return `${dayText(floorDivide(total, dayLength))}T${shown.join(':')}${fraction}`;
}

/** The proleptic Gregorian calendar; days since 1970 (Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days). */
function dayText(days: bigint): string {
  const shifted = days + 719_468n;
  const era = floorDivide(shifted, 146_097n);
  const dayOfEra = modulo(shifted, 146_097n);
  const yearOfEra = (dayOfEra - dayOfEra / 1460n + dayOfEra / 36_524n - dayOfEra / 146_096n) / 365n;
  const dayOfYear = dayOfEra - (365n * yearOfEra + yearOfEra / 4n - yearOfEra / 100n);
  const month = (5n * dayOfYear + 2n) / 153n;
  const day = dayOfYear - (153n * month + 2n) / 5n + 1n;
  const civilMonth = month < 10n ? month + 3n : month - 9n;
  const year = yearOfEra + era * 400n + (civilMonth <= 2n ? 1n : 0n);
  return `${yearText(year)}-${two(civilMonth)}-${two(day)}`;
}

/** As C's "%04d" has it, and NumPy with it: a sign counts. */
function yearText(year: bigint): string {
  return year < 0n ? `-${String(-year).padStart(3, '0')}` : String(year).padStart(4, '0');
}

function two(value: bigint): string {
  return String(value).padStart(2, '0');
}

function floorDivide(value: bigint, by: bigint): bigint {
  return (value - modulo(value, by)) / by;
}

function modulo(value: bigint, by: bigint): bigint {
  const rest = value % by;
  return rest < 0n ? rest + by : rest;
}
