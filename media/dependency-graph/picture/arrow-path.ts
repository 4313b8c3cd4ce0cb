import { boxWidth } from './box-size.ts';
import type { Arrow, DrawnGraph } from './drawn-graph.ts';
import type { Layout, Point } from './layout-messages.ts';

/** The path of each arrow: laid out ones follow their points, others go from side to side. */
export function arrowPaths(graph: DrawnGraph, layout: Layout): (arrow: Arrow) => string {
  const laid = new Map(
    graph.arrows.filter(({ isImplied }) => !isImplied).map((arrow, at) => [arrow, layout.arrows[at]]),
  );
  return arrow => {
    const points = laid.get(arrow) ?? [];
    if (points.length > 1) return arrowPath(points);
    const [from, to] = [layout.boxes[arrow.from], layout.boxes[arrow.to]];
    const [fromBox, toBox] = [graph.boxes[arrow.from], graph.boxes[arrow.to]];
    if (from === undefined || to === undefined || fromBox === undefined || toBox === undefined) return '';
    const side = to.x >= from.x ? 1 : -1;
    return arrowPath([
      { x: from.x + (side * boxWidth(fromBox)) / 2, y: from.y },
      { x: to.x - (side * boxWidth(toBox)) / 2, y: to.y },
    ]);
  };
}

/** An SVG path through the points, round at each bend. Two points are joined by a curve that leaves and arrives level. */
function arrowPath(points: readonly Point[]): string {
  const [start, ...rest] = points;
  const end = rest.at(-1);
  if (start === undefined || end === undefined) return '';
  if (rest.length === 1) {
    const middle = (start.x + end.x) / 2;
    return `M${start.x} ${start.y}C${middle} ${start.y} ${middle} ${end.y} ${end.x} ${end.y}`;
  }
  const bends = rest.slice(0, -1).map((bend, at) => {
    const next = rest[at + 1] ?? end;
    const stop = at === rest.length - 2 ? end : { x: (bend.x + next.x) / 2, y: (bend.y + next.y) / 2 };
    return `Q${bend.x} ${bend.y} ${stop.x} ${stop.y}`;
  });
  return `M${start.x} ${start.y}${bends.join('')}`;
}

/** Halfway between the ends of a path that {@link arrowPaths} made. */
export function middleOf(path: string): Point {
  const numbers = (path.match(/-?\d+(?:\.\d+)?(?:e-?\d+)?/gu) ?? []).map(Number);
  const [x = 0, y = 0] = numbers;
  const [lastX = x, lastY = y] = numbers.slice(-2);
  return { x: (x + lastX) / 2, y: (y + lastY) / 2 };
}
