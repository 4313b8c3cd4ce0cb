import { freshTableState, type TableState } from '../page-state.ts';

const pauseMs = 250;

/** What the person did to a table, on its way to where it is kept. */
export class KeptState {
  private state = freshTableState;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly store: (state: TableState) => void;

  constructor(store: (state: TableState) => void) {
    this.store = store;
  }

  /** As it was kept. */
  restore(state: TableState): void {
    this.state = state;
  }

  get current(): TableState {
    return this.state;
  }

  change(change: Partial<TableState>): void {
    this.state = { ...this.state, ...change };
    clearTimeout(this.timer);
    this.timer = setTimeout(this.storeNow, pauseMs);
  }

  /** Another editor may take this place as soon as the focus leaves, and then no timer runs any more. */
  connect(): void {
    window.addEventListener('blur', this.storeNow);
    document.addEventListener('visibilitychange', this.storeNow);
  }

  disconnect(): void {
    window.removeEventListener('blur', this.storeNow);
    document.removeEventListener('visibilitychange', this.storeNow);
    this.storeNow();
  }

  private readonly storeNow = (): void => {
    clearTimeout(this.timer);
    this.store(this.state);
  };
}
