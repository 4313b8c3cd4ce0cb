import { Graph, layout } from '@dagrejs/dagre';
import type { Layout, LayoutRequest, Point } from './layout-messages.ts';

/** More arrows than this are laid out in a second no more: then the boxes stand where the first arrow to each puts them. */
const carefulArrows = 600;

/**
 * Layers from left to right, as a tree is read: what needs on the left, what is needed on the right. Arrows without points are
 * to be drawn from box to box.
 */
export function layOut({ boxes, arrows }: LayoutRequest): Layout {
  const isLarge = arrows.length > carefulArrows;
  const graph = new Graph();
  graph.setGraph({
    rankdir: 'LR',
    nodesep: 10,
    ranksep: 56,
    edgesep: 4,
    marginx: 16,
    marginy: 16,
    ranker: isLarge ? 'longest-path' : 'tight-tree',
  });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const [place, { width, height }] of boxes.entries()) graph.setNode(String(place), { width, height });
  const laid = isLarge ? firstArrows(arrows) : new Set(arrows);
  for (const { from, to } of laid) graph.setEdge(String(from), String(to));
  layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  return {
    width,
    height,
    boxes: boxes.map((_, place) => pointOf(graph.node(String(place)))),
    arrows: arrows.map(arrow => {
      if (!laid.has(arrow)) return [];
      return (graph.edge(String(arrow.from), String(arrow.to)).points ?? []).map(pointOf);
    }),
  };
}

/** One to each box, so that they are a tree: the one for which the loader loads it, since they are in its order. */
function firstArrows(arrows: LayoutRequest['arrows']): ReadonlySet<LayoutRequest['arrows'][number]> {
  const met = new Set([0]);
  return new Set(
    arrows.filter(({ to }) => {
      if (met.has(to)) return false;
      met.add(to);
      return true;
    }),
  );
}

function pointOf({ x, y }: { readonly x?: number; readonly y?: number }): Point {
  return { x: x ?? 0, y: y ?? 0 };
}
