import type { ReactiveController, ReactiveControllerHost } from 'lit';

/**
 * Text that the person has selected in a grid with the pointer, which is copied instead of rows. VS Code answers Control+A
 * anywhere in a page by selecting all of its text; in a grid that means its rows.
 */
export class TextSelection implements ReactiveController {
  private readonly grid: () => HTMLElement;

  constructor(host: ReactiveControllerHost, grid: () => HTMLElement) {
    this.grid = grid;
    host.addController(this);
  }

  hostConnected(): void {
    document.addEventListener('selectionchange', this.dropOthers);
    document.addEventListener('focusin', this.dropOthers);
  }

  hostDisconnected(): void {
    document.removeEventListener('selectionchange', this.dropOthers);
    document.removeEventListener('focusin', this.dropOthers);
  }

  /** Whether there is some, and all of it in the grid. */
  get hasText(): boolean {
    const selection = getSelection();
    if (selection === null || selection.isCollapsed) return false;
    return this.grid().contains(selection.anchorNode) && this.grid().contains(selection.focusNode);
  }

  /** Also a caret: where one is left in a field, the browser selects the field's text, and moves the focus there. */
  private readonly dropOthers = (): void => {
    const isInGrid = document.activeElement?.matches('.grid') ?? false;
    if (isInGrid && !this.hasText) getSelection()?.removeAllRanges();
  };
}
