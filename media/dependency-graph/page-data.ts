import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { TriedCandidate, WhatIf } from '../../language-server/protocol/dependencies.ts';
import type { PageTree } from '../../language-server/protocol/dependency-graph.ts';
import type { FilePackages } from '../../language-server/protocol/file-packages.ts';
import type { TreeDiff } from '../../language-server/protocol/tree-diff.ts';
import type { PathTarget } from '../../language-server/protocol/tree-paths.ts';
import { host } from './host.ts';
import { createPageModel, type PageEdge, type PageModel } from './page-model.ts';
import type { SymbolsState } from './panes/symbols-pane.ts';
import { conditionsText } from './panes/what-if-pane.ts';
import { setTexts, text } from './texts.ts';

export type Content =
  | { readonly kind: 'waiting' | 'loading' }
  | { readonly kind: 'error'; readonly message: string; readonly remedy: string | undefined }
  | { readonly kind: 'tree'; readonly page: PageTree; readonly model: PageModel; readonly notice: string | undefined };

const loadingAfterMs = 300;

/** What the page has asked the extension for: the tree first, the rest once it is there. A newer question ends the older one. */
export class PageData implements ReactiveController {
  content: Content = { kind: 'waiting' };
  packages: FilePackages = { manager: null, packages: {}, problems: [] };
  diff: TreeDiff | 'working' | string | null = null;
  symbols: SymbolsState = 'working';
  private tried: { readonly key: string; readonly list: readonly TriedCandidate[] } | undefined;
  private asked = new AbortController();
  private readonly element: ReactiveControllerHost;

  constructor(element: ReactiveControllerHost) {
    this.element = element;
    element.addController(this);
  }

  hostDisconnected(): void {
    this.asked.abort();
  }

  /**
   * @param onTree is called with a new tree before it is shown.
   * @returns what the person has asked elsewhere.
   */
  async load(whatIf: WhatIf, onTree: (model: PageModel) => void): Promise<PathTarget | null> {
    this.asked.abort();
    this.asked = new AbortController();
    const { signal } = this.asked;
    if (this.content.kind !== 'tree') this.change({ kind: 'waiting' });
    const timer = setTimeout(() => {
      if (this.content.kind === 'waiting') this.change({ kind: 'loading' });
    }, loadingAfterMs);
    try {
      const answer = await host.ready(whatIf, signal);
      if (signal.aborted) return null;
      setTexts(answer.texts);
      if (answer.kind === 'error') {
        this.fail(answer.message, answer.remedy);
        return null;
      }
      const model = createPageModel(answer.page);
      this.tried = undefined;
      onTree(model);
      this.change({ kind: 'tree', page: answer.page, model, notice: undefined });
      void this.loadPackages(answer.page, signal);
      void this.loadDiff(whatIf, signal);
      return answer.why;
    } catch (error) {
      if (!signal.aborted) this.fail(sentenceOf(error));
      return null;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends what is asked for; the page says so, and can ask again. */
  cancel(): void {
    this.asked.abort();
    this.fail(text('cancelled'));
  }

  async loadSymbols(whatIf: WhatIf): Promise<void> {
    const { signal } = this.asked;
    this.symbols = 'working';
    this.element.requestUpdate();
    try {
      const symbols = await host.symbols(whatIf, signal);
      if (!signal.aborted) this.symbols = symbols;
    } catch (error) {
      if (!signal.aborted) this.symbols = { failure: sentenceOf(error) };
    }
    this.element.requestUpdate();
  }

  /** Undefined until they are there. */
  candidatesOf(edge: PageEdge | undefined): readonly TriedCandidate[] | undefined {
    return edge !== undefined && this.tried?.key === edge.key ? this.tried.list : undefined;
  }

  async loadCandidates(edge: PageEdge | undefined, whatIf: WhatIf): Promise<void> {
    if (edge === undefined || this.tried?.key === edge.key) return;
    const { requester, list, index, key } = edge;
    const { tried } = await host.candidates({ whatIf, requester, list, index }, this.asked.signal);
    this.tried = { key, list: tried };
    this.element.requestUpdate();
  }

  private async loadPackages({ tree }: PageTree, signal: AbortSignal): Promise<void> {
    const paths = tree.loadOrder.flatMap(id => tree.objects[id]?.path ?? []);
    try {
      const packages = await host.packages({ paths, sysroot: tree.conditions.sysroot }, signal);
      if (signal.aborted) return;
      this.packages = packages;
      this.element.requestUpdate();
    } catch {
      // The extension has logged it; without packages nothing can be folded by them, which the button says.
    }
  }

  private async loadDiff(whatIf: WhatIf, signal: AbortSignal): Promise<void> {
    const isAsked = conditionsText(whatIf) !== '';
    this.diff = isAsked ? 'working' : null;
    this.element.requestUpdate();
    if (!isAsked) return;
    try {
      const diff = await host.compare(whatIf, signal);
      if (!signal.aborted) this.diff = diff;
    } catch (error) {
      if (!signal.aborted) this.diff = sentenceOf(error);
    }
    this.element.requestUpdate();
  }

  /** A file that a build is writing stays on the screen as it was, with a word about it. */
  private fail(message: string, remedy?: string): void {
    this.change(
      this.content.kind === 'tree'
        ? { ...this.content, notice: text('staleNotice', message) }
        : { kind: 'error', message, remedy },
    );
  }

  private change(content: Content): void {
    this.content = content;
    this.element.requestUpdate();
  }
}

export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
