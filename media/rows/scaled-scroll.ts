/**
 * Browsers cap the height of an element (Chromium at 2²⁵ px, less after zooming; Firefox at about 17.9 million px): rows
 * beyond are never reached. Above this height the scrollable element is shorter than the rows it stands for, and its scroll
 * position is scaled.
 */
export const maximumHeight = 10_000_000;

/**
 * Maps between the scroll position of an element of at most {@link maximumHeight} and the position among all rows. In a
 * scaled table one pixel of the scroll bar can be many rows, so wheel and keys move the position among the rows by exact
 * steps and the scroll bar follows; only dragging the scroll bar jumps. All values are in px.
 */
export class ScaledScroll {
  private contentHeight = 0;
  private viewHeight = 0;
  private position = 0;
  private elementTop = 0;

  /** @param contentHeight Height of all rows. @param viewHeight Height of what is visible of them. */
  resize(contentHeight: number, viewHeight: number): void {
    this.contentHeight = contentHeight;
    this.viewHeight = viewHeight;
    this.moveTo(this.position);
  }

  /** Height that the element's content is to have. */
  get elementHeight(): number {
    return Math.min(this.contentHeight, maximumHeight);
  }

  get scaled(): boolean {
    return this.contentHeight > maximumHeight;
  }

  /** Top of what is visible, among all rows. */
  get top(): number {
    return this.position;
  }

  /** The scroll position that the element is to have. */
  get elementScrollTop(): number {
    return this.elementTop;
  }

  /** Moves to a position among all rows. */
  moveTo(top: number): void {
    this.position = Math.min(Math.max(top, 0), this.limit);
    // Whole pixels: an element may round what it is given, and that must not count as the person's scrolling.
    this.elementTop = this.scaled ? Math.round(this.position / this.ratio) : this.position;
  }

  /** The element was scrolled, by us or by the person. Returns whether that moved the rows. */
  elementScrolled(scrollTop: number): boolean {
    if (Math.abs(scrollTop - this.elementTop) < 1.5 && this.scaled) return false;
    if (scrollTop === this.elementTop && scrollTop === this.position) return false;
    this.elementTop = scrollTop;
    this.position = Math.min(Math.max(scrollTop * this.ratio, 0), this.limit);
    return true;
  }

  /** Where to put a row that begins at `start` among all rows, within the element's content. */
  elementOffset(start: number): number {
    return start - this.position + this.elementTop;
  }

  private get limit(): number {
    return Math.max(this.contentHeight - this.viewHeight, 0);
  }

  private get ratio(): number {
    const elementLimit = this.elementHeight - this.viewHeight;
    return this.scaled && elementLimit > 0 ? this.limit / elementLimit : 1;
  }
}
