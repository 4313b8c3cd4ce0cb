import { drawingOf, type Lane } from '../points.ts';
import { type Camera, ticks } from './camera.ts';
import { type MarkStyle, markColor, markStyle } from './marks.ts';

export const laneHeight = 34;
export const axisHeight = 24;
/** Pixels within which several runs become one bar. */
const cellPx = 3;
const tickPx = 110;

export interface PlotView {
  readonly lanes: readonly Lane[];
  readonly camera: Camera;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Of the run that is chosen, where it stands; undefined: none. */
  readonly active: { readonly lane: number; readonly x: number } | undefined;
  readonly tickText: (value: number) => string;
}

/** Draws what is seen, and nothing else: the time it takes depends on the pixels, and a little on the runs in sight. */
export function drawPlot(canvas: HTMLCanvasElement, view: PlotView): void {
  const { widthPx, heightPx, lanes, camera, active } = view;
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [Math.round(widthPx * ratio), Math.round(heightPx * ratio)];
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d');
  if (context === null || widthPx <= 0) return;
  const theme = getComputedStyle(canvas);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, widthPx, heightPx);
  const scale = widthPx / (camera.to - camera.from);
  const foreground = theme.getPropertyValue('--vscode-foreground').trim() || theme.color;
  drawAxis(context, view, { scale, foreground, font: theme.fontFamily });
  for (const [index, lane] of lanes.entries()) {
    const style = markStyle(lane.verdict);
    const y = index * laneHeight;
    context.strokeStyle = foreground;
    context.globalAlpha = 0.2;
    context.lineWidth = 1;
    line(context, 0, y + laneHeight - 0.5, widthPx, y + laneHeight - 0.5);
    context.globalAlpha = 1;
    context.fillStyle = markColor(style, theme);
    context.strokeStyle = context.fillStyle;
    drawLane(context, lane, style, { from: camera.from, scale, widthPx, y });
  }
  if (active === undefined) return;
  const x = (active.x - camera.from) * scale;
  const y = active.lane * laneHeight + laneHeight / 2;
  context.strokeStyle = theme.getPropertyValue('--vscode-focusBorder').trim() || foreground;
  context.lineWidth = 1;
  line(context, x, 0, x, heightPx - axisHeight);
  context.lineWidth = 2;
  context.beginPath();
  context.arc(x, y, 10, 0, 2 * Math.PI);
  context.stroke();
}

function drawLane(
  context: CanvasRenderingContext2D,
  lane: Lane,
  style: MarkStyle,
  { from, scale, widthPx, y }: { from: number; scale: number; widthPx: number; y: number },
): void {
  const drawing = drawingOf(lane, { from, scale, widthPx, cellPx });
  if (drawing.kind === 'density') {
    const room = laneHeight - 6;
    for (const [cell, count] of drawing.counts.entries()) {
      if (count === 0) continue;
      // One among a thousand must be seen as well.
      const height = Math.max((room * Math.log1p(count)) / Math.log1p(drawing.most), 6);
      context.fillRect(cell * cellPx, y + laneHeight - 2 - height, cellPx, height);
    }
    return;
  }
  const path = new Path2D(style.path);
  context.lineWidth = 2;
  for (let at = drawing.first; at < drawing.last; at += 1) {
    context.save();
    context.translate(((lane.xs[at] ?? 0) - from) * scale, y + laneHeight / 2);
    if (style.filled) context.fill(path);
    else context.stroke(path);
    context.restore();
  }
}

function drawAxis(
  context: CanvasRenderingContext2D,
  { camera, widthPx, heightPx, tickText }: PlotView,
  { scale, foreground, font }: { scale: number; foreground: string; font: string },
): void {
  context.fillStyle = foreground;
  context.strokeStyle = foreground;
  context.font = `11px ${font}`;
  context.textBaseline = 'bottom';
  context.textAlign = 'center';
  context.lineWidth = 1;
  for (const tick of ticks(camera, widthPx / tickPx)) {
    const x = (tick - camera.from) * scale;
    context.globalAlpha = 0.15;
    line(context, x, 0, x, heightPx - axisHeight);
    context.globalAlpha = 1;
    line(context, x, heightPx - axisHeight, x, heightPx - axisHeight + 4);
    context.fillText(tickText(tick), Math.min(Math.max(x, 20), widthPx - 20), heightPx - 2);
  }
}

function line(context: CanvasRenderingContext2D, x: number, y: number, toX: number, toY: number): void {
  context.beginPath();
  context.moveTo(Math.round(x) + 0.5, y);
  context.lineTo(Math.round(toX) + 0.5, toY);
  context.stroke();
}
