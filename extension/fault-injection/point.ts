/** One point of a target's last sweep: what commands, code actions and the picture hand on. */
export interface FaultPoint {
  /** Of the test item. */
  readonly target: string;
  readonly n: number;
}

export function isFaultPoint(value: unknown): value is FaultPoint {
  return (
    typeof value === 'object' &&
    value !== null &&
    'target' in value &&
    typeof value.target === 'string' &&
    'n' in value &&
    typeof value.n === 'number'
  );
}
