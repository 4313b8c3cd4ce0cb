/**
 * What changes within the tick of the clock in which it was read has the same times as before (what git calls "racily clean");
 * network file systems tick by the second.
 */
const restMs = 3000;

/** Whether something had been left alone for long enough when it was looked at: a later change shows in its times. */
export function isAtRest(changedMs: number, lookedAtMs: number): boolean {
  return lookedAtMs - changedMs >= restMs;
}

/** The same for a file, by its version (device, inode, size, modification and status change in nanoseconds). */
export function isVersionAtRest(version: string, lookedAtMs: number): boolean {
  const [, , , modifiedNs, changedNs] = version.split(':');
  return isAtRest(Number(modifiedNs) / 1e6, lookedAtMs) && isAtRest(Number(changedNs) / 1e6, lookedAtMs);
}
