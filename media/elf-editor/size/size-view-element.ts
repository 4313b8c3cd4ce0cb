import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { displayText } from '../../../language-server/protocol/display-text.ts';
import type { SizeOfFileParams } from '../../../language-server/protocol/elf-editor.ts';
import type { SizeGrouping, SizePart, SizeReport } from '../../../language-server/protocol/size.ts';
import { numberText } from '../../page-texts.ts';
import { commandLine } from '../command-line.ts';
import { host, storedState } from '../host.ts';
import { findingItem } from '../overview-tab.ts';
import { text } from '../texts.ts';
import { freshSizeState, type SizeState } from './size-state.ts';
import { kindNames, type Measure, partName, shareText, shownParts, sizeText } from './size-text.ts';
import { neighbour } from './squarify.ts';
import { renderTreemap, type Tile, tilesOf } from './treemap.ts';

/** Parts of each part that are asked for of the whole file, and of a section that is looked into. */
const fileParts = 100;
const sectionParts = 500;
/** Before this, showing that something is loading would only flicker. */
const loadingAfterMs = 300;

const groupings = { symbol: 'bySymbol', source: 'bySource', unit: 'byUnit' } as const satisfies Record<
  SizeGrouping,
  string
>;

/** What takes the room: a map of sections and symbols, or of source folders and files, and the same as a table. */
export class ElfSize extends LitElement {
  static override readonly properties = {
    report: { attribute: false },
    shown: { state: true },
    trail: { state: true },
    by: { state: true },
    measure: { state: true },
    active: { state: true },
    width: { state: true },
    failure: { state: true },
    isLoading: { state: true },
  };
  /** Of the whole file, by symbol. */
  declare report: SizeReport;
  /** Of the whole file, by what is chosen. */
  declare shown: SizeReport | undefined;
  /** The parts that are looked into, the outermost first. */
  declare trail: readonly SizePart[];
  declare by: SizeGrouping;
  declare measure: Measure;
  /** Place of the tile that the keys are on. */
  declare active: number;
  declare width: number;
  declare failure: string | undefined;
  declare isLoading: boolean;
  private asked = new AbortController();
  private readonly kept: SizeState = { ...freshSizeState, ...storedState()?.size };
  private readonly sizes = new ResizeObserver(([entry]) => {
    this.width = Math.floor(entry?.contentRect.width ?? 0);
  });

  constructor() {
    super();
    this.by = 'symbol';
    this.measure = this.kept.measure;
    this.trail = [];
    this.active = 0;
    this.width = 0;
    this.isLoading = false;
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
    if (!changed.has('report')) return;
    // At first as it was left; then, another state of the file may have other parts, but is divided by the same.
    const isFirst = changed.get('report') === undefined;
    void this.divideBy(
      isFirst ? this.kept.by : this.by,
      isFirst ? this.kept.trail : this.trail.map(({ name }) => name),
    );
  }

  override render(): TemplateResult {
    const { report } = this;
    return html`
      <h1 class="report-title">${text('takesRoom', sizeText(report.root.fileBytes), sizeText(report.root.memoryBytes))}</h1>
      <div class="size-bar">
        ${this.renderGroupings()}
        ${this.renderMeasures()}
        <span class="quiet">${this.sourceText}</span>
      </div>
      ${this.failure === undefined ? nothing : html`<p class="notice" role="alert"><span class="codicon codicon-error" aria-hidden="true"></span>${displayText(this.failure)}</p>`}
      ${
        this.isLoading
          ? html`<p class="report-loading" role="status"><vscode-progress-ring aria-hidden="true"></vscode-progress-ring>${text('readingDebug')} <button type="button" class="action" @click=${this.cancel}>${text('cancel')}</button></p>`
          : nothing
      }
      ${this.shown === undefined ? nothing : this.renderReport(this.shown)}
    `;
  }

  private renderReport(report: SizeReport): TemplateResult {
    const { sources } = report;
    const current = this.trail.at(-1) ?? report.root;
    const tiles = tilesOf(current, this.measure, this.width);
    const findings = report.findings.filter(({ code }) => code.startsWith('elf/debug-'));
    return html`
      ${
        sources?.kind === 'noDebugInformation'
          ? html`<div class="notice"><span class="codicon codicon-info" aria-hidden="true"></span><div><p>${displayText(sources.message)} ${text('remedy')}</p>${commandLine(sources.remedy)}</div></div>`
          : nothing
      }
      ${this.renderCrumbs()}
      ${renderTreemap({
        tiles,
        width: this.width,
        measure: this.measure,
        active: this.active,
        onKey: event => this.onKey(event, tiles),
        onClick: (part, at) => this.choose(part, at),
      })}
      ${this.renderTable(current)}
      ${findings.length === 0 ? nothing : html`<h2>${text('findings')}</h2><ul class="findings">${findings.map(findingItem)}</ul>`}
      <h2>${text('sameByCommands')}</h2>
      ${report.commands.map(commandLine)}
    `;
  }

  private renderGroupings(): TemplateResult {
    const all = Object.keys(groupings) as readonly SizeGrouping[];
    return html`
      <div class="chips" role="group" aria-label=${text('dividedBy')}>
        ${all.map(
          by => html`
            <button type="button" class="chip" aria-pressed=${by === this.by} title=${text(`${groupings[by]}Hint`)} @click=${() => void this.divideBy(by, [])}>
              ${text(groupings[by])}
            </button>
          `,
        )}
      </div>
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

  private renderCrumbs(): TemplateResult {
    const last = this.trail.length - 1;
    return html`
      <nav class="crumbs" aria-label=${text('whereYouAre')}>
        <button type="button" class="action" ?disabled=${last < 0} @click=${() => this.zoomOut(0)}>${text('wholeFile')}</button>
        ${this.trail.map(
          (part, at) => html`
            <span aria-hidden="true">›</span>
            ${
              at === last
                ? html`<span aria-current="location">${displayText(part.name)}</span>`
                : html`<button type="button" class="action" @click=${() => this.zoomOut(at + 1)}>${displayText(part.name)}</button>`
            }
          `,
        )}
      </nav>
    `;
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
          ${shownParts(shown, this.measure).map(
            part => html`
              <tr>
                <th scope="row">${this.canZoom(part) ? html`<button type="button" class="link" title=${displayText(part.path ?? part.name)} @click=${() => void this.zoomInto(part)}>${partName(part)}</button>` : partName(part)}</th>
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

  private get sourceText(): string {
    const { shown, by } = this;
    if (by !== 'symbol') {
      const sources = shown?.sources;
      return sources?.kind === 'known' && sources.debugFile !== null
        ? text('debugFrom', displayText(sources.debugFile))
        : '';
    }
    const { symbolTable, symbolFile } = this.report;
    if (symbolTable === null) return text('noSymbolsToShow');
    const place = symbolFile === undefined ? '' : ` (${displayText(symbolFile)})`;
    return text('symbolsFrom', `${symbolTable}${place}`);
  }

  /** Shows the file divided by this, and of it the part that these names lead to, as far as they do. */
  private async divideBy(by: SizeGrouping, names: readonly string[]): Promise<void> {
    this.by = by;
    const report = await this.ask(() => (by === 'symbol' ? this.report : this.askReport({ by, limit: fileParts })));
    if (report === undefined) {
      if (this.failure !== undefined) this.showWhatWas();
      return;
    }
    this.shown = report;
    this.trail = [];
    this.active = 0;
    for (const name of names) {
      const part = (this.trail.at(-1) ?? report.root).children.find(child => child.name === name);
      if (part === undefined || !this.canZoom(part) || !(await this.zoomInto(part))) break;
    }
    this.keep();
  }

  private cancel(): void {
    this.asked.abort();
    this.isLoading = false;
    this.showWhatWas();
  }

  /** What was shown before stays, and is what is chosen again. */
  private showWhatWas(): void {
    this.shown ??= this.report;
    this.by = this.shown.by;
  }

  private askReport(params: SizeOfFileParams): Promise<SizeReport> {
    return host.size(params, this.asked.signal);
  }

  /** Undefined: it failed, or another question came up meanwhile. */
  private async ask<T>(question: () => T | Promise<T>): Promise<T | undefined> {
    this.asked.abort();
    this.asked = new AbortController();
    const { signal } = this.asked;
    this.failure = undefined;
    const timer = setTimeout(() => {
      if (!signal.aborted) this.isLoading = true;
    }, loadingAfterMs);
    try {
      const answer = await question();
      return signal.aborted ? undefined : answer;
    } catch (error) {
      if (!signal.aborted) this.failure = error instanceof Error ? error.message : String(error);
      return undefined;
    } finally {
      clearTimeout(timer);
      if (!signal.aborted) this.isLoading = false;
    }
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
    else if (event.key === 'Escape' || event.key === 'Backspace') this.zoomOut(this.trail.length - 1);
    else if (!event.key.startsWith('Arrow')) return;
    event.preventDefault();
  }

  private choose(part: SizePart, at: number): void {
    this.active = at;
    void this.zoomInto(part);
  }

  /** Sections and source files have symbols below them, folders have files; a section or a file within one leads no further. */
  private canZoom({ kind, children, path }: SizePart): boolean {
    if (kind === 'source') return path !== undefined && this.trail.at(-1)?.kind !== 'source';
    return (kind === 'folder' || (kind === 'section' && this.trail.length === 0)) && children.length > 0;
  }

  private async zoomInto(part: SizePart): Promise<boolean> {
    if (!this.canZoom(part)) return false;
    const shown = part.kind === 'folder' ? part : await this.askPart(part);
    if (shown === undefined) return false;
    this.trail = [...this.trail, shown];
    this.active = 0;
    this.keep();
    return true;
  }

  private async askPart({ name, path, section }: SizePart): Promise<SizePart | undefined> {
    const { by } = this;
    const only = path === undefined ? { section: section ?? 0 } : { source: path };
    const report = await this.ask(() => this.askReport({ by, ...only, limit: sectionParts }));
    return report === undefined ? undefined : { ...report.root, name };
  }

  /** Leaves what is deeper than so many parts; the keys are then on the part that was left. */
  private zoomOut(depth: number): void {
    const left = this.trail[depth];
    if (left === undefined || this.shown === undefined) return;
    this.trail = this.trail.slice(0, depth);
    const current = this.trail.at(-1) ?? this.shown.root;
    this.active = Math.max(
      shownParts(current, this.measure).findIndex(part => part.name === left.name && part.kind === left.kind),
      0,
    );
    this.keep();
  }

  private setMeasure(measure: Measure): void {
    this.measure = measure;
    this.active = 0;
    this.keep();
  }

  private keep(): void {
    const { by, measure, trail } = this;
    const detail: SizeState = { by, measure, trail: trail.map(({ name }) => name) };
    this.dispatchEvent(new CustomEvent('size-changed', { detail, bubbles: true }));
  }
}
