import { html, LitElement, nothing, type PropertyValues, type SVGTemplateResult, svg, type TemplateResult } from 'lit';
import { displayText } from '../../../language-server/protocol/display-text.ts';
import type { SizePart, SizePartKind, SizeReport } from '../../../language-server/protocol/size.ts';
import { numberText } from '../../page-texts.ts';
import { commandLine } from '../command-line.ts';
import { host } from '../host.ts';
import { text } from '../texts.ts';
import { neighbour, type Rectangle, squarify } from './squarify.ts';

/** Parts of a section that are asked for when it is looked into. */
const sectionParts = 500;
const mapHeight = 380;
const labelHeight = 18;
/** Narrower, a label says nothing. */
const leastLabelWidth = 44;
const longestLabel = 200;

type Measure = 'fileBytes' | 'memoryBytes';

interface Tile {
  readonly part: SizePart;
  readonly place: Rectangle;
}

/** What takes the room: a map of sections and symbols, and the same as a table. */
export class ElfSize extends LitElement {
  static override readonly properties = {
    report: { attribute: false },
    zoomed: { state: true },
    measure: { state: true },
    active: { state: true },
    width: { state: true },
    failure: { state: true },
  };
  /** Of the whole file. */
  declare report: SizeReport;
  /** The section that is looked into. */
  declare zoomed: SizePart | undefined;
  declare measure: Measure;
  /** Place of the tile that the keys are on. */
  declare active: number;
  declare width: number;
  declare failure: string | undefined;
  private asked = new AbortController();
  private readonly sizes = new ResizeObserver(([entry]) => {
    this.width = Math.floor(entry?.contentRect.width ?? 0);
  });

  constructor() {
    super();
    this.measure = 'fileBytes';
    this.active = 0;
    this.width = 0;
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
    // Another state of the file may have other sections.
    if (changed.has('report')) this.zoomed = undefined;
  }

  override render(): TemplateResult {
    const { report } = this;
    const shown = this.zoomed ?? report.root;
    const tiles = this.tilesOf(shown);
    return html`
      <h1 class="report-title">${text('takesRoom', sizeText(report.root.fileBytes), sizeText(report.root.memoryBytes))}</h1>
      <div class="size-bar">
        <nav class="crumbs" aria-label=${text('whereYouAre')}>
          <button type="button" class="action" ?disabled=${this.zoomed === undefined} @click=${this.zoomOut}>${text('wholeFile')}</button>
          ${this.zoomed === undefined ? nothing : html`<span aria-hidden="true">›</span><span aria-current="location">${displayText(this.zoomed.name)}</span>`}
        </nav>
        ${this.renderMeasures()}
        <span class="quiet">${this.symbolsText}</span>
      </div>
      ${this.failure === undefined ? nothing : html`<p class="notice" role="alert"><span class="codicon codicon-error" aria-hidden="true"></span>${displayText(this.failure)}</p>`}
      ${this.renderMap(tiles)}
      ${this.renderTable(shown)}
      <h2>${text('sameByCommands')}</h2>
      ${report.commands.map(commandLine)}
    `;
  }

  private renderMeasures(): TemplateResult {
    const measures: readonly Measure[] = ['fileBytes', 'memoryBytes'];
    return html`
      <div class="chips" role="group" aria-label=${text('measure')}>
        ${measures.map(
          measure => html`
            <button type="button" class="chip" aria-pressed=${measure === this.measure} @click=${() => this.setMeasure(measure)}>
              ${text(measure === 'fileBytes' ? 'inFile' : 'inMemory')}
            </button>
          `,
        )}
      </div>
    `;
  }

  private renderMap(tiles: readonly Tile[]): TemplateResult | typeof nothing {
    if (this.width === 0 || tiles.length === 0) return nothing;
    const whole = tiles.reduce((sum, { part }) => sum + part[this.measure], 0);
    return html`
      <svg
        class="treemap"
        width=${this.width}
        height=${mapHeight}
        role="listbox"
        tabindex="0"
        aria-label=${text('treemap')}
        aria-description=${text('treemapHint')}
        aria-activedescendant="tile-${this.active}"
        @keydown=${(event: KeyboardEvent) => this.onKey(event, tiles)}
      >
        ${tiles.map((tile, at) => this.renderTile(tile, at, whole))}
      </svg>
    `;
  }

  private renderTile({ part, place }: Tile, at: number, whole: number): SVGTemplateResult {
    const label = partText(part, this.measure, whole);
    return svg`
      <g
        class="tile ${part.kind} ${at === this.active ? 'active' : ''}"
        role="option"
        id="tile-${at}"
        aria-selected=${at === this.active}
        aria-label=${label}
        @click=${() => this.choose(part, at)}
      >
        <title>${label}</title>
        <rect x=${place.x} y=${place.y} width=${Math.max(place.width - 1, 0)} height=${Math.max(place.height - 1, 0)}></rect>
        ${this.zoomed === undefined ? this.renderInner(part, place) : nothing}
        ${labelOf(partName(part), place)}
      </g>
    `;
  }

  /** The symbols of a section, as a picture only: looking into the section names them. */
  private renderInner(part: SizePart, { x, y, width, height }: Rectangle): readonly SVGTemplateResult[] {
    const inner = { x: x + 3, y: y + labelHeight, width: width - 7, height: height - labelHeight - 4 };
    if (inner.width < 8 || inner.height < 8) return [];
    const children = this.partsOf(part);
    const places = squarify(
      children.map(child => child[this.measure]),
      inner,
    );
    return places.flatMap(({ x: left, y: top, width: wide, height: high }, at) =>
      wide > 2 && high > 2
        ? [
            svg`<rect class="inner ${children[at]?.kind}" x=${left} y=${top} width=${wide - 1} height=${high - 1}></rect>`,
          ]
        : [],
    );
  }

  private renderTable(shown: SizePart): TemplateResult {
    const whole = shown[this.measure];
    return html`
      <table class="sizes">
        <caption class="unseen">${text('sizeTable', displayText(shown.name))}</caption>
        <thead>
          <tr>
            <th scope="col">${text('partName')}</th>
            <th scope="col">${text('partKind')}</th>
            <th scope="col" class="number">${text('inFile')}</th>
            <th scope="col" class="number">${text('inMemory')}</th>
            <th scope="col" class="number">${text('share')}</th>
          </tr>
        </thead>
        <tbody>
          ${this.partsOf(shown).map(
            part => html`
              <tr>
                <th scope="row">${canZoom(part) && this.zoomed === undefined ? html`<button type="button" class="link" @click=${() => void this.zoomInto(part)}>${partName(part)}</button>` : partName(part)}</th>
                <td>${text(kindNames[part.kind])}</td>
                <td class="number">${numberText(part.fileBytes)}</td>
                <td class="number">${numberText(part.memoryBytes)}</td>
                <td class="number">${shareText(part[this.measure], whole)}</td>
              </tr>
            `,
          )}
        </tbody>
      </table>
    `;
  }

  private get symbolsText(): string {
    const { symbolTable } = this.report;
    return symbolTable === null ? text('noSymbolsToShow') : text('symbolsFrom', symbolTable);
  }

  /** Largest first by what is measured; parts without any are left to the table of the other measure. */
  private partsOf({ children }: SizePart): readonly SizePart[] {
    return children.filter(part => part[this.measure] > 0).sort((a, b) => b[this.measure] - a[this.measure]);
  }

  private tilesOf(shown: SizePart): readonly Tile[] {
    const parts = this.partsOf(shown);
    const whole = { x: 0, y: 0, width: this.width, height: mapHeight };
    const places = squarify(
      parts.map(part => part[this.measure]),
      whole,
    );
    return parts.flatMap((part, at) => {
      const place = places[at];
      return place === undefined ? [] : [{ part, place }];
    });
  }

  private onKey(event: KeyboardEvent, tiles: readonly Tile[]): void {
    const tile = tiles[this.active];
    const target = neighbour(
      event.key,
      this.active,
      tiles.map(({ place }) => place),
    );
    if (target >= 0) this.active = target;
    else if (event.key === 'Home') this.active = 0;
    else if (event.key === 'End') this.active = tiles.length - 1;
    else if (event.key === 'Enter' && tile !== undefined) void this.zoomInto(tile.part);
    else if (event.key === 'Escape' || event.key === 'Backspace') this.zoomOut();
    else if (!event.key.startsWith('Arrow')) return;
    event.preventDefault();
  }

  private choose(part: SizePart, at: number): void {
    this.active = at;
    void this.zoomInto(part);
  }

  private async zoomInto(part: SizePart): Promise<void> {
    if (this.zoomed !== undefined || !canZoom(part) || part.section === undefined) return;
    this.asked.abort();
    this.asked = new AbortController();
    const { signal } = this.asked;
    this.failure = undefined;
    try {
      const { root } = await host.size({ section: part.section, limit: sectionParts }, signal);
      if (signal.aborted) return;
      this.zoomed = root;
      this.active = 0;
    } catch (error) {
      if (!signal.aborted) this.failure = error instanceof Error ? error.message : String(error);
    }
  }

  private zoomOut(): void {
    if (this.zoomed === undefined) return;
    const { section } = this.zoomed;
    this.zoomed = undefined;
    this.active = Math.max(
      this.partsOf(this.report.root).findIndex(part => part.section === section),
      0,
    );
  }

  private setMeasure(measure: Measure): void {
    this.measure = measure;
    this.active = 0;
  }
}

const kindNames = {
  file: 'kindFile',
  headers: 'kindHeaders',
  section: 'kindSection',
  symbol: 'kindSymbol',
  gap: 'kindGap',
  segment: 'kindSegment',
  unmapped: 'kindUnmapped',
  others: 'kindOthers',
} as const satisfies Readonly<Record<SizePartKind, string>>;

function canZoom({ kind, children }: SizePart): boolean {
  return kind === 'section' && children.length > 0;
}

function labelOf(name: string, { x, y, width, height }: Rectangle): SVGTemplateResult | typeof nothing {
  if (width < leastLabelWidth || height < labelHeight) return nothing;
  // Cut off by its own picture, not shortened: what is seen stays the beginning of what is read out.
  return svg`<svg x=${x} y=${y} width=${Math.max(width - 4, 0)} height=${labelHeight} aria-hidden="true"><text x="5" y="13">${name.slice(0, longestLabel)}</text></svg>`;
}

function partName({ name, kind, count }: SizePart): string {
  return kind === 'others' && count !== undefined ? text('otherParts', count) : displayText(name);
}

function partText(part: SizePart, measure: Measure, whole: number): string {
  return `${partName(part)}: ${sizeText(part[measure])}, ${shareText(part[measure], whole)}`;
}

function shareText(bytes: number, whole: number): string {
  return whole === 0 ? '' : `${((100 * bytes) / whole).toFixed(1)} %`;
}

/** As people read sizes: three digits are enough beside the exact ones of the table. */
function sizeText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
