/** How much of all processes together is kept in memory; what is beyond is counted only. */
export interface RecordBudget {
  /** Whether one more may be kept. */
  take(what: Recorded): boolean;
  readonly exceeded: () => boolean;
}

export type Recorded = 'search' | 'candidate' | 'group' | 'error';

export function createRecordBudget(): RecordBudget {
  const left = { search: 20_000, candidate: 200_000, group: 50_000, error: 5000 };
  return {
    take(what) {
      left[what] -= 1;
      return left[what] >= 0;
    },
    exceeded: () => Object.values(left).some(count => count < 0),
  };
}
