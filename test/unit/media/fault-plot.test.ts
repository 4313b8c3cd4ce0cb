import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SweepPicture } from '../../../language-server/protocol/fault-picture.ts';
import {
  type Camera,
  panned,
  revealing,
  ticks,
  wholeCamera,
  zoomed,
} from '../../../media/fault-picture/plot/camera.ts';
import { laneOf, plotAction } from '../../../media/fault-picture/plot/plot-keys.ts';
import { drawingOf, lanesOf, lowerBound, nearest, positions } from '../../../media/fault-picture/points.ts';

const crash = 9;
const cleanError = 2;

function sweep(verdict: readonly number[], timeUs: readonly number[] | null = null): SweepPicture {
  return { n: verdict.map((_, n) => n), verdict, timeUs } as unknown as SweepPicture;
}

describe('the camera', () => {
  const whole = wholeCamera(0, 1000);
  const anywhere = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    factor: fc.double({ min: 0.01, max: 100, noNaN: true }),
  });

  test('never shows less than the least nor more than all, and keeps what it is about', () => {
    fc.assert(
      fc.property(fc.array(anywhere, { maxLength: 20 }), steps => {
        let camera: Camera = whole;
        for (const { at, factor } of steps) {
          const point = camera.from + at * (camera.to - camera.from);
          camera = zoomed(camera, whole, factor, point, 4);
          expect(camera.from).toBeGreaterThanOrEqual(whole.from - 1e-6);
          expect(camera.to).toBeLessThanOrEqual(whole.to + 1e-6);
          expect(camera.to - camera.from).toBeGreaterThanOrEqual(4 - 1e-6);
          expect(point).toBeGreaterThanOrEqual(camera.from - 1e-6);
          expect(point).toBeLessThanOrEqual(camera.to + 1e-6);
        }
      }),
    );
  });

  test('stops at the ends, and moves no more than it has to', () => {
    expect(panned({ from: 0, to: 10 }, whole, -500)).toEqual({ from: whole.from, to: whole.from + 10 });
    expect(panned({ from: 0, to: 10 }, whole, 5000).to).toBeCloseTo(whole.to);
    expect(revealing({ from: 100, to: 200 }, whole, 150)).toEqual({ from: 100, to: 200 });
    const right = revealing({ from: 100, to: 200 }, whole, 400);
    expect(right.to).toBeCloseTo(405);
    expect(right.to - right.from).toBeCloseTo(100);
  });

  test('has round numbers on its axis, and no halves of allocations', () => {
    expect(ticks({ from: -20, to: 1020 }, 5)).toEqual([0, 500, 1000]);
    expect(ticks({ from: 3.2, to: 7.9 }, 20)).toEqual([4, 5, 6, 7]);
  });
});

describe('the lanes', () => {
  test('stand by harm, and leave out what no run has', () => {
    const picture = sweep([cleanError, crash, cleanError, crash]);
    const lanes = lanesOf(picture, positions(picture, 'number'), false);
    expect(lanes.map(({ verdict, rows }) => [verdict, [...rows]])).toEqual([
      [crash, [1, 3]],
      [cleanError, [0, 2]],
    ]);
    expect(lanesOf(picture, positions(picture, 'number'), true).map(({ verdict }) => verdict)).toEqual([crash]);
    expect(laneOf(lanes, 2)).toBe(1);
    expect(laneOf(lanes, 7)).toBe(-1);
  });

  test('stand along the time where that is known', () => {
    const picture = sweep([crash, crash], [0, 1500]);
    expect([...positions(picture, 'time')]).toEqual([0, 1500]);
    expect([...positions(sweep([crash, crash]), 'time')]).toEqual([0, 1]);
    // Two threads, of which one took its number first and the time last.
    expect([...positions(sweep([crash, crash, crash], [0, 20, 19]), 'time')]).toEqual([0, 20, 20]);
  });

  test('nothing is lost between points and bars, wherever one looks', () => {
    const from = fc.integer({ min: -50, max: 5000 });
    const span = fc.integer({ min: 5, max: 5000 });
    const picture = sweep(Array.from({ length: 5000 }, () => crash));
    const [lane] = lanesOf(picture, positions(picture, 'number'), false);
    if (lane === undefined) throw new Error('There is no lane.');
    fc.assert(
      fc.property(from, span, (start, width) => {
        const drawing = drawingOf(lane, { from: start, scale: 600 / width, widthPx: 600, cellPx: 3 });
        const seen = [...lane.xs].filter(x => x >= start && x <= start + width);
        if (drawing.kind === 'points') {
          expect(drawing.last - drawing.first).toBe(seen.length);
          expect(seen.length).toBeLessThanOrEqual(100);
        } else expect(drawing.counts.reduce((sum, count) => sum + count, 0)).toBe(seen.length);
      }),
    );
  });

  test('are searched by halves', () => {
    const values = Float64Array.from([1, 3, 3, 8]);
    expect([0, 1, 2, 3, 8, 9].map(value => lowerBound(values, value))).toEqual([0, 0, 1, 1, 3, 4]);
    expect([-5, 2.1, 5, 100].map(value => nearest(values, value))).toEqual([0, 1, 2, 3]);
    expect(nearest(new Float64Array(), 1)).toBe(-1);
  });
});

describe('keys', () => {
  const picture = sweep([cleanError, crash, cleanError, cleanError, crash]);
  const xs = positions(picture, 'number');
  const lanes = lanesOf(picture, xs, false);
  const rows = Uint32Array.from([0, 1, 2, 3, 4]);
  const press = (key: string, active: number, shiftKey = false): unknown =>
    plotAction({ key, shiftKey, ctrlKey: false, altKey: false, metaKey: false }, { lanes, rows, active, xs });

  test.each([
    ['ArrowRight', -1, { kind: 'choose', row: 0 }],
    ['ArrowRight', 1, { kind: 'choose', row: 2 }],
    ['ArrowRight', 4, { kind: 'choose', row: 4 }],
    ['ArrowLeft', 0, { kind: 'choose', row: 0 }],
    ['Home', 3, { kind: 'choose', row: 0 }],
    ['End', 0, { kind: 'choose', row: 4 }],
    ['PageDown', 0, { kind: 'choose', row: 4 }],
    ['ArrowUp', 3, { kind: 'choose', row: 4 }],
    ['ArrowDown', 1, { kind: 'choose', row: 0 }],
    ['ArrowUp', 1, undefined],
    ['Enter', 1, { kind: 'open' }],
    ['0', 1, { kind: 'all' }],
    ['x', 1, undefined],
  ])('%s on %i', (key, active, action) => {
    expect(press(key, active)).toEqual(action);
  });

  test('with Control are the window’s', () => {
    const key = { key: '+', shiftKey: false, ctrlKey: true, altKey: false, metaKey: false };
    expect(plotAction(key, { lanes, rows, active: 0, xs })).toBe(undefined);
  });
});
