import { compareArrays } from '../../numeric/compare/compare-arrays.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { ArrayComparison, ArrayDifference } from '../../protocol/numeric.ts';
import { absolutePath } from '../paths.ts';
import { exitCodes, type VerbContext } from '../verb.ts';
import { printFindings, shapeText } from './columns.ts';

export interface CompareFlags {
  readonly slice?: string;
  readonly rtol: number;
  readonly atol: number;
  readonly equalNan?: boolean;
}

export async function showComparison(
  { printer, format, signal }: VerbContext,
  left: ByteText,
  right: ByteText,
  { slice, rtol, atol, equalNan = false }: CompareFlags,
): Promise<number> {
  const comparison = await compareArrays(
    {
      left: absolutePath(left),
      right: absolutePath(right),
      tolerances: { rtol, atol, equalNan },
      ...(slice !== undefined && { slice }),
    },
    signal,
  );
  if (format === 'json') printer.json({ schema: 'binary-detective/numeric-compare@1', ...comparison });
  else {
    for (const line of lines(comparison)) printer.line(line);
    printFindings(printer, comparison.findings);
  }
  return comparison.allClose ? exitCodes.clean : exitCodes.findings;
}

function lines({
  shape,
  count,
  tolerances,
  different,
  outside,
  allClose,
  first,
  largest,
  farthest,
}: ArrayComparison): readonly string[] {
  const { rtol, atol } = tolerances;
  return [
    `${allClose ? 'Close' : 'Not close'}: of ${count} elements, shape ${shapeText(shape)}, ${different} differ, ${outside} by more than ${atol} + ${rtol} × |right|`,
    ...differenceLines([
      ['first outside', first],
      ['largest difference', largest],
      ['most ULP apart', farthest],
    ]),
  ];
}

function differenceLines(entries: readonly (readonly [string, ArrayDifference | null])[]): readonly string[] {
  return entries.flatMap(([title, difference]) => {
    if (difference === null) return [];
    const { index, left, right, absolute, relative, ulps } = difference;
    return [
      `  ${title}: [${index.join(', ')}] ${displayText(left)} against ${displayText(right)}: ${absolute}, relative ${relative}${ulps === null ? '' : `, ${ulps} ULP`}`,
    ];
  });
}
