/** How much of all processes together is kept in memory; what is beyond is counted only. */
export interface RecordBudget {
  /** Whether one more may be kept. */
  take(what: Recorded): boolean;
  readonly exceeded: () => boolean;
}

export type Recorded = 'search' | 'candidate' | 'group' | 'error';

export function createRecordBudget(): RecordBudget {
  const left = { search: 50_000, candidate: 500_000, group: 100_000, error: 10_000 };
  return {
    take(what) {
      left[what] -= 1;
      return left[what] >= 0;
    },
    exceeded: () => Object.values(left).some(count => count < 0),
  };
}
