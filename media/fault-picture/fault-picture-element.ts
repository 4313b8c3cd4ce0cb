import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { displayText } from '../../language-server/protocol/display-text.ts';
import { isSystemFrame, ownFrame } from '../../language-server/protocol/fault-frames.ts';
import { type SweepPicture, verdictOrder } from '../../language-server/protocol/fault-picture.ts';
import type { FaultPictureTexts } from '../../language-server/protocol/fault-picture-texts.ts';
import type { StackFrame } from '../../language-server/protocol/faults.ts';
import { numberText } from '../page-texts.ts';
import { detailsPane } from './details-pane.ts';
import { host, storedState, storeState } from './host.ts';
import { type PageState, type PageView, pageStateOf } from './page-state.ts';
import type { Camera } from './plot/camera.ts';
import type { FaultPlot, RowEvent } from './plot/plot-element.ts';
import { type Axis, isBug, type Lane, lanesOf, lowerBound, positions } from './points.ts';
import type { PointCells } from './points-table-element.ts';
import { setTexts, text, verdictText } from './texts.ts';

type Content =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'none'; readonly name: string; readonly message: string }
  | { readonly kind: 'sweep'; readonly sweep: SweepPicture };

/** What is computed of a sweep once, and not for each key press. */
interface Shown {
  readonly sweep: SweepPicture;
  readonly axis: Axis;
  readonly onlyBugs: boolean;
  readonly xs: Float64Array;
  readonly lanes: readonly Lane[];
  /** All rows of the lanes, in order. */
  readonly rows: Uint32Array;
}

const views = { picture: 'viewPicture', table: 'viewTable', both: 'viewBoth' } as const satisfies Record<
  PageView,
  keyof FaultPictureTexts
>;

/** The page of a sweep: its allocations as a picture and as a table, and the stacks of the one that is chosen. */
export class FaultPicture extends LitElement {
  static override readonly properties = { content: { state: true }, pageState: { state: true }, told: { state: true } };
  declare content: Content;
  declare pageState: PageState;
  /** What was done last, or why it could not be, for screen readers and for the eye. */
  declare told: string;
  private shown: Shown | undefined;

  constructor() {
    super();
    this.content = { kind: 'waiting' };
    this.pageState = pageStateOf(storedState());
    this.told = '';
  }

  override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    host.listen(
      () => void this.load(),
      n => this.keep({ n }),
    );
    this.addEventListener('row', event => this.onRow(event as RowEvent));
    void this.load();
  }

  override render(): TemplateResult | typeof nothing {
    const { content } = this;
    switch (content.kind) {
      case 'waiting':
        return nothing;
      case 'none':
        return html`
          <div class="full-page">
            <span class="codicon codicon-graph-scatter" aria-hidden="true"></span>
            <h1>${text('none', displayText(content.name))}</h1>
            <p role="status">${displayText(content.message)}</p>
            <div class="buttons"><vscode-button @click=${() => this.actOnSweep('run')}>${text('runAll')}</vscode-button></div>
            <p class="told" role="alert">${this.told}</p>
          </div>
        `;
      case 'sweep':
        return this.renderSweep(content.sweep);
    }
  }

  private renderSweep(sweep: SweepPicture): TemplateResult {
    const { view, n } = this.pageState;
    const { xs, lanes, rows, axis } = this.shownOf(sweep);
    const row = rowOf(sweep, n);
    const name = displayText(sweep.name);
    const cells = (at: number): PointCells => cellsOf(sweep, at);
    return html`
      ${this.renderBar(sweep)}
      ${this.renderSummary(sweep, name)}
      <div class="fault-parts ${view}">
        ${
          view === 'table'
            ? nothing
            : html`<fault-plot
                .lanes=${lanes}
                .rows=${rows}
                .xs=${xs}
                .axis=${axis}
                .active=${row}
                .camera=${this.pageState.camera}
                .label=${text('pictureLabel', name)}
                .activeLabel=${row < 0 ? '' : pointLabel(cells(row))}
                @camera=${(event: CustomEvent<Camera | null>) => this.store({ camera: event.detail })}
              ></fault-plot>`
        }
        ${
          view === 'picture'
            ? nothing
            : html`<fault-points-table
                .rows=${rows}
                .active=${row}
                .cells=${cells}
                .topRow=${this.pageState.topRow}
                .label=${text('tableLabel', name)}
                @toprow=${(event: CustomEvent<number>) => this.store({ topRow: event.detail })}
              ></fault-points-table>`
        }
        <aside class="pane" aria-label=${text('columnMessage')} tabindex="0">
          ${detailsPane({ sweep, row, open: frame => void this.open(frame), act: action => void this.act(sweep, row, action) })}
        </aside>
      </div>
    `;
  }

  private renderBar(sweep: SweepPicture): TemplateResult {
    const { view, axis, onlyBugs } = this.pageState;
    const plot = (): FaultPlot | null => this.querySelector<FaultPlot>('fault-plot');
    const button = (icon: string, label: string, press: () => void): TemplateResult =>
      html`<button type="button" class="icon-button codicon codicon-${icon}" title=${label} aria-label=${label} ?disabled=${view === 'table'} @click=${press}></button>`;
    return html`
      <div class="table-bar fault-bar">
        <div class="chips" role="group" aria-label=${text('view')}>
          ${(Object.keys(views) as PageView[]).map(one => chip(text(views[one]), one === view, () => this.keep({ view: one })))}
        </div>
        ${sweep.timeUs === null ? nothing : this.renderAxis(axis)}
        ${chip(text('onlyBugs'), onlyBugs, () => this.keep({ onlyBugs: !onlyBugs, topRow: 0 }))}
        ${button('zoom-in', text('zoomIn'), () => plot()?.zoom(0.5))}
        ${button('zoom-out', text('zoomOut'), () => plot()?.zoom(2))}
        ${button('screen-full', text('zoomAll'), () => plot()?.showAll())}
        <span class="spacer"></span>
        <button type="button" class="chip" @click=${() => this.actOnSweep('run')}>${text('runAgain')}</button>
        <button type="button" class="chip" @click=${() => this.actOnSweep('export')}>${text('exportResults')}</button>
      </div>
    `;
  }

  private renderAxis(axis: Axis): TemplateResult {
    return html`
      <div class="chips" role="group" aria-label=${text('axis')}>
        ${chip(text('axisNumber'), axis === 'number', () => this.keep({ axis: 'number', camera: null }), text('axisNumberHint'))}
        ${chip(text('axisTime'), axis === 'time', () => this.keep({ axis: 'time', camera: null }), text('axisTimeHint'))}
      </div>
    `;
  }

  private renderSummary(sweep: SweepPicture, name: string): TemplateResult {
    return html`
      <div class="fault-summary">
        <h1>${name}</h1>
        <span>${text('summary', sweep.n.length, sweep.clean.allocations, sweep.groups.length)}</span>
        ${sweep.stopped === null ? nothing : html`<span class="bad">${text('stopped')}</span>`}
        ${sweep.notes.map(note => html`<span class="quiet">${displayText(note)}</span>`)}
        <span class="told" role="status">${this.told}</span>
      </div>
    `;
  }

  private shownOf(sweep: SweepPicture): Shown {
    const { onlyBugs } = this.pageState;
    const axis = sweep.timeUs === null ? 'number' : this.pageState.axis;
    const { shown } = this;
    if (shown?.sweep === sweep && shown.axis === axis && shown.onlyBugs === onlyBugs) return shown;
    const xs = positions(sweep, axis);
    const lanes = lanesOf(sweep, xs, onlyBugs);
    const rows = Uint32Array.from(lanes.flatMap(lane => [...lane.rows])).sort();
    this.shown = { sweep, axis, onlyBugs, xs, lanes, rows };
    return this.shown;
  }

  private async load(): Promise<void> {
    try {
      const answer = await host.ready();
      setTexts(answer.texts);
      this.content = answer;
      const shown = answer.kind === 'sweep' && answer.show !== null ? { n: answer.show } : {};
      this.keep({ target: answer.target, ...shown });
    } catch (error) {
      this.tell(error);
    }
  }

  private onRow({ row, action }: RowEvent): void {
    if (this.content.kind !== 'sweep') return;
    const { sweep } = this.content;
    this.keep({ n: sweep.n[row] ?? null });
    if (action === 'select') return;
    const frame = topFrame(sweep, row);
    if (frame === undefined) this.querySelector<HTMLElement>('.pane')?.focus();
    else void this.open(frame);
  }

  private async open({ file, line }: StackFrame): Promise<void> {
    if (file === null || line === null) return;
    await host.openFrame({ file, line }).catch((error: unknown) => this.tell(error));
  }

  private async act({ n }: SweepPicture, row: number, action: 'run' | 'debug' | 'copyCommand'): Promise<void> {
    const number = n[row];
    if (number === undefined) return;
    try {
      await host.act({ n: number, action });
      if (action === 'copyCommand') this.told = text('copied');
    } catch (error) {
      this.tell(error);
    }
  }

  private actOnSweep(action: 'run' | 'export'): void {
    void host.actOnSweep({ action }).catch((error: unknown) => this.tell(error));
  }

  private tell(error: unknown): void {
    this.told = error instanceof Error ? error.message : String(error);
  }

  private keep(change: Partial<PageState>): void {
    this.pageState = { ...this.pageState, ...change };
    storeState(this.pageState);
  }

  /** Without drawing anew: what changed is on the screen already. */
  private store(change: Partial<PageState>): void {
    Object.assign(this.pageState, change);
    storeState(this.pageState);
  }
}

function chip(label: string, isOn: boolean, press: () => void, hint?: string): TemplateResult {
  return html`<button type="button" class="chip" aria-pressed=${isOn} title=${hint ?? nothing} @click=${press}>${label}</button>`;
}

/** -1: there is no such run. */
function rowOf({ n }: SweepPicture, wanted: number | null): number {
  if (wanted === null) return -1;
  const at = lowerBound(n, wanted);
  return n[at] === wanted ? at : -1;
}

function cellsOf(sweep: SweepPicture, row: number): PointCells {
  const verdict = sweep.verdict[row] ?? 0;
  const group = sweep.groups[sweep.group[row] ?? -1];
  const frame = ownFrame(sweep.stacks[sweep.stack[row] ?? -1] ?? []);
  return {
    n: numberText(sweep.n[row] ?? 0),
    verdict: verdictText(verdictOrder[verdict] ?? 'notReached'),
    isBug: isBug(verdict),
    place: frame === undefined ? '' : placeOf(frame),
    message: displayText(group?.message ?? ''),
  };
}

function placeOf({ module, offset, function: name, file, line }: StackFrame): string {
  const at =
    file === null || line === null
      ? `${module.slice(module.lastIndexOf('/') + 1)}+${offset}`
      : `${file.slice(file.lastIndexOf('/') + 1)}:${line}`;
  return displayText(name === null ? at : text('place', at, name));
}

function pointLabel({ n, verdict, place, message }: PointCells): string {
  return text('pointLabel', n, verdict, message === '' ? place : message);
}

/** Where a person looks first: the line of their own code where it died, else where it was refused memory. */
function topFrame(sweep: SweepPicture, row: number): StackFrame | undefined {
  const group = sweep.groups[sweep.group[row] ?? -1];
  const stacks = [group?.crashStack ?? [], sweep.stacks[sweep.stack[row] ?? -1] ?? []];
  const placed = stacks.flat().filter(({ file, line }) => file?.startsWith('/') === true && line !== null);
  return placed.find(frame => !isSystemFrame(frame)) ?? placed[0];
}
