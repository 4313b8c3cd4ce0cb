export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Divides a rectangle among values, largest first, so that the parts are as near to squares as can be
 * (Bruls, Huizing, van Wijk: "Squarified Treemaps", 2000). One rectangle for each value, in their order.
 *
 * @param values Positive, descending.
 */
export function squarify(values: readonly number[], whole: Rectangle): readonly Rectangle[] {
  const total = values.reduce((sum, value) => sum + value, 0);
  if (total <= 0 || whole.width <= 0 || whole.height <= 0) return values.map(() => ({ ...whole, width: 0, height: 0 }));
  const scale = (whole.width * whole.height) / total;
  const areas = values.map(value => value * scale);
  const placed: Rectangle[] = [];
  let left = whole;
  for (let start = 0; start < areas.length; ) {
    const side = Math.min(left.width, left.height);
    let end = start + 1;
    while (end < areas.length && worst(areas, start, end + 1, side) <= worst(areas, start, end, side)) end += 1;
    const strip = areas.slice(start, end);
    placed.push(...layStrip(strip, left));
    left = behindStrip(strip, left);
    start = end;
  }
  return placed;
}

/** Ratio of the sides of the most stretched part, if the areas from `start` to `end` lie along the side. */
function worst(areas: readonly number[], start: number, end: number, side: number): number {
  let sum = 0;
  for (let at = start; at < end; at += 1) sum += areas[at] ?? 0;
  const largest = areas[start] ?? 0;
  const smallest = areas[end - 1] ?? 0;
  if (sum === 0 || smallest === 0) return Number.POSITIVE_INFINITY;
  return Math.max((side * side * largest) / (sum * sum), (sum * sum) / (side * side * smallest));
}

/** Along the shorter side. */
function layStrip(strip: readonly number[], { x, y, width, height }: Rectangle): readonly Rectangle[] {
  const sum = strip.reduce((total, area) => total + area, 0);
  const isUpright = width >= height;
  const thickness = sum / (isUpright ? height : width);
  let at = isUpright ? y : x;
  return strip.map(area => {
    const length = thickness === 0 ? 0 : area / thickness;
    const part = isUpright
      ? { x, y: at, width: thickness, height: length }
      : { x: at, y, width: length, height: thickness };
    at += length;
    return part;
  });
}

function behindStrip(strip: readonly number[], { x, y, width, height }: Rectangle): Rectangle {
  const sum = strip.reduce((total, area) => total + area, 0);
  if (width >= height) {
    const thickness = sum / height;
    return { x: x + thickness, y, width: Math.max(width - thickness, 0), height };
  }
  const thickness = sum / width;
  return { x, y: y + thickness, width, height: Math.max(height - thickness, 0) };
}

/** The part to which an arrow key leads from another: the nearest one in that direction; -1: none. */
export function neighbour(key: string, from: number, parts: readonly Rectangle[]): number {
  const start = parts[from];
  if (start === undefined) return parts.length > 0 ? 0 : -1;
  let best = -1;
  let bestDistance = Number.POSITIVE_INFINITY;
  parts.forEach((part, at) => {
    if (at === from || part.width * part.height === 0) return;
    const distance = distanceTowards(key, start, part);
    if (distance < bestDistance) {
      best = at;
      bestDistance = distance;
    }
  });
  return best;
}

/** Infinite for what does not lie in the direction. What is beside the way counts double. */
function distanceTowards(key: string, from: Rectangle, to: Rectangle): number {
  const dx = to.x + to.width / 2 - (from.x + from.width / 2);
  const dy = to.y + to.height / 2 - (from.y + from.height / 2);
  const tolerance = 0.5;
  switch (key) {
    case 'ArrowRight':
      return to.x >= from.x + from.width - tolerance ? dx + 2 * Math.abs(dy) : Number.POSITIVE_INFINITY;
    case 'ArrowLeft':
      return to.x + to.width <= from.x + tolerance ? -dx + 2 * Math.abs(dy) : Number.POSITIVE_INFINITY;
    case 'ArrowDown':
      return to.y >= from.y + from.height - tolerance ? dy + 2 * Math.abs(dx) : Number.POSITIVE_INFINITY;
    case 'ArrowUp':
      return to.y + to.height <= from.y + tolerance ? -dy + 2 * Math.abs(dx) : Number.POSITIVE_INFINITY;
    default:
      return Number.POSITIVE_INFINITY;
  }
}
