import { arrayPlace } from '../../numeric/arrays/array-place.ts';
import { statisticsOf } from '../../numeric/statistics/statistics.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { ArrayStatistics, AxisStatistics, Occurrence } from '../../protocol/numeric.ts';
import { absolutePath } from '../paths.ts';
import { definitionLines } from '../printer.ts';
import { exitCodeOf, type VerbContext } from '../verb.ts';
import { columns, printFindings, shapeText } from './columns.ts';

export interface StatisticsFlags {
  readonly slice?: string;
  readonly axis?: number;
}

export async function showStatistics(
  { printer, format, signal }: VerbContext,
  file: ByteText,
  { slice, axis }: StatisticsFlags,
): Promise<number> {
  const statistics = await statisticsOf(
    { path: absolutePath(file), ...(slice !== undefined && { slice }) },
    signal,
    (done, total) => printer.progress(`${Math.floor((100 * done) / Math.max(1, total))} %`),
  );
  if (format === 'json') {
    printer.json({ schema: 'binary-detective/numeric-statistics@1', ...statistics });
    return exitCodeOf(statistics.findings);
  }
  const { path, member, dtype, shape, count, axes } = statistics;
  printer.line(`${displayText(arrayPlace(path, member))}: ${count} numbers of ${dtype}, shape ${shapeText(shape)}`);
  for (const line of factLines(statistics)) printer.line(line);
  for (const line of histogramLines(statistics)) printer.line(line);
  const chosen = axes.find(candidate => candidate.axis === axis);
  if (chosen !== undefined) for (const line of axisLines(chosen)) printer.line(line);
  else if (axes.length > 0)
    printer.line(`  By index of an axis: --axis ${axes.map(candidate => candidate.axis).join(' or ')}`);
  for (const note of statistics.notes) printer.line(`  ${note}`);
  printFindings(printer, statistics.findings);
  return exitCodeOf(statistics.findings);
}

function factLines(statistics: ArrayStatistics): readonly string[] {
  const { minimum, maximum, mean, variance, standardDeviation, finite } = statistics;
  const rare: readonly (readonly [string, Occurrence])[] = [
    ['NaN', statistics.nan],
    ['inf', statistics.positiveInfinity],
    ['-inf', statistics.negativeInfinity],
    ['subnormal', statistics.subnormal],
    ['zero', statistics.zero],
    ['negative zero', statistics.negativeZero],
  ];
  return definitionLines([
    ['finite', String(finite)],
    ['minimum', minimum ?? '-'],
    ['maximum', maximum ?? '-'],
    ['mean', mean ?? '-'],
    ['variance', variance ?? '-'],
    ['deviation', standardDeviation ?? '-'],
    ...rare
      .filter(([, { count }]) => count > 0)
      .map(([name, { count, first }]) => [name, `${count}, first at [${(first ?? []).join(', ')}]`] as const),
  ]);
}

const barWidth = 40;
/** Steps of the histogram a line. */
const merged = 4;

function histogramLines({ histogram: { from, to, counts } }: ArrayStatistics): readonly string[] {
  if (counts.length === 0 || from === null || to === null) return [];
  const [low, high] = [Number(from), Number(to)];
  const bars = Array.from({ length: counts.length / merged }, (_, bar) =>
    counts.slice(bar * merged, (bar + 1) * merged).reduce((sum, count) => sum + count, 0),
  );
  const most = Math.max(...bars);
  const step = (high - low) / bars.length;
  // So many digits that one line's number is not that of the next.
  const digits = step > 0 ? Math.ceil(Math.log10(Math.max(Math.abs(low), Math.abs(high)) / step)) + 2 : 4;
  const rows = bars.map((count, bar) => [
    (low + step * bar).toPrecision(Math.min(17, Math.max(4, digits))),
    '#'.repeat(Math.ceil((barWidth * count) / most)).padEnd(barWidth),
    String(count),
  ]);
  return columns(['from', '', 'count'], rows, 0);
}

function axisLines({ axis, minimum, maximum, mean, finite }: AxisStatistics): readonly string[] {
  return columns(
    [`axis ${axis}`, 'finite', 'minimum', 'maximum', 'mean'],
    finite.map((count, index) => [
      String(index),
      String(count),
      minimum[index] ?? '',
      maximum[index] ?? '',
      mean[index] ?? '',
    ]),
    0,
  );
}
