import { html, LitElement, nothing, type TemplateResult } from 'lit';
import type { CopyFormat, MenuParams, PageTree } from '../../language-server/protocol/dependency-graph.ts';
import type { PageTexts } from '../../language-server/protocol/dependency-graph-texts.ts';
import { displayText } from '../../language-server/protocol/display-text.ts';
import { type PathTarget, pathsTo, waysTo } from '../../language-server/protocol/tree-paths.ts';
import { numberText } from '../page-texts.ts';
import { commandLine } from './command-line.ts';
import { problemsText } from './edge-words.ts';
import { host, storedState, storeState } from './host.ts';
import { PageData, sentenceOf } from './page-data.ts';
import { objectKey, type PageEdge, type PageModel, pathTarget, targetKey } from './page-model.ts';
import { type Fold, type PageState, type Pane, pageStateOf } from './page-state.ts';
import { type DetailsAction, detailsPane } from './panes/details-pane.ts';
import { symbolsPane } from './panes/symbols-pane.ts';
import { conditionsText, whatIfPane } from './panes/what-if-pane.ts';
import type { Camera } from './picture/camera.ts';
import { chooseFold, type DrawnGraph, drawnGraph, groupOf, maximumBoxes } from './picture/drawn-graph.ts';
import type { BoxEvent } from './picture/picture-element.ts';
import { remembered } from './remembered.ts';
import { text } from './texts.ts';
import { toolbar } from './toolbar.ts';
import type { RowEvent } from './tree/tree-grid-element.ts';
import { nodesAbove, rootRowKey, type TreeRow, treeRows } from './tree/tree-rows.ts';

/** More boxes are folded unless the person says otherwise: they would take seconds, and nobody could read them. */
const foldFrom = 400;
const paneTitles = { details: 'details', whatIf: 'whatIf', symbols: 'symbols' } as const satisfies Record<
  Pane,
  keyof PageTexts
>;
/** Paths that are listed; the picture marks all of them. */
const shownPaths = 200;

/** The page of a file's dependencies: one tree, as lines and as a picture. */
export class DependencyGraph extends LitElement {
  static override readonly properties = { pageState: { state: true }, told: { state: true } };
  declare pageState: PageState;
  /** What was done last, for screen readers and for the eye. */
  declare told: string;
  private readonly data = new PageData(this);
  private readonly graphOf = remembered(drawnGraph);
  private readonly foldFor = remembered(chooseFold);
  private readonly rowsOf = remembered(treeRows);
  private readonly waysOf = remembered(waysTo);
  private readonly pathsOf = remembered(pathsTo);

  constructor() {
    super();
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
      target => this.showWhy(target),
      params => this.onMenu(params),
    );
    this.addEventListener('keydown', event => this.onFindKey(event));
    this.addEventListener('row', event => this.onRow(event as RowEvent));
    this.addEventListener('box', event => this.onBox(event as BoxEvent));
    void this.load();
  }

  override render(): TemplateResult | typeof nothing {
    const { content } = this.data;
    switch (content.kind) {
      case 'waiting':
        return nothing;
      case 'loading':
        return html`<div class="full-page" role="status"><vscode-progress-ring aria-hidden="true"></vscode-progress-ring><p>${text('loading')}</p><vscode-button secondary @click=${() => this.data.cancel()}>${text('cancel')}</vscode-button></div>`;
      case 'error':
        return this.renderError(content.message, content.remedy);
      case 'tree':
        return this.renderPage(content.model, content.page, content.notice);
    }
  }

  private renderError(message: string, remedy: string | undefined): TemplateResult {
    return html`
      <div class="full-page">
        <span class="codicon codicon-type-hierarchy-sub" aria-hidden="true"></span>
        <h1>${text('failed')}</h1>
        <p role="alert">${displayText(message)}</p>
        ${remedy === undefined ? nothing : html`<p>${text('remedy')}</p>${commandLine(remedy)}`}
        <div class="buttons">
          <vscode-button @click=${() => void this.load()}>${text('retry')}</vscode-button>
          <vscode-button secondary @click=${() => void host.openOtherwise()}>${text('openOtherwise')}</vscode-button>
        </div>
      </div>
    `;
  }

  private renderPage(model: PageModel, page: PageTree, notice: string | undefined): TemplateResult {
    const state = this.pageState;
    const fold = this.foldOf(model);
    const ways = state.why === null ? null : this.waysOf(model.tree, state.why);
    const { packages } = this.data.packages;
    const { query, onlyProblems, hideSystem, soft } = state;
    const shown = { onlyProblems, hideSystem, soft, ways, packages };
    const rows = this.rowsOf(model, new Set(state.expanded), { ...shown, query });
    const graph = this.graphOf(model, { ...shown, fold, unfolded: new Set(state.unfolded) });
    const selectedRow =
      rows.find(({ key }) => key === state.row)?.key ?? rows.find(({ node }) => node.key === state.selected)?.key ?? '';
    return html`
      ${notice === undefined ? nothing : html`<p class="notice" role="alert"><span class="codicon codicon-warning" aria-hidden="true"></span>${notice}</p>`}
      ${toolbar({
        state,
        fold,
        hasPackages: this.data.packages.manager !== null,
        keep: change => this.keep(change),
        copy: format => void this.copy(format),
        togglePane: pane => this.togglePane(pane),
      })}
      ${this.renderSummary(model, page, graph, fold)}
      <div class="graph-parts ${state.view}">
        ${
          state.view === 'picture'
            ? nothing
            : html`<dependency-tree-grid .model=${model} .rows=${rows} .selected=${selectedRow}></dependency-tree-grid>`
        }
        ${
          state.view === 'tree'
            ? nothing
            : html`<dependency-picture .model=${model} .graph=${graph} .selected=${state.selected} .camera=${state.camera} @camera=${(event: CustomEvent<Camera | null>) => this.store({ camera: event.detail })}></dependency-picture>`
        }
        <aside class="pane" aria-label=${text(paneTitles[state.pane])} tabindex="0">${this.renderPane(model)}</aside>
      </div>
    `;
  }

  private renderSummary(model: PageModel, { cutNeeds }: PageTree, graph: DrawnGraph, fold: Fold): TemplateResult {
    const objects = model.tree.loadOrder.length;
    const { problems } = model.root;
    const { whatIf, fold: chosen, view } = this.pageState;
    const conditions = conditionsText(whatIf);
    const implied = graph.arrows.filter(({ isImplied }) => isImplied).length;
    const isFolded = chosen === null && fold !== 'none';
    return html`
      <div class="graph-summary">
        <h1 title=${displayText(model.root.path ?? '')}>${model.root.label}</h1>
        <span>${objects === 1 ? text('oneObject') : text('objects', objects)}</span>
        <span class=${problems > 0 ? 'bad' : 'quiet'}>${problems > 0 ? html`<span class="codicon codicon-warning" aria-hidden="true"></span> ` : nothing}${problemsText(problems) || text('noProblems')}</span>
        ${conditions === '' ? nothing : html`<span class="conditions">${text('whatIfActive', conditions)}</span>`}
        ${cutNeeds > 0 ? html`<span class="bad">${text('cutNeeds', cutNeeds)}</span>` : nothing}
        ${view !== 'tree' && isFolded ? html`<span class="quiet">${text('foldedBecause', foldFrom, text(fold === 'package' ? 'foldPackage' : 'foldFolder'))}</span>` : nothing}
        ${view !== 'tree' && graph.cut > 0 ? html`<span class="bad">${text('tooManyBoxes', maximumBoxes, numberText(graph.boxes.length + graph.cut))}</span>` : nothing}
        ${view !== 'tree' && implied > 0 ? html`<span class="quiet">${text('impliedArrows', implied)}</span>` : nothing}
        <span class="told" role="status">${this.told}</span>
      </div>
    `;
  }

  private renderPane(model: PageModel): TemplateResult {
    const { pane, whatIf, selected, why } = this.pageState;
    switch (pane) {
      case 'whatIf':
        return whatIfPane({
          whatIf,
          diff: this.data.diff,
          apply: conditions => this.ask({ whatIf: conditions }),
          chooseFolder: host.chooseFolder,
        });
      case 'symbols':
        return symbolsPane(this.data.symbols, commandLine);
      case 'details': {
        const node = model.nodes.get(selected);
        const edge = this.selectedEdge(model);
        return detailsPane({
          model,
          node,
          edge,
          packageName: node === undefined || node.path === null ? undefined : this.data.packages.packages[node.path],
          tried: this.data.candidatesOf(edge),
          paths: why === null || targetKey(why) !== selected ? null : this.pathsOf(model.tree, why, shownPaths),
          act: action => void this.act(model, action),
        });
      }
    }
  }

  private async load(): Promise<void> {
    const why = await this.data.load(this.pageState.whatIf, model => this.adapt(model));
    if (why !== null) this.showWhy(why);
    if (this.pageState.pane === 'symbols') void this.data.loadSymbols(this.pageState.whatIf);
  }

  /** What is kept of an older tree, as far as the new one has it. */
  private adapt({ root, nodes }: PageModel): void {
    const { expanded, selected } = this.pageState;
    this.keep({
      expanded: expanded.length === 0 ? [root.key] : expanded,
      ...(!nodes.has(selected) && { selected: root.key, row: rootRowKey }),
    });
  }

  private foldOf(model: PageModel): Fold {
    const { fold } = this.pageState;
    const { manager, packages } = this.data.packages;
    if (fold === 'package' && manager === null) return 'none';
    return fold ?? this.foldFor(model, packages, foldFrom);
  }

  private selectedEdge(model: PageModel): PageEdge | undefined {
    const { selected, row } = this.pageState;
    const edge = model.edges.get(row);
    return edge?.to === selected ? edge : model.firstEdgeTo.get(selected);
  }

  private onRow({ row, action }: RowEvent): void {
    const { content } = this.data;
    if (content.kind !== 'tree') return;
    const { model } = content;
    const { expanded } = this.pageState;
    switch (action) {
      case 'select':
        this.select(model, row.node.key, row.key);
        return;
      case 'expand':
        this.keep({ expanded: [...expanded, row.node.key], row: row.key, selected: row.node.key });
        return;
      case 'collapse':
        this.keep({
          expanded: expanded.filter(key => key !== row.node.key),
          row: row.key,
          selected: row.node.key,
        });
        return;
      case 'expandAll':
        this.keep({ expanded: [...model.edgesFrom.keys()] });
        return;
      case 'jump':
        this.jump(model, row);
        return;
      case 'open':
        void this.act(model, { kind: 'open' });
        return;
      case 'why':
        void this.act(model, { kind: 'why' });
        return;
    }
  }

  /** The key by which editors are searched. */
  private onFindKey(event: KeyboardEvent): void {
    if (event.key.toLowerCase() !== 'f' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.querySelector<HTMLElement>('.graph-bar .filter')?.focus();
  }

  private onMenu({ key, action }: MenuParams): void {
    const { content } = this.data;
    if (content.kind !== 'tree' || !content.model.nodes.has(key)) return;
    this.select(content.model, key, content.model.firstEdgeTo.get(key)?.key ?? rootRowKey);
    void this.act(content.model, { kind: action });
  }

  private onBox({ box, action }: BoxEvent): void {
    const { content } = this.data;
    if (content.kind !== 'tree') return;
    const { model } = content;
    const [node] = box.nodes;
    if (node === undefined) return;
    if (action === 'fold') {
      this.toggleFold(model, box.key, node.key);
      return;
    }
    this.select(model, node.key, model.firstEdgeTo.get(node.key)?.key ?? rootRowKey);
    if (action !== 'select') void this.act(model, { kind: action });
  }

  /** A folded box opens; a single one goes back into the box of its folder or package. */
  private toggleFold(model: PageModel, box: string, node: string): void {
    const { unfolded } = this.pageState;
    const fold = this.foldOf(model);
    if (box.startsWith('g ')) {
      this.keep({ unfolded: [...unfolded, box], selected: node });
      return;
    }
    const found = model.nodes.get(node);
    const group = found === undefined ? null : groupOf(found, fold, this.data.packages.packages);
    if (group !== null) this.keep({ unfolded: unfolded.filter(key => key !== `g ${group}`) });
  }

  private select(model: PageModel, node: string, row: string): void {
    this.keep({ selected: node, row, ...(this.pageState.pane === 'symbols' && { pane: 'details' }) });
    void this.data.loadCandidates(this.selectedEdge(model), this.pageState.whatIf).catch((error: unknown) => {
      this.told = sentenceOf(error);
    });
  }

  /** To the line where the library is loaded, with all above it open. */
  private jump(model: PageModel, row: TreeRow): void {
    const edge = model.firstEdgeTo.get(row.node.key);
    if (edge === undefined) this.select(model, model.root.key, rootRowKey);
    else this.reveal(model, edge);
  }

  private reveal(model: PageModel, edge: PageEdge): void {
    const expanded = [...new Set([...this.pageState.expanded, ...nodesAbove(model, edge)])];
    this.keep({ expanded });
    this.select(model, edge.to, edge.key);
  }

  private async act(model: PageModel, action: DetailsAction): Promise<void> {
    const node = model.nodes.get(this.pageState.selected);
    if (action.kind === 'select') this.reveal(model, action.edge);
    if (action.kind === 'closeWhy') this.keep({ why: null });
    if (action.kind === 'select' || action.kind === 'closeWhy') return;
    if (node === undefined) return;
    if (action.kind === 'why') {
      const target = pathTarget(node);
      if (target !== null) this.showWhy(target);
      return;
    }
    if (node.path === null) return;
    if (action.kind === 'copyPath') {
      await host.copy(node.path);
      this.told = text('copied');
    } else await host.open(node.path, action.kind === 'open' ? 'inspector' : action.kind);
  }

  private showWhy(target: PathTarget): void {
    const key = targetKey(target);
    const { content } = this.data;
    this.keep({ why: target, pane: 'details', selected: key, query: '', onlyProblems: false, hideSystem: false });
    if (content.kind !== 'tree') return;
    const edge = content.model.firstEdgeTo.get(key);
    this.select(content.model, key, edge?.key ?? (key === objectKey(content.model.tree.root) ? rootRowKey : ''));
  }

  private togglePane(pane: Pane): void {
    const shown = this.pageState.pane === pane ? 'details' : pane;
    this.keep({ pane: shown });
    if (shown === 'symbols') void this.data.loadSymbols(this.pageState.whatIf);
  }

  private async copy(format: CopyFormat): Promise<void> {
    await host.copyTree(this.pageState.whatIf, format);
    this.told = text('copied');
  }

  /** Another question needs another tree. */
  private ask(change: Partial<PageState>): void {
    this.keep(change);
    void this.load();
  }

  private keep(change: Partial<PageState>): void {
    this.pageState = { ...this.pageState, ...change };
    storeState(this.pageState);
  }

  /** Without drawing anew: what changed is on the screen already. */
  private store(change: Partial<PageState>): void {
    const state = { ...this.pageState, ...change };
    storeState(state);
    Object.assign(this.pageState, change);
  }
}
