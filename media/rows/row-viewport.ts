import { elementScroll, observeElementRect, type VirtualItem, Virtualizer } from '@tanstack/virtual-core';
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { ScaledScroll } from './scaled-scroll.ts';

export interface ViewportOptions {
  readonly grid: () => HTMLElement;
  readonly rowCount: () => number;
  /** Position of the row that is to be on top, as it was kept. */
  readonly topRow: () => number;
  readonly onScrolled: (topRow: number) => void;
}

const overscanRows = 12;
const usualRowHeight = 22;
const usualFontSize = 13;

/** Which rows of a grid are in sight, and how it is scrolled. The header covers the top of the view. */
export class RowViewport implements ReactiveController {
  /** In px. */
  rowHeight = usualRowHeight;
  private readonly host: ReactiveControllerHost;
  private readonly options: ViewportOptions;
  private readonly scroll = new ScaledScroll();
  private virtualizer: Virtualizer<HTMLElement, HTMLElement> | undefined;
  private unmount: (() => void) | undefined;
  private tellOffset: ((offset: number, isScrolling: boolean) => void) | undefined;

  constructor(host: ReactiveControllerHost, options: ViewportOptions) {
    this.host = host;
    this.options = options;
    host.addController(this);
  }

  /** Before the rows are rendered: how many there are may be new. */
  hostUpdate(): void {
    this.virtualizer?.setOptions(this.virtualizerOptions());
  }

  hostUpdated(): void {
    if (this.virtualizer === undefined) this.mount();
    this.virtualizer?._willUpdate();
    this.grid.style.setProperty('--row-height', `${this.rowHeight}px`);
  }

  hostDisconnected(): void {
    this.unmount?.();
    this.unmount = undefined;
    this.virtualizer = undefined;
  }

  /** Rows to be rendered, by their positions. */
  get items(): readonly VirtualItem[] {
    return this.virtualizer?.getVirtualItems() ?? [];
  }

  isRendered(position: number): boolean {
    return this.items.some(item => item.index === position);
  }

  /** Height of the element that holds the rows, in px. */
  get elementHeight(): number {
    return this.scroll.elementHeight;
  }

  /** Where in that element a row stands, in px. */
  offsetOf(position: number): number {
    return this.scroll.elementOffset(position * this.rowHeight);
  }

  /** Whole rows that are in sight. */
  get visibleRows(): number {
    return Math.floor(this.viewHeight / this.rowHeight);
  }

  /** There is another number of rows. */
  resize(): void {
    this.scroll.resize(this.options.rowCount() * this.rowHeight, this.viewHeight);
    // The element must have its new height before it can be scrolled there.
    this.host.requestUpdate();
    void this.host.updateComplete.then(() => this.restore());
  }

  toTop(): void {
    this.moveTo(0);
  }

  /** Scrolls as little as brings the row into sight. */
  reveal(position: number): void {
    const start = position * this.rowHeight;
    const end = start + this.rowHeight;
    if (start < this.scroll.top) this.moveTo(start);
    else if (end > this.scroll.top + this.viewHeight) this.moveTo(end - this.viewHeight);
  }

  scrollSideways(direction: 1 | -1): void {
    this.grid.scrollLeft += direction * 3 * this.rowHeight;
  }

  onScroll(): void {
    if (this.scroll.elementScrolled(this.grid.scrollTop)) this.afterScroll();
  }

  private mount(): void {
    const fontSize = Number.parseFloat(getComputedStyle(document.body).fontSize) || usualFontSize;
    this.rowHeight = Math.round((fontSize * usualRowHeight) / usualFontSize);
    this.virtualizer = new Virtualizer<HTMLElement, HTMLElement>(this.virtualizerOptions());
    this.unmount = this.virtualizer._didMount();
    this.grid.addEventListener('wheel', event => this.onWheel(event), { passive: false });
  }

  private virtualizerOptions(): ConstructorParameters<typeof Virtualizer<HTMLElement, HTMLElement>>[0] {
    return {
      count: this.options.rowCount(),
      estimateSize: () => this.rowHeight,
      overscan: overscanRows,
      getScrollElement: () => this.grid,
      observeElementRect: (instance, tell) =>
        observeElementRect(instance, rect => {
          const height = Math.max(rect.height - this.headerHeight, 0);
          this.scroll.resize(this.options.rowCount() * this.rowHeight, height);
          this.restore();
          tell({ width: rect.width, height });
        }),
      // Scroll positions go through the scaling, both ways.
      observeElementOffset: (_instance, tell) => {
        this.tellOffset = tell;
        tell(this.scroll.top, false);
        return () => {
          this.tellOffset = undefined;
        };
      },
      scrollToFn: (offset, options, instance) => {
        this.scroll.moveTo(offset);
        elementScroll(this.scroll.elementScrollTop, options, instance);
      },
      onChange: () => this.host.requestUpdate(),
    };
  }

  /** Scrolls to the kept row, once there are rows to scroll. */
  private restore(): void {
    if (this.options.rowCount() === 0) return;
    const top = this.options.topRow() * this.rowHeight;
    if (Math.abs(this.scroll.top - top) >= this.rowHeight) this.moveTo(top);
  }

  private moveTo(top: number): void {
    this.scroll.moveTo(top);
    this.grid.scrollTop = this.scroll.elementScrollTop;
    this.afterScroll();
  }

  private afterScroll(): void {
    this.options.onScrolled(Math.round(this.scroll.top / this.rowHeight));
    this.tellOffset?.(this.scroll.top, false);
    this.host.requestUpdate();
  }

  /** In a scaled table the browser's own step would be many rows. */
  private onWheel(event: WheelEvent): void {
    if (!this.scroll.scaled || event.ctrlKey || event.deltaY === 0) return;
    event.preventDefault();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? this.rowHeight : 1;
    this.moveTo(this.scroll.top + event.deltaY * unit);
  }

  private get grid(): HTMLElement {
    return this.options.grid();
  }

  private get viewHeight(): number {
    return Math.max(this.grid.clientHeight - this.headerHeight, 0);
  }

  private get headerHeight(): number {
    return this.grid.querySelector<HTMLElement>('.row.head')?.offsetHeight ?? this.rowHeight;
  }
}
