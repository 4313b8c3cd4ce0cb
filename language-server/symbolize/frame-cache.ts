import type { CodeFrame } from './addr2line.ts';

/** What addr2line said of addresses, the ones used longest ago forgotten. */
export interface FrameCache {
  get(key: string): readonly CodeFrame[] | undefined;
  set(key: string, frames: readonly CodeFrame[]): void;
}

/** Some megabytes at most: a frame is a name and a path. */
const maximumEntries = 2000;

export function createFrameCache(): FrameCache {
  const entries = new Map<string, readonly CodeFrame[]>();
  return {
    get: key => entries.get(key),
    set(key, frames) {
      entries.delete(key);
      entries.set(key, frames);
      for (const oldest of entries.keys()) {
        if (entries.size <= maximumEntries) break;
        entries.delete(oldest);
      }
    },
  };
}
