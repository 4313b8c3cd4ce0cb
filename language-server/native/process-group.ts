import { readdirSync, readFileSync } from 'node:fs';

/** Sends a signal to every process of a group. A group that is gone already is what was wanted. */
export function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // ESRCH: nobody left. EPERM: only processes of another user are left, which we may not end.
  }
}

/**
 * Waits until no process of the group runs any more; false where some still do after `patienceMs`. A zombie whose parent
 * does not wait for it counts as gone.
 */
export function groupGone(group: number, patienceMs: number): Promise<boolean> {
  return until(() => !groupRuns(group), patienceMs);
}

function groupRuns(group: number): boolean {
  let permitted = true;
  try {
    process.kill(-group, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
    permitted = false;
  }
  const ids = processIds();
  // Without proc(5) the signal is all that is known.
  return ids === undefined ? permitted : ids.some(pid => isRunningMember(pid, group));
}

function isRunningMember(pid: number, group: number): boolean {
  const { state, pgrp } = processStat(pid);
  return pgrp === group && state !== 'Z' && state !== 'X';
}

export interface Hunt {
  /** `NAME=VALUE` in the environment of all that are hunted. */
  readonly marker: string;
  /** The process that they all descend from. */
  readonly ancestor: number;
  readonly ageMs: number;
  readonly patienceMs: number;
}

/** So many looks in which nobody was found, but somebody died. */
const mostDoubts = 4;

/**
 * Kills the descendants of a run that left its process group with setsid(2), and waits until they are gone; false where some
 * still run after `patienceMs`. They are known by their environment, so one that runs in an emptied environment is missed.
 * Linux only; elsewhere nothing is found.
 */
export function killMarked({ marker, ancestor, ageMs, patienceMs }: Hunt): Promise<boolean> {
  const wanted = `\0${marker}\0`;
  const seenDead = new Set<number>();
  let doubts = 0;
  const oneLess = (): boolean => {
    let isSure = true;
    const marked = possibleDescendants(ancestor, ageMs).filter(pid => {
      const environment = readText(`/proc/${pid}/environ`);
      if (environment === '' && isDead(pid) && !seenDead.has(pid)) {
        // It may have forked after we had listed who is there.
        seenDead.add(pid);
        isSure = false;
      }
      return `\0${environment}`.includes(wanted) && !isDead(pid);
    });
    for (const pid of marked) kill(pid);
    if (marked.length > 0) return false;
    doubts += 1;
    // On a busy machine somebody dies at any time.
    return isSure || doubts > mostDoubts;
  };
  return until(oneLess, patienceMs);
}

/**
 * To read every environment takes milliseconds on a busy machine, as long as a short run itself. Process ids are given in
 * rising order until they wrap, and in a short run they cannot go all the way round: then only higher ids need a look.
 */
function possibleDescendants(ancestor: number, ageMs: number): readonly number[] {
  const ids = processIds() ?? [];
  // proc(5), loadavg: the last field is the id that was given last.
  const lastGiven = Number(readText('/proc/loadavg').trim().split(' ').at(-1));
  return ageMs < 250 && lastGiven >= ancestor ? ids.filter(pid => pid > ancestor) : ids;
}

function isDead(pid: number): boolean {
  const { state } = processStat(pid);
  return state === 'Z' || state === 'X';
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone between the look and the kill.
  }
}

async function until(condition: () => boolean, patienceMs: number): Promise<boolean> {
  const lastMs = performance.now() + patienceMs;
  for (let waitMs = 1; !condition(); waitMs = Math.min(waitMs * 2, 50)) {
    if (performance.now() > lastMs) return false;
    await new Promise(resolve => setTimeout(resolve, waitMs));
  }
  return true;
}

/** proc(5), stat: pid (comm) state ppid pgrp …; comm may itself hold spaces and parentheses. A process that is gone counts as dead. */
function processStat(pid: number): { readonly state: string; readonly pgrp: number } {
  const status = readText(`/proc/${pid}/stat`);
  if (status === '') return { state: 'X', pgrp: 0 };
  const [state = 'X', , pgrp] = status.slice(status.lastIndexOf(')') + 2).split(' ');
  return { state, pgrp: Number(pgrp) };
}

/** Undefined where there is no proc(5). */
function processIds(): readonly number[] | undefined {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return undefined;
  }
}

/** Empty where the process is gone or belongs to somebody else. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
