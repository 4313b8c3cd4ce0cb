/**
 * Does the work for each item, in their order, at most `width` at once. Resolves when none is under way any more; an abort
 * starts no further ones, and so does a failure, which is the rejection. `stop` is aborted in either case.
 */
export async function runPool<Item>(
  items: readonly Item[],
  width: number,
  signal: AbortSignal,
  work: (item: Item, stop: AbortSignal) => Promise<void>,
): Promise<void> {
  const failed = new AbortController();
  const stop = AbortSignal.any([signal, failed.signal]);
  const failures: unknown[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (;;) {
      const item = items[next];
      if (next >= items.length || item === undefined || stop.aborted) return;
      next += 1;
      try {
        await work(item, stop);
      } catch (error) {
        failures.push(error);
        failed.abort();
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(Math.max(1, width), items.length) }, worker));
  if (failures.length > 0) throw failures[0];
}
