import type { Point } from './layout-messages.ts';

const directions: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** What lies aside counts this much more than what lies ahead. */
const asideWeight = 3;

/**
 * The box that an arrow key leads to: the nearest in that direction. Home and End lead to the first and the last in load order.
 *
 * @returns its place; undefined: the key leads nowhere.
 */
export function nextBox(key: string, from: number, middles: readonly Point[]): number | undefined {
  if (key === 'Home') return 0;
  if (key === 'End') return middles.length - 1;
  const [x, y] = directions[key] ?? [0, 0];
  const start = middles[from];
  if ((x === 0 && y === 0) || start === undefined) return undefined;
  let best: number | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const [place, middle] of middles.entries()) {
    const ahead = (middle.x - start.x) * x + (middle.y - start.y) * y;
    if (place === from || ahead < 1) continue;
    const aside = Math.abs((middle.x - start.x) * y) + Math.abs((middle.y - start.y) * x);
    const distance = ahead + asideWeight * aside;
    if (distance < least) {
      least = distance;
      best = place;
    }
  }
  return best;
}
