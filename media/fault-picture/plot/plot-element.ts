import { html, LitElement, type PropertyValues, svg, type TemplateResult } from 'lit';
import { verdictOrder } from '../../../language-server/protocol/fault-picture.ts';
import { numberText } from '../../page-texts.ts';
import { type Axis, type Lane, nearest } from '../points.ts';
import { text, verdictText } from '../texts.ts';
import { type Camera, panned, revealing, wholeCamera, zoomed } from './camera.ts';
import { axisHeight, drawPlot, laneHeight } from './draw.ts';
import { markStyle } from './marks.ts';
import { laneOf, plotAction } from './plot-keys.ts';

/** So near to a run, in px, the pointer means it. */
const reachPx = 12;
const wheelStep = 1.2;
/** Fewer units of the axis are not worth a screen. */
const leastSpan = 4;

/** A run was chosen, or is to be opened: its place in the sweep's columns. */
export class RowEvent extends Event {
  readonly row: number;
  readonly action: 'select' | 'open';

  constructor(row: number, action: 'select' | 'open') {
    super('row', { bubbles: true });
    this.row = row;
    this.action = action;
  }
}

/** The runs of a sweep along an axis, on a canvas: a lane for each outcome. One tab stop; the chosen run is what is read out. */
export class FaultPlot extends LitElement {
  static override readonly properties = {
    lanes: { attribute: false },
    rows: { attribute: false },
    xs: { attribute: false },
    axis: { attribute: false },
    active: { attribute: false },
    camera: { attribute: false },
    label: { attribute: false },
    activeLabel: { attribute: false },
  };
  declare lanes: readonly Lane[];
  declare rows: Uint32Array;
  declare xs: Float64Array;
  declare axis: Axis;
  /** Place in the sweep's columns; -1: none. */
  declare active: number;
  /** Null: all is seen. */
  declare camera: Camera | null;
  declare label: string;
  /** What a screen reader says of the chosen run. */
  declare activeLabel: string;
  private readonly sizes = new ResizeObserver(() => this.schedule());
  /** VS Code changes the theme by the class of the body and the variables of the root. */
  private readonly themes = new MutationObserver(() => this.schedule());
  private frame = 0;
  private drag: { readonly x: number; readonly camera: Camera; moved: boolean } | undefined;

  constructor() {
    super();
    this.lanes = [];
    this.rows = new Uint32Array();
    this.xs = new Float64Array();
    this.axis = 'number';
    this.active = -1;
    this.camera = null;
    this.label = '';
    this.activeLabel = '';
  }

  override createRenderRoot(): HTMLElement {
    return this;
  }

  override firstUpdated(): void {
    this.sizes.observe(this.canvas);
    this.themes.observe(document.body, { attributes: true, attributeFilter: ['class'] });
    this.themes.observe(document.documentElement, { attributes: true, attributeFilter: ['style'] });
    this.canvas.addEventListener('wheel', event => this.onWheel(event), { passive: false });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.sizes.disconnect();
    this.themes.disconnect();
    cancelAnimationFrame(this.frame);
  }

  override updated(changed: PropertyValues<this>): void {
    const isNewRow = changed.has('active') && this.active >= 0 && this.camera !== null;
    if (isNewRow && this.camera !== null) {
      const shown = revealing(this.camera, this.whole, this.xs[this.active] ?? 0);
      if (shown.from !== this.camera.from) this.look(shown);
    }
    this.schedule();
  }

  override render(): TemplateResult {
    const { lanes, active, rows } = this;
    const height = lanes.length * laneHeight + axisHeight;
    return html`
      <ul class="lanes" .style=${`--lane-height: ${laneHeight}px`}>
        ${lanes.map(lane => this.renderLane(lane))}
      </ul>
      <div
        class="plot"
        role="listbox"
        tabindex="0"
        aria-label=${this.label}
        aria-description=${text('pictureHint')}
        aria-activedescendant=${active < 0 ? '' : 'plot-active'}
        @keydown=${this.onKey}
      >
        <canvas
          aria-hidden="true"
          .style=${`height: ${height}px`}
          @pointerdown=${this.onPointerDown}
          @pointermove=${this.onPointerMove}
          @pointerup=${this.onPointerUp}
          @dblclick=${this.onDoubleClick}
        ></canvas>
        <div class="unseen" id="plot-active" role="option" aria-selected=${active >= 0} aria-setsize=${rows.length}>
          ${active < 0 ? text('nothingChosen') : this.activeLabel}
        </div>
      </div>
    `;
  }

  /** Puts the keys on the picture. */
  override focus(): void {
    this.querySelector<HTMLElement>('.plot')?.focus();
  }

  /** Closer or farther, around the chosen run where it is in sight. */
  zoom(factor: number): void {
    const { from, to } = this.seen;
    const chosen = this.xs[this.active];
    const at = chosen !== undefined && chosen >= from && chosen <= to ? chosen : (from + to) / 2;
    this.look(zoomed(this.seen, this.whole, factor, at, leastSpan));
  }

  showAll(): void {
    this.look(null);
  }

  private renderLane({ verdict, rows }: Lane): TemplateResult {
    const name = verdictText(verdictOrder[verdict] ?? 'notReached');
    const { path, filled, colors } = markStyle(verdict);
    const paint = `var(${colors[0]}, var(${colors[1]}))`;
    const mark = svg`<svg width="14" height="14" viewBox="-7 -7 14 14" aria-hidden="true"><path d=${path} .style=${filled ? `fill: ${paint}` : `fill: none; stroke: ${paint}; stroke-width: 2`}></path></svg>`;
    return html`<li>${mark}<span class="name" title=${name}>${name}</span> <span class="quiet">${numberText(rows.length)}</span></li>`;
  }

  private get canvas(): HTMLCanvasElement {
    const canvas = this.querySelector('canvas');
    if (canvas === null) throw new Error('The picture is not drawn yet.');
    return canvas;
  }

  private get whole(): Camera {
    return wholeCamera(this.xs[0] ?? 0, this.xs.at(-1) ?? 0);
  }

  private get seen(): Camera {
    return this.camera ?? this.whole;
  }

  /** What is seen now is for the page to keep. */
  private look(camera: Camera | null): void {
    const { from, to } = this.whole;
    const isAll = camera !== null && camera.from <= from && camera.to >= to;
    this.camera = isAll ? null : camera;
    this.dispatchEvent(new CustomEvent<Camera | null>('camera', { detail: this.camera }));
  }

  /** However many things change, it is drawn once a frame. */
  private schedule(): void {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    const { canvas, lanes, xs, active } = this;
    const lane = laneOf(lanes, active);
    drawPlot(canvas, {
      lanes,
      camera: this.seen,
      widthPx: canvas.clientWidth,
      heightPx: lanes.length * laneHeight + axisHeight,
      active: lane < 0 ? undefined : { lane, x: xs[active] ?? 0 },
      tickText: value => (this.axis === 'number' ? numberText(value) : timeText(value)),
    });
  }

  private xOf(event: PointerEvent | MouseEvent): number {
    const { from, to } = this.seen;
    return from + (event.offsetX / this.canvas.clientWidth) * (to - from);
  }

  /** The run under the pointer. */
  private rowAt(event: MouseEvent): number | undefined {
    const lane = this.lanes[Math.floor(event.offsetY / laneHeight)];
    if (lane === undefined) return undefined;
    const x = this.xOf(event);
    const at = nearest(lane.xs, x);
    const { from, to } = this.seen;
    const distancePx = (Math.abs((lane.xs[at] ?? 0) - x) * this.canvas.clientWidth) / (to - from);
    return distancePx <= reachPx ? lane.rows[at] : undefined;
  }

  private readonly onPointerDown = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    this.drag = { x: event.offsetX, camera: this.seen, moved: false };
    this.canvas.setPointerCapture(event.pointerId);
  };

  private readonly onPointerMove = (event: PointerEvent): void => {
    const { drag, canvas } = this;
    if (drag === undefined) {
      canvas.style.cursor = this.rowAt(event) === undefined ? 'default' : 'pointer';
      return;
    }
    const moved = event.offsetX - drag.x;
    if (!drag.moved && Math.abs(moved) < 4) return;
    drag.moved = true;
    const { from, to } = drag.camera;
    this.look(panned(drag.camera, this.whole, (-moved * (to - from)) / canvas.clientWidth));
  };

  private readonly onPointerUp = (event: PointerEvent): void => {
    const { drag } = this;
    this.drag = undefined;
    if (drag === undefined || drag.moved) return;
    const row = this.rowAt(event);
    if (row !== undefined) this.dispatchEvent(new RowEvent(row, 'select'));
  };

  private readonly onDoubleClick = (event: MouseEvent): void => {
    const row = this.rowAt(event);
    if (row !== undefined) this.dispatchEvent(new RowEvent(row, 'open'));
  };

  private onWheel(event: WheelEvent): void {
    event.preventDefault();
    const { from, to } = this.seen;
    const sideways = event.shiftKey ? event.deltaY : event.deltaX;
    if (sideways !== 0) {
      this.look(panned(this.seen, this.whole, (Math.sign(sideways) * (to - from)) / 10));
      return;
    }
    const factor = event.deltaY > 0 ? wheelStep : 1 / wheelStep;
    this.look(zoomed(this.seen, this.whole, factor, this.xOf(event), leastSpan));
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    const action = plotAction(event, this);
    if (action === undefined) return;
    event.preventDefault();
    switch (action.kind) {
      case 'choose':
        this.dispatchEvent(new RowEvent(action.row, 'select'));
        return;
      case 'open':
        if (this.active >= 0) this.dispatchEvent(new RowEvent(this.active, 'open'));
        return;
      case 'zoom':
        this.zoom(action.factor);
        return;
      case 'pan': {
        const { from, to } = this.seen;
        this.look(panned(this.seen, this.whole, action.share * (to - from)));
        return;
      }
      case 'all':
        this.showAll();
    }
  };
}

function timeText(microseconds: number): string {
  return microseconds >= 1000 ? text('milliseconds', microseconds / 1000) : text('microseconds', microseconds);
}
