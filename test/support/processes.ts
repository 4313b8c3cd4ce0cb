import { readdirSync, readFileSync } from 'node:fs';

/** Ids of all live processes (no zombies) whose command line holds the text. */
export function processesNaming(text: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter(pid => Number.isInteger(pid) && pid !== process.pid)
    .filter(pid => read(`/proc/${pid}/cmdline`).includes(text));
}

/** Waits for a condition, looking every few milliseconds; the test's own time limit is the only clock. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(resolve => setTimeout(resolve, 5));
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
