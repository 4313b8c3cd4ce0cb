import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { waysTo } from '../../../language-server/protocol/tree-paths.ts';
import { createPageModel, type PageModel } from '../../../media/dependency-graph/page-model.ts';
import { fitted, showing, zoomed } from '../../../media/dependency-graph/picture/camera.ts';
import { chooseFold, type DrawingOptions, drawnGraph } from '../../../media/dependency-graph/picture/drawn-graph.ts';
import { impliedArrows } from '../../../media/dependency-graph/picture/implied-arrows.ts';
import { layOut } from '../../../media/dependency-graph/picture/lay-out.ts';
import type { LayoutRequest } from '../../../media/dependency-graph/picture/layout-messages.ts';
import { nextBox } from '../../../media/dependency-graph/picture/next-box.ts';
import { chainOf, treeOf } from '../../support/dependency-trees.ts';

interface Ends {
  readonly from: number;
  readonly to: number;
}

const modelOf = (...args: Parameters<typeof treeOf>): PageModel =>
  createPageModel({ tree: treeOf(...args), reasons: {}, softReasons: {}, cutNeeds: 0 });
const plain: DrawingOptions = {
  ...{ fold: 'none', unfolded: new Set(), onlyProblems: false, hideSystem: false, soft: true },
  ...{ ways: null, packages: {} },
};

/** The same numbers each time (Lehmer, with the factor of Park and Miller). */
function randomNumbers(start: number): (below: number) => number {
  let seed = start;
  return below => {
    seed = (seed * 48_271) % 0x7fff_ffff;
    return seed % below;
  };
}

function randomArrows(count: number, each: number, seed: number): readonly Ends[] {
  const random = randomNumbers(seed);
  const known = new Set<string>();
  const arrows: Ends[] = [];
  for (let from = 0; from < count - 1; from += 1) {
    for (let at = 0; at < each; at += 1) {
      const to = from + 1 + random(count - from - 1);
      if (known.has(`${from} ${to}`)) continue;
      known.add(`${from} ${to}`);
      arrows.push({ from, to });
    }
  }
  return arrows;
}

const keyOf = ({ from, to }: Ends): string => `${from} ${to}`;

/** Graphviz's own transitive reduction. */
function reducedByGraphviz(arrows: readonly Ends[]): ReadonlySet<string> {
  const dot = `digraph { ${arrows.map(({ from, to }) => `n${from} -> n${to}`).join('; ')} }`;
  const text = execFileSync('tred', { input: dot, encoding: 'utf8' });
  return new Set([...text.matchAll(/n(\d+) -> n(\d+)/gu)].map(([, from, to]) => `${from} ${to}`));
}

describe('arrows that follow from others', () => {
  test.each([1, 2, 3])('are those that tred of Graphviz leaves out (%i)', seed => {
    const arrows = randomArrows(60, 5, seed);
    const implied = impliedArrows(60, arrows);
    const kept = arrows.filter((_, at) => !implied.has(at)).map(keyOf);
    expect(new Set(kept)).toEqual(reducedByGraphviz(arrows));
    expect(implied.size).toBeGreaterThan(20);
  });

  test('leave everything reachable where there are cycles', () => {
    const random = randomNumbers(7);
    const arrows = Array.from({ length: 120 }, () => ({ from: random(30), to: random(30) }));
    const implied = impliedArrows(30, arrows);
    const reach = (kept: readonly Ends[]): readonly string[] =>
      Array.from({ length: 30 }, (_, start) => {
        const seen = new Set([start]);
        for (const box of seen) for (const { from, to } of kept) if (from === box) seen.add(to);
        return [...seen].sort((a, b) => a - b).join(' ');
      });
    expect(reach(arrows.filter((_, at) => !implied.has(at)))).toEqual(reach(arrows));
    expect(implied.size).toBeGreaterThan(10);
  });

  test('are found in a chain of thousands', () => {
    const chain = Array.from({ length: 4999 }, (_, from) => ({ from, to: from + 1 }));
    expect(impliedArrows(5000, [...chain, { from: 0, to: 4999 }])).toEqual(new Set([4999]));
  });
});

describe('what is drawn', () => {
  const table = {
    '/app': ['/opt/x/a.so', '/opt/x/b.so', '!gone.so'],
    '/opt/x/a.so': ['/lib/c.so', '!gone.so'],
    '/opt/x/b.so': ['/lib/c.so'],
    '/lib/c.so': [],
  };

  test('is a box for each object and each name that is missing, and one arrow between two boxes', () => {
    const { boxes, arrows } = drawnGraph(modelOf(table), plain);
    expect(boxes.map(({ label }) => label)).toEqual(['app', 'a.so', 'b.so', 'c.so', 'gone.so']);
    expect(arrows).toHaveLength(6);
    expect(arrows.filter(({ isMissing }) => isMissing)).toHaveLength(2);
  });

  test('leaves out no arrow of the ways to a library', () => {
    const model = modelOf({ '/app': ['/a.so', '/b.so'], '/a.so': ['/b.so'], '/b.so': [] });
    const implied = (options: DrawingOptions): readonly boolean[] =>
      drawnGraph(model, options).arrows.map(({ isImplied }) => isImplied);
    expect(implied(plain)).toEqual([false, true, false]);
    expect(implied({ ...plain, ways: waysTo(model.tree, { object: '/b.so' }) })).toEqual([false, false, false]);
  });

  test('is folded by folder and by package, and unfolded one by one', () => {
    const folded = drawnGraph(modelOf(table), { ...plain, fold: 'folder' });
    expect(folded.boxes.map(({ label, nodes }) => `${label} ${nodes.length}`)).toContain('/opt/x 2');
    // A folder with one library in it is that library.
    expect(folded.boxes.map(({ label }) => label)).toContain('c.so');
    const [group = ''] = folded.boxes.flatMap(({ key, state }) => (state === 'group' ? [key] : []));
    const open = drawnGraph(modelOf(table), { ...plain, fold: 'folder', unfolded: new Set([group]) });
    expect(open.boxes).toHaveLength(5);
    const packages = { '/opt/x/b.so': 'p', '/lib/c.so': 'p' };
    const { boxes, arrows } = drawnGraph(modelOf(table), { ...plain, fold: 'package', packages });
    expect(boxes.map(({ label }) => label)).toEqual(['app', 'a.so', 'p', 'gone.so']);
    // app → p, app → a, a → p, app → gone, a → gone; b → c is inside.
    expect(arrows).toHaveLength(5);
  });

  test('is folded by itself as little as is enough', () => {
    const model = modelOf(
      Object.fromEntries([
        ['/app', ['/a/0', '/a/1', '/b/0', '/b/1']],
        ...['/a/0', '/a/1', '/b/0', '/b/1'].map(path => [path, []]),
      ]),
    );
    const packages = { '/a/0': 'a0', '/a/1': 'a1', '/b/0': 'b', '/b/1': 'b' };
    expect(chooseFold(model, packages, 5)).toBe('none');
    expect(chooseFold(model, packages, 4)).toBe('package');
    expect(chooseFold(model, packages, 3)).toBe('folder');
    expect(chooseFold(model, packages, 1)).toBe('folder');
  });
});

describe('a layout', () => {
  const requestOf = (count: number, arrows: readonly Ends[]): LayoutRequest => ({
    boxes: Array.from({ length: count }, (_, at) => ({ width: 60 + (at % 7) * 20, height: 26 })),
    arrows,
  });
  const overlaps = (
    { boxes }: LayoutRequest,
    middles: readonly { readonly x: number; readonly y: number }[],
  ): number => {
    let found = 0;
    for (const [at, a] of middles.entries()) {
      for (const [other, b] of middles.entries()) {
        if (other <= at) continue;
        const width = ((boxes[at]?.width ?? 0) + (boxes[other]?.width ?? 0)) / 2;
        if (Math.abs(a.x - b.x) < width && Math.abs(a.y - b.y) < 26) found += 1;
      }
    }
    return found;
  };

  test('puts no box upon another, and what is needed to the right', () => {
    const arrows = randomArrows(40, 2, 5);
    const request = requestOf(40, arrows);
    const { boxes, arrows: paths } = layOut(request);
    expect(overlaps(request, boxes)).toBe(0);
    for (const { from, to } of arrows) expect(boxes[to]?.x ?? 0).toBeGreaterThan(boxes[from]?.x ?? 0);
    expect(paths.every(points => points.length > 1)).toBe(true);
  });

  test('of very many boxes follows the first arrow to each, and leaves the others to be drawn straight', () => {
    const arrows = randomArrows(500, 3, 5);
    const request = requestOf(500, arrows);
    const { boxes, arrows: paths } = layOut(request);
    expect(overlaps(request, boxes)).toBe(0);
    expect(new Set(boxes.map(({ x, y }) => `${x} ${y}`)).size).toBe(500);
    expect(paths.filter(points => points.length > 1).length).toBeLessThan(500);
  });

  test('bears a chain of a thousand that ends where it began', () => {
    const model = createPageModel({ tree: chainOf(1000), reasons: {}, softReasons: {}, cutNeeds: 0 });
    const { boxes, arrows } = drawnGraph(model, plain);
    const { boxes: middles } = layOut(
      requestOf(
        boxes.length,
        arrows.filter(({ isImplied }) => !isImplied),
      ),
    );
    expect(middles).toHaveLength(1001);
    expect(middles[1000]?.x).toBeGreaterThan(middles[0]?.x ?? 0);
  });
});

describe('looking at a picture', () => {
  const window = { width: 800, height: 600 };

  test('shows all of it, in the middle', () => {
    const camera = fitted({ width: 8000, height: 600 }, window);
    expect(camera.scale).toBeCloseTo(0.1);
    expect(camera.x).toBeCloseTo(0);
    expect(camera.y + window.height / camera.scale / 2).toBeCloseTo(300);
  });

  test('zooms about the place under the pointer', () => {
    const before = { x: 10, y: 20, scale: 0.5 };
    const at = { x: 200, y: 100 };
    const after = zoomed(before, 2, at);
    expect(after.x + at.x / after.scale).toBeCloseTo(before.x + at.x / before.scale);
    expect(after.y + at.y / after.scale).toBeCloseTo(before.y + at.y / before.scale);
  });

  test('moves no further than a box needs to be seen', () => {
    const camera = { x: 0, y: 0, scale: 1 };
    expect(showing(camera, { x: 400, y: 300, width: 100, height: 26 }, window)).toEqual(camera);
    const moved = showing(camera, { x: 900, y: 300, width: 100, height: 26 }, window);
    expect([moved.x, moved.y]).toEqual([900 + 50 + 24 - 800, 0]);
  });

  test('walks to the nearest box in the direction of the key', () => {
    const middles = [
      { x: 0, y: 0 },
      { x: 100, y: 5 },
      { x: 80, y: 90 },
      { x: 0, y: 60 },
    ];
    expect(nextBox('ArrowRight', 0, middles)).toBe(1);
    expect(nextBox('ArrowDown', 0, middles)).toBe(3);
    expect(nextBox('ArrowLeft', 2, middles)).toBe(3);
    expect(nextBox('ArrowUp', 0, middles)).toBeUndefined();
    expect([nextBox('Home', 2, middles), nextBox('End', 0, middles)]).toEqual([0, 3]);
  });
});
