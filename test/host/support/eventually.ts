const deadlineMs = 30_000;
const pauseMs = 50;

/**
 * Waits until `look` finds something: VS Code tells of little that happens in its windows.
 * @throws Error with `what` when it never does.
 */
export async function eventually<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const end = Date.now() + deadlineMs;
  while (Date.now() < end) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await new Promise(resolve => setTimeout(resolve, pauseMs));
  }
  throw new Error(`It never happened: ${what}`);
}
