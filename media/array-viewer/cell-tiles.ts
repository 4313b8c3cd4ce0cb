/** Elements by row and column, loaded by tiles as they come into sight. */
export interface CellTiles {
  /** Undefined: not here yet. Null: the file ends before it. */
  at(row: number, column: number): string | null | undefined;
  /** Asks for what is missing of a window; what was asked for before and is not in it is given up. */
  show(firstRow: number, rows: number, firstColumn: number, columns: number): void;
  close(): void;
}

export type LoadTile = (
  tile: { readonly firstRow: number; readonly rows: number; readonly firstColumn: number; readonly columns: number },
  signal: AbortSignal,
) => Promise<readonly (readonly (string | null)[])[]>;

const tileRows = 64;
const tileColumns = 16;
/** Some megabytes of text at most. */
const mostTiles = 256;

interface Tile {
  readonly asked: AbortController;
  cells: readonly (readonly (string | null)[])[] | undefined;
}

/** @param onLoaded A tile has come. @param onFailed One could not be read: the sentence. */
export function createCellTiles(load: LoadTile, onLoaded: () => void, onFailed: (message: string) => void): CellTiles {
  const tiles = new Map<string, Tile>();
  const keyOf = (tileRow: number, tileColumn: number): string => `${tileRow} ${tileColumn}`;
  const ask = async (tileRow: number, tileColumn: number): Promise<void> => {
    const tile: Tile = { asked: new AbortController(), cells: undefined };
    const key = keyOf(tileRow, tileColumn);
    tiles.set(key, tile);
    try {
      tile.cells = await load(
        {
          firstRow: tileRow * tileRows,
          rows: tileRows,
          firstColumn: tileColumn * tileColumns,
          columns: tileColumns,
        },
        tile.asked.signal,
      );
      onLoaded();
    } catch (error) {
      if (tiles.get(key) === tile) tiles.delete(key);
      if (!tile.asked.signal.aborted) onFailed(error instanceof Error ? error.message : String(error));
    }
  };
  const forget = (wanted: ReadonlySet<string>): void => {
    for (const [key, { asked, cells }] of tiles) {
      if (wanted.has(key) || (cells !== undefined && tiles.size <= mostTiles)) continue;
      asked.abort();
      tiles.delete(key);
    }
  };
  return {
    at(row, column) {
      const tile = tiles.get(keyOf(Math.floor(row / tileRows), Math.floor(column / tileColumns)));
      return tile?.cells?.[row % tileRows]?.[column % tileColumns];
    },
    show(firstRow, rows, firstColumn, columns) {
      const wanted = new Set<string>();
      const missing: (readonly [tileRow: number, tileColumn: number])[] = [];
      for (let tileRow = Math.floor(firstRow / tileRows); tileRow * tileRows < firstRow + rows; tileRow += 1) {
        for (
          let tileColumn = Math.floor(firstColumn / tileColumns);
          tileColumn * tileColumns < firstColumn + columns;
          tileColumn += 1
        ) {
          wanted.add(keyOf(tileRow, tileColumn));
          if (!tiles.has(keyOf(tileRow, tileColumn))) missing.push([tileRow, tileColumn]);
        }
      }
      forget(wanted);
      for (const [tileRow, tileColumn] of missing) void ask(tileRow, tileColumn);
    },
    close() {
      for (const { asked } of tiles.values()) asked.abort();
      tiles.clear();
    },
  };
}
