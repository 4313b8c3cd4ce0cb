import { html, LitElement, nothing, type PropertyValues, type SVGTemplateResult, svg, type TemplateResult } from 'lit';
import { numberText } from '../../page-texts.ts';
import { edgeText } from '../edge-words.ts';
import { menuContext, type PageModel } from '../page-model.ts';
import { text } from '../texts.ts';
import { arrowPaths, middleOf } from './arrow-path.ts';
import { boxHeight, boxLabel, boxWidth } from './box-size.ts';
import { type Camera, fitted, panned, type Size, showing, zoomed } from './camera.ts';
import type { Arrow, Box, DrawnGraph } from './drawn-graph.ts';
import { layOutBeside } from './layout.ts';
import type { Layout, Point } from './layout-messages.ts';
import { nextBox } from './next-box.ts';
import { type PictureKey, pictureKey, zoomStep } from './picture-keys.ts';
import { arrowText, boxText } from './picture-words.ts';

/** Sooner, words about it would only flicker. */
const patienceMs = 250;
/** Reasons at the arrows of the selected box, before they would hide each other. */
const mostReasons = 12;
/** Px that the pointer may move between down and up for a click. */
const clickRoom = 4;

type Drawing =
  | { readonly kind: 'working' }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'drawn'; readonly graph: DrawnGraph; readonly layout: Layout };

/** What a person does to a box; the page knows what that means. */
export class BoxEvent extends Event {
  readonly box: Box;
  readonly action: 'select' | 'open' | 'fold' | 'why';

  constructor(box: Box, action: BoxEvent['action']) {
    super('box', { bubbles: true });
    this.box = box;
    this.action = action;
  }
}

/** The dependencies as a picture: boxes and arrows that can be moved, zoomed and walked with keys. */
export class DependencyPicture extends LitElement {
  static override readonly properties = {
    model: { attribute: false },
    graph: { attribute: false },
    selected: { attribute: false },
    camera: { attribute: false },
    drawing: { state: true },
    view: { state: true },
    isSlow: { state: true },
  };
  declare model: PageModel;
  declare graph: DrawnGraph;
  /** Key of the selected node, which a folded box may stand for; empty: none. */
  declare selected: string;
  /** How the picture was looked at before; null: all of it. */
  declare camera: Camera | null;
  declare drawing: Drawing;
  declare view: Camera;
  declare isSlow: boolean;
  private asked = new AbortController();
  private window: Size = { width: 1, height: 1 };
  private dragged: { x: number; y: number; moved: number } | undefined;
  /** The person has moved or zoomed the picture: it stays as it is. */
  private isKept = false;
  private readonly sizes = new ResizeObserver(([entry]) => this.onResize(entry?.contentRect));

  constructor() {
    super();
    this.selected = '';
    this.camera = null;
    this.drawing = { kind: 'working' };
    this.view = { x: 0, y: 0, scale: 1 };
    this.isSlow = false;
  }

  override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.sizes.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.sizes.disconnect();
    this.asked.abort();
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('graph')) void this.draw();
  }

  override updated(changed: PropertyValues<this>): void {
    if (changed.has('selected') && this.drawing.kind === 'drawn') this.showSelected();
  }

  override render(): TemplateResult {
    const { drawing } = this;
    const shown = drawing.kind === 'drawn' ? this.renderPicture(drawing.graph, drawing.layout) : this.renderState();
    return html`${shown}${drawing.kind === 'drawn' ? this.renderZoom() : nothing}`;
  }

  /** Puts the keys on the picture. */
  override focus(): void {
    this.querySelector<SVGElement>('svg.picture')?.focus();
  }

  private renderState(): TemplateResult | typeof nothing {
    const boxes = this.graph.boxes.length;
    switch (this.drawing.kind) {
      case 'working':
        if (!this.isSlow) return nothing;
        return html`<div class="picture-state" role="status"><vscode-progress-ring aria-hidden="true"></vscode-progress-ring><p>${text('layingOut', boxes)}</p><vscode-button secondary @click=${this.cancel}>${text('cancel')}</vscode-button></div>`;
      case 'cancelled':
        return html`<div class="picture-state"><p role="status">${text('layoutCancelled')}</p><vscode-button @click=${() => void this.draw()}>${text('draw')}</vscode-button></div>`;
      case 'failed':
        return html`<div class="picture-state"><p role="alert">${text('layoutFailed', this.drawing.message)}</p><vscode-button @click=${() => void this.draw()}>${text('retry')}</vscode-button></div>`;
      case 'drawn':
        return nothing;
    }
  }

  private renderPicture(graph: DrawnGraph, layout: Layout): TemplateResult {
    const active = this.activePlace(graph);
    const { x, y, scale } = this.view;
    const drawn = graph.arrows.filter(arrow => !arrow.isImplied || arrow.from === active || arrow.to === active);
    const points = arrowPaths(graph, layout);
    const isNear = nearOf(graph, active);
    return html`
      <svg
        class="picture ${scale < 0.35 ? 'far' : ''}"
        role="listbox"
        tabindex="0"
        aria-label=${text('pictureLabel', this.model.root.label, numberText(graph.boxes.length), numberText(graph.arrows.length))}
        aria-description=${text('pictureHint')}
        aria-activedescendant=${boxId(active)}
        @keydown=${(event: KeyboardEvent) => this.onKey(event, graph, layout)}
        @wheel=${this.onWheel}
        @pointerdown=${this.onDown}
        @pointermove=${this.onMove}
        @pointerup=${this.onUp}
        @pointercancel=${this.onUp}
      >
        <defs aria-hidden="true">
          ${['plain', 'bad', 'lit'].map(
            look =>
              svg`<marker id="tip-${look}" class="tip ${look}" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto" markerUnits="userSpaceOnUse"><path d="M0 0 8 4 0 8z"></path></marker>`,
          )}
        </defs>
        <g transform="translate(${-x * scale} ${-y * scale}) scale(${scale})">
          <g class="arrows" aria-hidden="true">${drawn.map(arrow => this.renderArrow(arrow, points(arrow), isLit(arrow, active)))}</g>
          <g class="reasons" aria-hidden="true">${this.renderReasons(drawn, active, points)}</g>
          ${graph.boxes.map((box, place) => this.renderBox(box, place, layout, { isActive: place === active, isNear: isNear(place) }))}
        </g>
      </svg>
    `;
  }

  private renderArrow(arrow: Arrow, points: string, lit: boolean): SVGTemplateResult {
    const { isMissing, isSoft, isProblem, isOnTheWay, isImplied } = arrow;
    const look = lit ? 'lit' : isProblem ? 'bad' : 'plain';
    const classes = [
      ...['arrow', look, isProblem ? 'problem' : ''],
      ...[isSoft || isMissing ? 'soft' : '', isOnTheWay ? 'way' : '', isImplied ? 'implied' : ''],
    ];
    return svg`<g class=${classes.filter(Boolean).join(' ')}><title>${arrowText(this.model, arrow)}</title><path class="hit" d=${points}></path><path class="line" d=${points} marker-end="url(#tip-${look})"></path></g>`;
  }

  private renderBox(
    box: Box,
    place: number,
    layout: Layout,
    { isActive, isNear }: { readonly isActive: boolean; readonly isNear: boolean },
  ): SVGTemplateResult {
    const { x, y } = layout.boxes[place] ?? { x: 0, y: 0 };
    const width = boxWidth(box);
    const label = boxText(this.model, box);
    const [node] = box.nodes;
    const classes = [
      'box',
      box.state,
      box.problems > 0 ? 'problem' : '',
      isActive ? 'active' : '',
      isNear ? 'near' : '',
    ];
    return svg`
      <g
        class=${classes.filter(Boolean).join(' ')}
        id=${boxId(place)}
        role="option"
        aria-selected=${isActive}
        aria-label=${label}
        transform="translate(${x - width / 2} ${y - boxHeight / 2})"
        data-vscode-context=${box.state === 'group' || node === undefined ? nothing : menuContext(node)}
        @click=${() => this.say(box, 'select')}
        @dblclick=${() => this.say(box, box.state === 'group' ? 'fold' : 'open')}
      >
        <title>${label}</title>
        ${box.state === 'group' ? svg`<rect class="behind" x="3" y="3" width=${width} height=${boxHeight} rx="4"></rect>` : nothing}
        <rect class="front" width=${width} height=${boxHeight} rx="4"></rect>
        <svg width=${width - 6} height=${boxHeight} aria-hidden="true"><text x="8" y="17">${boxLabel(box)}</text></svg>
      </g>
    `;
  }

  /** At the arrows that lead to the selected box, why it is taken there. */
  private renderReasons(
    drawn: readonly Arrow[],
    active: number,
    points: (arrow: Arrow) => string,
  ): readonly SVGTemplateResult[] {
    if (this.selected === '') return [];
    const leading = drawn.filter(({ to }) => to === active).slice(0, mostReasons);
    return leading.map(arrow => {
      const { x, y } = middleOf(points(arrow));
      const [edge] = arrow.edges;
      const words = edge === undefined ? '' : edgeText(this.model, edge);
      return svg`<text class="reason" x=${x} y=${y - 3} text-anchor="middle">${words.slice(0, 60)}</text>`;
    });
  }

  private renderZoom(): TemplateResult {
    const button = (icon: string, label: string, press: () => void): TemplateResult =>
      html`<button type="button" class="icon-button codicon codicon-${icon}" title=${label} aria-label=${label} @click=${press}></button>`;
    return html`
      <div class="zoom" role="group" aria-label=${text('viewPicture')}>
        ${button('zoom-in', text('zoomIn'), () => this.look(zoomed(this.view, zoomStep, this.middle())))}
        ${button('zoom-out', text('zoomOut'), () => this.look(zoomed(this.view, 1 / zoomStep, this.middle())))}
        ${button('screen-full', text('zoomFit'), () => this.fit())}
      </div>
    `;
  }

  /** The box of the selected node; the root's where none is. */
  private activePlace({ placeOf }: DrawnGraph): number {
    return placeOf.get(this.selected) ?? 0;
  }

  private readonly draw = async (): Promise<void> => {
    this.asked.abort();
    this.asked = new AbortController();
    const { signal } = this.asked;
    const { graph } = this;
    const isFirst = this.drawing.kind !== 'drawn';
    this.isSlow = false;
    const timer = setTimeout(() => {
      this.isSlow = true;
      if (!signal.aborted) this.drawing = { kind: 'working' };
    }, patienceMs);
    try {
      const request = {
        boxes: graph.boxes.map(box => ({ width: boxWidth(box), height: boxHeight })),
        arrows: graph.arrows.filter(({ isImplied }) => !isImplied).map(({ from, to }) => ({ from, to })),
      };
      const layout = await layOutBeside(request, signal);
      if (signal.aborted) return;
      this.drawing = { kind: 'drawn', graph, layout };
      if (isFirst && this.camera !== null) this.view = this.camera;
      else this.fit();
      this.isKept = isFirst && this.camera !== null;
    } catch (error) {
      if (signal.aborted) return;
      this.drawing = { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
    } finally {
      clearTimeout(timer);
    }
  };

  private readonly cancel = (): void => {
    this.asked.abort();
    this.drawing = { kind: 'cancelled' };
  };

  private onResize(rect: DOMRectReadOnly | undefined): void {
    if (rect === undefined || rect.width === 0) return;
    this.window = { width: rect.width, height: rect.height };
    if (this.drawing.kind === 'drawn' && !this.isKept) this.fit();
  }

  private fit(): void {
    if (this.drawing.kind !== 'drawn') return;
    this.view = fitted(this.drawing.layout, this.window);
    this.isKept = false;
    this.dispatchEvent(new CustomEvent<Camera | null>('camera', { detail: null }));
  }

  private look(camera: Camera): void {
    this.view = camera;
    this.isKept = true;
    this.dispatchEvent(new CustomEvent<Camera | null>('camera', { detail: camera }));
  }

  private showSelected(): void {
    if (this.drawing.kind !== 'drawn' || this.selected === '') return;
    const { graph, layout } = this.drawing;
    const place = graph.placeOf.get(this.selected);
    const box = place === undefined ? undefined : graph.boxes[place];
    const middle = place === undefined ? undefined : layout.boxes[place];
    if (box === undefined || middle === undefined) return;
    this.look(showing(this.view, { ...middle, width: boxWidth(box), height: boxHeight }, this.window));
  }

  private onKey(event: KeyboardEvent, graph: DrawnGraph, layout: Layout): void {
    const active = this.activePlace(graph);
    const box = graph.boxes[active];
    if (event.altKey || event.ctrlKey || event.metaKey || box === undefined) return;
    const done = pictureKey(event.key, event.shiftKey);
    if (done === null) {
      const target = nextBox(event.key, active, layout.boxes);
      if (target === undefined) return;
      this.say(graph.boxes[target] ?? box, 'select');
    } else this.doKey(done, box);
    event.preventDefault();
    event.stopPropagation();
  }

  private doKey(key: PictureKey, box: Box): void {
    if (key.kind === 'pan') this.look(panned(this.view, key.by));
    else if (key.kind === 'zoom') this.look(zoomed(this.view, key.factor, this.middle()));
    else if (key.kind === 'fit') this.fit();
    else if (key.kind === 'open') this.say(box, box.state === 'group' ? 'fold' : 'open');
    else this.say(box, key.kind);
  }

  private middle(): Point {
    return { x: this.window.width / 2, y: this.window.height / 2 };
  }

  /** As maps have it: the wheel moves, with Control (or a pinch, which comes as that) it zooms. */
  private readonly onWheel = (event: WheelEvent): void => {
    event.preventDefault();
    const by = { x: event.deltaX, y: event.deltaY };
    const { left, top } = this.getBoundingClientRect();
    const at = { x: event.clientX - left, y: event.clientY - top };
    const isZoom = event.ctrlKey || event.metaKey;
    this.look(isZoom ? zoomed(this.view, Math.exp(-by.y / 300), at) : panned(this.view, by));
  };

  private readonly onDown = (event: PointerEvent): void => {
    if (event.button === 0) this.dragged = { x: event.clientX, y: event.clientY, moved: 0 };
  };

  private readonly onMove = (event: PointerEvent): void => {
    const { dragged } = this;
    if (dragged === undefined) return;
    const by = { x: dragged.x - event.clientX, y: dragged.y - event.clientY };
    dragged.moved += Math.abs(by.x) + Math.abs(by.y);
    if (dragged.moved < clickRoom) return;
    // Only now: captured from the start, a click would never reach its box.
    if (event.currentTarget instanceof Element) event.currentTarget.setPointerCapture(event.pointerId);
    dragged.x = event.clientX;
    dragged.y = event.clientY;
    this.look(panned(this.view, by));
  };

  private readonly onUp = (): void => {
    this.dragged = undefined;
  };

  private say(box: Box, action: BoxEvent['action']): void {
    this.dispatchEvent(new BoxEvent(box, action));
  }
}

function boxId(place: number): string {
  return `box-${place}`;
}

function isLit({ from, to }: Arrow, active: number): boolean {
  return from === active || to === active;
}

/** The boxes at the other ends of the arrows of one. */
function nearOf({ arrows }: DrawnGraph, active: number): (place: number) => boolean {
  const near = new Set(arrows.filter(arrow => isLit(arrow, active)).flatMap(({ from, to }) => [from, to]));
  return place => near.has(place);
}
