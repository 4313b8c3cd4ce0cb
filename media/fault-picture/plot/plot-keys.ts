import { type Lane, lowerBound, nearest } from '../points.ts';

/** What a key asks of the picture. */
export type PlotAction =
  | { readonly kind: 'choose'; readonly row: number }
  | { readonly kind: 'zoom'; readonly factor: number }
  | { readonly kind: 'pan'; readonly share: number }
  | { readonly kind: 'all' }
  | { readonly kind: 'open' };

export interface PlotKeyTarget {
  readonly lanes: readonly Lane[];
  /** All rows that are shown, in order. */
  readonly rows: Uint32Array;
  /** Place in the sweep's columns; -1: none. */
  readonly active: number;
  readonly xs: Float64Array;
}

type Key = Pick<KeyboardEvent, 'key' | 'shiftKey' | 'ctrlKey' | 'altKey' | 'metaKey'>;

const zoomStep = 1.5;
const panShare = 0.2;
/** By Page Up and Page Down. */
const pageRows = 20;

/** Undefined: it is not a key of the picture's. */
export function plotAction(
  { key, shiftKey, ctrlKey, altKey, metaKey }: Key,
  target: PlotKeyTarget,
): PlotAction | undefined {
  if (ctrlKey || altKey || metaKey) return undefined;
  const step = (by: number): PlotAction | undefined => choose(target.rows, lowerBound(target.rows, target.active) + by);
  switch (key) {
    case 'ArrowRight':
      return shiftKey ? { kind: 'pan', share: panShare } : step(target.active < 0 ? 0 : 1);
    case 'ArrowLeft':
      return shiftKey ? { kind: 'pan', share: -panShare } : step(-1);
    case 'PageDown':
      return step(pageRows);
    case 'PageUp':
      return step(-pageRows);
    case 'Home':
      return choose(target.rows, 0);
    case 'End':
      return choose(target.rows, target.rows.length - 1);
    case 'ArrowDown':
      return toLane(target, 1);
    case 'ArrowUp':
      return toLane(target, -1);
    case '+':
    case '=':
      return { kind: 'zoom', factor: 1 / zoomStep };
    case '-':
      return { kind: 'zoom', factor: zoomStep };
    case '0':
      return { kind: 'all' };
    case 'Enter':
      return { kind: 'open' };
    default:
      return undefined;
  }
}

function choose(rows: Uint32Array, at: number): PlotAction | undefined {
  const row = rows[Math.min(Math.max(at, 0), rows.length - 1)];
  return row === undefined ? undefined : { kind: 'choose', row };
}

/** The nearest run of the next outcome above or below. */
function toLane({ lanes, active, xs }: PlotKeyTarget, by: 1 | -1): PlotAction | undefined {
  const at = laneOf(lanes, active);
  const lane = lanes[at < 0 ? 0 : at + by];
  const row = lane?.rows[nearest(lane.xs, xs[active] ?? 0)];
  return row === undefined ? undefined : { kind: 'choose', row };
}

/** -1: in none. */
export function laneOf(lanes: readonly Lane[], row: number): number {
  return lanes.findIndex(({ rows }) => rows[lowerBound(rows, row)] === row);
}
