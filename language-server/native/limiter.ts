/** Lets a fixed number of tasks run at once; the others wait in the order in which they came. */
export interface Limiter {
  /**
   * Resolves to a function that gives the place back, or to null where `signal` was aborted first: then nothing was
   * started, and the task has left the queue.
   */
  acquire(signal?: AbortSignal): Promise<(() => void) | null>;
}

/** @param places Less than one would be a queue that never moves, and counts as one. */
export function createLimiter(places: number): Limiter {
  let free = Math.max(1, Math.floor(places) || 1);
  const queue: (() => void)[] = [];

  const release = (): void => {
    const next = queue.shift();
    if (next === undefined) free += 1;
    else next();
  };
  const releaseOnce = (): (() => void) => {
    let held = true;
    return () => {
      if (held) release();
      held = false;
    };
  };

  return {
    acquire(signal) {
      if (signal?.aborted === true) return Promise.resolve(null);
      if (free > 0) {
        free -= 1;
        return Promise.resolve(releaseOnce());
      }
      return new Promise(resolve => {
        const leave = (): void => {
          queue.splice(queue.indexOf(enter), 1);
          resolve(null);
        };
        const enter = (): void => {
          signal?.removeEventListener('abort', leave);
          resolve(releaseOnce());
        };
        queue.push(enter);
        signal?.addEventListener('abort', leave, { once: true });
      });
    },
  };
}
