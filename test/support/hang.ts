import { expect } from 'vitest';

/**
 * Processor time, not time by the clock, after which work on one small input has hung: hundreds of times what it takes, so that
 * a slow or busy machine fails nothing.
 */
const hangSeconds = 10;

/** Does the work; a test in which it takes as long as no input should make it take fails. */
export function withoutHanging<Result>(work: () => Result): Result {
  const before = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1e6, 'seconds of processor time').toBeLessThan(hangSeconds);
  return result;
}
