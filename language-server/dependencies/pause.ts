import { setImmediate } from 'node:timers/promises';

/**
 * Lets whatever else waits in this process run, where the work at hand has kept it waiting for long; costs next to nothing
 * where it has not. Rejects once the work is cancelled.
 */
export type Pause = () => Promise<void> | undefined;

/** Short beside what a person notices, long beside a pause. */
const workMs = 8;

export function createPause(signal: AbortSignal | undefined): Pause {
  let workedSince = performance.now();
  const take = async (): Promise<void> => {
    await setImmediate();
    signal?.throwIfAborted();
    workedSince = performance.now();
  };
  return () => (performance.now() - workedSince < workMs ? undefined : take());
}
