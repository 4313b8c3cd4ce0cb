/** Between two messages about progress. */
const progressMs = 200;

/** Passes on the first value after each fifth of a second. */
export function throttled<Value>(tell: (value: Value) => void): (value: Value) => void {
  let toldAt = performance.now();
  return value => {
    const now = performance.now();
    if (now - toldAt < progressMs) return;
    toldAt = now;
    tell(value);
  };
}
