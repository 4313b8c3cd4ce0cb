import { arrayFacts } from '../../numeric/arrays/array-facts.ts';
import { arrayPlace } from '../../numeric/arrays/array-place.ts';
import { type ArrayFile, type NumericArray, readCells, withArrayFile } from '../../numeric/arrays/open-array.ts';
import { indexOf, sizeOf, sliceView, type View } from '../../numeric/arrays/view.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { ArrayFacts } from '../../protocol/numeric.ts';
import { absolutePath } from '../paths.ts';
import { definitionLines } from '../printer.ts';
import { exitCodeOf, exitCodes, type VerbContext } from '../verb.ts';
import { printFindings, shapeText } from './columns.ts';

export interface ArrayFlags {
  readonly slice?: string;
  readonly limit: number;
}

export function showArray(context: VerbContext, file: ByteText, flags: ArrayFlags): Promise<number> {
  const path = absolutePath(file);
  return withArrayFile(path, context.signal, opened =>
    opened.kind === 'npz'
      ? Promise.resolve(showMembers(context, path, opened))
      : showElements(context, opened.array, flags),
  );
}

function showMembers(
  { printer, format }: VerbContext,
  path: ByteText,
  { members }: Extract<ArrayFile, { kind: 'npz' }>,
): number {
  const list = members.map(({ name, sizeBytes, storedBytes, isCompressed }) => ({
    name,
    sizeBytes,
    storedBytes,
    isCompressed,
  }));
  if (format === 'json') {
    printer.json({ schema: 'binary-detective/numeric-members@1', path, members: list });
    return exitCodes.clean;
  }
  printer.line(`${displayText(path)}: ${list.length} ${list.length === 1 ? 'array' : 'arrays'}`);
  for (const { name, sizeBytes, storedBytes, isCompressed } of list)
    printer.line(`  ${displayText(name)}  ${sizeBytes} bytes${isCompressed ? `, compressed to ${storedBytes}` : ''}`);
  return exitCodes.clean;
}

async function showElements({ printer, format }: VerbContext, array: NumericArray, flags: ArrayFlags): Promise<number> {
  const view = flags.slice === undefined ? array.view : sliceView(array.view, flags.slice);
  const facts = arrayFacts(array);
  const cells = await readCells(array, view, 0, flags.limit);
  if (format === 'json') {
    printer.json({ schema: 'binary-detective/numeric-array@1', ...facts, view: view.shape, values: cells });
    return exitCodeOf(facts.findings);
  }
  for (const line of factLines(facts)) printer.line(line);
  printFindings(printer, facts.findings);
  printer.line();
  for (const line of rowLines(view, cells)) printer.line(line);
  const left = sizeOf(view) - cells.length;
  if (left > 0) printer.line(`… and ${left} more (--limit, --slice)`);
  return exitCodeOf(facts.findings);
}

function factLines(facts: ArrayFacts): readonly string[] {
  const { path, member, dtype, shape, order, byteOrder, elements, itemBytes, version, dataOffset, notes, evidence } =
    facts;
  return [
    displayText(arrayPlace(path, member)),
    ...definitionLines([
      ['type', `${displayText(dtype)}${byteOrder === 'none' ? '' : `, ${byteOrder}-endian`}`],
      ['shape', `${shapeText(shape)}, ${order} order`],
      ['elements', `${elements}, of ${itemBytes} bytes each, from offset ${dataOffset} on`],
      ['format', `npy ${version}`],
    ]),
    ...notes.map(note => `  ${note}`),
    ...(evidence.command === undefined ? [] : [`  See: ${evidence.command}`]),
  ];
}

/** One line for each row of the last axis. */
function rowLines({ shape }: View, cells: readonly (string | null)[]): readonly string[] {
  const width = shape.at(-1) ?? 1;
  const texts = cells.map(cell => (cell === null ? '(missing)' : displayText(cell)));
  const cellWidth = Math.max(0, ...texts.map(text => text.length));
  const lines: string[] = [];
  for (let start = 0; start < texts.length; start += width) {
    const index = indexText(shape, start);
    lines.push(
      `${index}  ${texts
        .slice(start, start + width)
        .map(text => text.padStart(cellWidth))
        .join(' ')}`,
    );
  }
  return lines;
}

function indexText(shape: readonly number[], flat: number): string {
  return shape.length === 0 ? '' : `[${[...indexOf(shape, flat).slice(0, -1), ':'].join(', ')}]`;
}
