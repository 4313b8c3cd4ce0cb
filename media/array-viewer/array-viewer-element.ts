import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { keyed } from 'lit/directives/keyed.js';
import type { ReadyResult, SumsResult } from '../../language-server/protocol/array-viewer.ts';
import { displayText } from '../../language-server/protocol/display-text.ts';
import type { ArrayFacts, ArrayMember, ArrayStatistics, NumbersDone } from '../../language-server/protocol/numeric.ts';
import { copyableCommand } from '../copyable-command.ts';
import { tabbed } from '../tabs.ts';
import type { LoadTile } from './cell-tiles.ts';
import type { Place } from './grid-keys.ts';
import { host, storedState, storeState } from './host.ts';
import { freshPageState, type PageState, type PartState } from './page-state.ts';
import { statisticsPanel } from './statistics-panel.ts';
import { sumsPanel } from './sums-panel.ts';
import { setTexts, text } from './texts.ts';

type Content =
  | { readonly kind: 'waiting' }
  | {
      readonly kind: 'error';
      readonly message: string;
      readonly remedy: string | undefined;
      readonly members: readonly ArrayMember[];
    }
  | {
      readonly kind: 'array';
      readonly facts: ArrayFacts;
      readonly members: readonly ArrayMember[];
      readonly notice: string | undefined;
    };

/** What is computed of a part, or is on its way. */
type Computed<Result> =
  | { readonly kind: 'computing'; readonly done: number }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'done'; readonly result: Result };

/** The part of an array that the table shows: its size, and where its elements come from. */
interface Shown {
  readonly key: string;
  readonly rows: number;
  readonly columns: number;
  readonly load: LoadTile;
}

/** The whole page: asks what the file holds, shows it in tabs, and keeps what the person did to it. */
export class ArrayViewer extends LitElement {
  static override readonly properties = {
    content: { state: true },
    pageState: { state: true },
    shown: { state: true },
    partError: { state: true },
    statistics: { state: true },
    sums: { state: true },
  };
  declare content: Content;
  declare pageState: PageState;
  declare shown: Shown | undefined;
  /** Why the part cannot be shown; empty: it can. */
  declare partError: string;
  declare statistics: Computed<ArrayStatistics> | undefined;
  declare sums: Computed<SumsResult> | undefined;
  private asked = new AbortController();
  private computing = new AbortController();
  /** Counts the versions of the file, so that the table starts over. */
  private version = 0;

  constructor() {
    super();
    this.content = { kind: 'waiting' };
    this.pageState = storedState() ?? freshPageState;
    this.shown = undefined;
    this.partError = '';
    this.statistics = undefined;
    this.sums = undefined;
  }

  override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    host.listen(
      () => void this.load(),
      progress => this.progressed(progress),
    );
    void this.load();
  }

  override render(): TemplateResult {
    const { content } = this;
    switch (content.kind) {
      case 'waiting':
        return html`<div class="full-page" role="status"><vscode-progress-ring aria-hidden="true"></vscode-progress-ring><p>${text('loading')}</p></div>`;
      case 'error':
        return this.errorPage(content);
      case 'array':
        return this.arrayPage(content.facts, content.members, content.notice);
    }
  }

  private async load(): Promise<void> {
    this.asked.abort();
    this.asked = new AbortController();
    const { signal } = this.asked;
    try {
      const answer = await host.ready(this.pageState.member, signal);
      if (!signal.aborted) this.answered(answer);
    } catch (error) {
      if (!signal.aborted) this.failed(sentence(error), undefined, []);
    }
  }

  private answered(answer: ReadyResult): void {
    setTexts(answer.texts);
    if (answer.kind === 'error') {
      this.failed(answer.message, answer.remedy, answer.members);
      return;
    }
    this.version += 1;
    this.content = { kind: 'array', facts: answer.facts, members: answer.members, notice: undefined };
    this.forgetComputed();
    void this.showPart();
  }

  /** A file that is being written stays on the screen as it was, with a word about it. */
  private failed(message: string, remedy: string | undefined, members: readonly ArrayMember[]): void {
    this.content =
      this.content.kind === 'array' && members.length === 0
        ? { ...this.content, notice: text('staleNotice', message) }
        : { kind: 'error', message, remedy, members };
  }

  private errorPage({ message, remedy, members }: Extract<Content, { readonly kind: 'error' }>): TemplateResult {
    return html`
      ${members.length > 1 ? html`<div class="array-bar">${this.memberChoice(members)}</div>` : nothing}
      <div class="full-page">
        <span class="codicon codicon-symbol-array" aria-hidden="true"></span>
        <h1>${text('failed')}</h1>
        <p role="alert">${displayText(message)}</p>
        ${remedy === undefined ? nothing : html`<p>${text('remedy')}</p><p class="code">${displayText(remedy)}</p>`}
        <div class="buttons">
          <vscode-button @click=${() => void this.load()}>${text('retry')}</vscode-button>
          <vscode-button secondary @click=${() => void host.openOtherwise()}>${text('openOtherwise')}</vscode-button>
        </div>
      </div>
    `;
  }

  private arrayPage(facts: ArrayFacts, members: readonly ArrayMember[], notice: string | undefined): TemplateResult {
    const tabs = (['values', 'statistics', 'sums'] as const).map(id => ({ id, title: text(id), count: undefined }));
    return html`
      ${notice === undefined ? nothing : html`<p class="notice" role="alert"><span class="codicon codicon-warning" aria-hidden="true"></span>${notice}</p>`}
      <div class="array-bar">
        <h1>${displayText(facts.dtype)} <span class="code">(${facts.shape.join(', ')}${facts.shape.length === 1 ? ',' : ''})</span></h1>
        <span class="quiet">${text('elements', facts.elements)}${facts.byteOrder === 'big' ? ', big-endian' : ''}${facts.shape.length > 1 ? `, ${facts.order} order` : ''}</span>
        ${members.length > 1 ? this.memberChoice(members) : nothing}
        ${this.partField(facts)}
      </div>
      ${this.remarks(facts)}
      ${tabbed(tabs, this.pageState.tab, displayText(facts.path), id => this.chooseTab(id as PageState['tab']), this.tab(facts))}
    `;
  }

  private remarks({ notes, findings, evidence }: ArrayFacts): TemplateResult {
    const words = { copyCommand: text('copyCommand'), copied: text('copied') };
    return html`<div class="array-remarks">
      ${findings.map(
        ({ severity, message, code }) =>
          html`<p class="finding ${severity}"><span class="codicon codicon-${severity === 'information' ? 'info' : severity}" role="img" aria-label=${text(severity)}></span> ${displayText(message)} <span class="quiet">${code}</span></p>`,
      )}
      ${notes.map(note => html`<p class="quiet">${displayText(note)}</p>`)}
      ${evidence.command === undefined ? nothing : copyableCommand(evidence.command, words, host.copy)}
    </div>`;
  }

  private memberChoice(members: readonly ArrayMember[]): TemplateResult {
    const choose = (event: Event): void => {
      this.keep({ ...this.pageState, member: (event.target as HTMLSelectElement).value });
      this.content = { kind: 'waiting' };
      void this.load();
    };
    return html`<label class="array-choice">${text('array')}
      <select @change=${choose}>
        ${members.map(
          ({ name, isCompressed }) =>
            html`<option value=${name} ?selected=${name === (this.pageState.member ?? members[0]?.name)}>${isCompressed ? text('compressed', displayText(name)) : displayText(name)}</option>`,
        )}
      </select>
    </label>`;
  }

  private partField(facts: ArrayFacts): TemplateResult {
    const submit = (event: Event): void => {
      event.preventDefault();
      const field = (event.currentTarget as HTMLFormElement).querySelector('input');
      this.keepPart({ slice: field?.value ?? '', row: 0, column: 0 });
      this.forgetComputed();
      void this.showPart();
    };
    return html`<form class="array-choice" @submit=${submit}>
      <label>${text('part')}
        <input
          type="text"
          class="array-part"
          .value=${this.sliceOf(facts)}
          title=${text('partHint')}
          aria-invalid=${this.partError !== ''}
          aria-errormessage="part-error"
          spellcheck="false"
        />
      </label>
    </form>`;
  }

  private tab(facts: ArrayFacts): TemplateResult {
    const error = html`<p class="array-error" id="part-error" role="alert">${displayText(this.partError)}</p>`;
    if (this.partError !== '') return error;
    if (this.pageState.tab === 'values') return this.values(facts);
    const content =
      this.pageState.tab === 'statistics'
        ? this.computed(this.statistics, statisticsPanel)
        : this.computed(this.sums, ({ sum, variance }) => sumsPanel(sum, variance));
    return html`<div class="array-panel" tabindex="0">${content}</div>`;
  }

  private values(facts: ArrayFacts): TemplateResult {
    const { shown } = this;
    if (shown === undefined) return html``;
    const { row, column } = this.partState(facts);
    const onPlace = (event: CustomEvent<Place>): void => this.keepPart({ ...this.partState(facts), ...event.detail });
    const grid = html`<array-grid
      .rows=${shown.rows}
      .columns=${shown.columns}
      .load=${shown.load}
      .label=${text('grid', displayText(facts.member ?? facts.path))}
      .place=${{ row: Math.min(row, Math.max(0, shown.rows - 1)), column: Math.min(column, Math.max(0, shown.columns - 1)) }}
      @place-changed=${onPlace}
      @load-failed=${(event: CustomEvent<string>) => {
        this.partError = event.detail;
      }}
    ></array-grid>`;
    return html`${keyed(shown.key, grid)}`;
  }

  private computed<Result>(
    state: Computed<Result> | undefined,
    show: (result: Result) => TemplateResult,
  ): TemplateResult {
    switch (state?.kind) {
      case 'done':
        return show(state.result);
      case 'failed':
        return html`<p class="array-error" role="alert">${displayText(state.message)}</p>`;
      default:
        return html`<div class="full-page" role="status">
          <vscode-progress-ring aria-hidden="true"></vscode-progress-ring>
          <p>${text('computing')} ${state !== undefined && state.done > 0 ? text('progress', Math.floor(100 * state.done)) : ''}</p>
          <vscode-button secondary @click=${() => this.cancel()}>${text('cancel')}</vscode-button>
        </div>`;
    }
  }

  private chooseTab(tab: PageState['tab']): void {
    this.keep({ ...this.pageState, tab });
    void this.compute();
  }

  /** Of the tab that is shown, unless it is there or on its way. */
  private async compute(): Promise<void> {
    if (this.content.kind !== 'array' || this.partError !== '') return;
    const { facts } = this.content;
    const params = this.params(facts);
    const { signal } = this.computing;
    if (this.pageState.tab === 'statistics' && this.statistics === undefined) {
      this.statistics = { kind: 'computing', done: 0 };
      const outcome = await outcomeOf(host.statistics(params, signal));
      if (!signal.aborted) this.statistics = outcome;
    } else if (this.pageState.tab === 'sums' && this.sums === undefined) {
      this.sums = { kind: 'computing', done: 0 };
      const outcome = await outcomeOf(host.sums(params, signal));
      if (!signal.aborted) this.sums = outcome;
    }
  }

  private progressed({ done, total }: NumbersDone): void {
    if (this.statistics?.kind === 'computing') this.statistics = { kind: 'computing', done: done / Math.max(1, total) };
  }

  private cancel(): void {
    this.computing.abort();
    this.computing = new AbortController();
    const cancelled = { kind: 'failed', message: text('cancelled') } as const;
    if (this.statistics?.kind === 'computing') this.statistics = cancelled;
    if (this.sums?.kind === 'computing') this.sums = cancelled;
  }

  private forgetComputed(): void {
    this.computing.abort();
    this.computing = new AbortController();
    this.statistics = undefined;
    this.sums = undefined;
  }

  /** Asks for the part's shape, and shows its elements. */
  private async showPart(): Promise<void> {
    if (this.content.kind !== 'array') return;
    const { facts } = this.content;
    const { signal } = this.asked;
    const params = this.params(facts);
    try {
      const { shape } = await host.window({ ...params, firstRow: 0, rows: 0, firstColumn: 0, columns: 0 }, signal);
      if (signal.aborted) return;
      this.partError = '';
      this.shown = {
        key: `${this.version} ${JSON.stringify(params)}`,
        rows: shape[0] ?? 1,
        columns: shape.length === 2 ? (shape[1] ?? 1) : 1,
        load: async (tile, tileSignal) => (await host.window({ ...params, ...tile }, tileSignal)).cells,
      };
      void this.compute();
    } catch (error) {
      if (!signal.aborted) this.partError = sentence(error);
    }
  }

  private params(facts: ArrayFacts): { readonly slice: string; readonly member?: string } {
    return { slice: this.sliceOf(facts), ...(facts.member !== null && { member: facts.member }) };
  }

  private partState({ member }: ArrayFacts): PartState {
    return this.pageState.parts[member ?? ''] ?? { slice: '', row: 0, column: 0 };
  }

  /** A table has two axes: of those before them the first index, until the person says otherwise. */
  private sliceOf(facts: ArrayFacts): string {
    const { slice } = this.partState(facts);
    if (slice.trim() !== '') return slice;
    return facts.shape.map((_, axis) => (axis < facts.shape.length - 2 ? '0' : ':')).join(', ');
  }

  private keepPart(part: PartState): void {
    if (this.content.kind !== 'array') return;
    const { member } = this.content.facts;
    this.keep({ ...this.pageState, parts: { ...this.pageState.parts, [member ?? '']: part } });
  }

  private keep(state: PageState): void {
    this.pageState = state;
    storeState(state);
  }
}

async function outcomeOf<Result>(answer: Promise<Result>): Promise<Computed<Result>> {
  try {
    return { kind: 'done', result: await answer };
  } catch (error) {
    return { kind: 'failed', message: sentence(error) };
  }
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
