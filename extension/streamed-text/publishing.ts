/** When an editor that shows a growing text is told to look again: it reads all of it each time. */
export interface Publishing {
  /** Whether to tell now, of a text of this size. */
  isDue(sizeBytes: number, nowMs: number): boolean;
  told(sizeBytes: number, nowMs: number): void;
}

const patienceMs = 1000;
const patiencePerMegabyteMs = 500;

/** To show a large text takes seconds, in which more of it comes. */
const largeBytes = 4e6;

/**
 * Told whenever the text has doubled, the editor reads twice its size in all; a large text must have four times the size. A text
 * that comes slowly is shown at least every second, and a second more for each two megabytes.
 * @param atLeastBytes Less than that is not worth showing: as much is shown already.
 */
export function createPublishing(atLeastBytes: number): Publishing {
  let last = { sizeBytes: 0, nowMs: Number.NEGATIVE_INFINITY };
  return {
    isDue(sizeBytes, nowMs) {
      if (sizeBytes <= last.sizeBytes || sizeBytes < atLeastBytes) return false;
      if (sizeBytes >= (last.sizeBytes > largeBytes ? 4 : 2) * last.sizeBytes) return true;
      return nowMs - last.nowMs >= patienceMs + (sizeBytes / 1e6) * patiencePerMegabyteMs;
    },
    told(sizeBytes, nowMs) {
      last = { sizeBytes, nowMs };
    },
  };
}
