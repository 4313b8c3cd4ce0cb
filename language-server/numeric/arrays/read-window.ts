import type { ByteText } from '../../protocol/elf.ts';
import { UserError } from '../../protocol/errors.ts';
import type { ArrayWindow } from '../../protocol/numeric.ts';
import { readCells, withArray } from './open-array.ts';
import { sliceView, type View } from './view.ts';

export interface WindowQuestion {
  readonly path: ByteText;
  readonly slice?: string;
  readonly firstRow: number;
  readonly rows: number;
  readonly firstColumn: number;
  readonly columns: number;
}

/** More elements are on no screen, and would make one answer as large as a file. */
const mostElements = 20_000;

/** Throws UserError notFound, unreadable, notRegularFile, notSupported, invalidParams. */
export function readWindow(question: WindowQuestion, signal: AbortSignal): Promise<ArrayWindow> {
  const { firstRow, rows, firstColumn, columns } = question;
  if (rows * columns > mostElements)
    throw new UserError(
      'invalidParams',
      `A window of ${rows} × ${columns} elements is too large: ${mostElements} at most.`,
    );
  return withArray(question.path, signal, async array => {
    const view = question.slice === undefined ? array.view : sliceView(array.view, question.slice);
    const [height, width] = rowsAndColumns(view);
    const [lastRow, lastColumn] = [Math.min(height, firstRow + rows), Math.min(width, firstColumn + columns)];
    const cells: (readonly (string | null)[])[] = [];
    for (let row = firstRow; row < lastRow; row += 1) {
      signal.throwIfAborted();
      cells.push(await readCells(array, view, row * width + firstColumn, Math.max(0, lastColumn - firstColumn)));
    }
    return { shape: view.shape, cells };
  });
}

function rowsAndColumns({ shape }: View): readonly [height: number, width: number] {
  if (shape.length > 2)
    throw new UserError(
      'invalidParams',
      `The part has ${shape.length} axes, and a table two: give a number for ${shape.length - 2} of them.`,
    );
  return [shape[0] ?? 1, shape.length === 2 ? (shape[1] ?? 1) : 1];
}
