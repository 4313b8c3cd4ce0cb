import { readdirSync, readFileSync } from 'node:fs';

/** Sends a signal to every process of a group. A group that is gone already is what was wanted. */
export function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // ESRCH: nobody left. EPERM: only processes of another user are left, which we may not end.
  }
}

/** Resolves when no process of the group runs any more. A zombie whose parent does not wait for it counts as gone. */
export async function groupGone(group: number): Promise<void> {
  for (let waitMs = 1; groupRuns(group); waitMs = Math.min(waitMs * 2, 50)) {
    await new Promise(resolve => setTimeout(resolve, waitMs));
  }
}

function groupRuns(group: number): boolean {
  try {
    process.kill(-group, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' && runningMembers(group);
  }
  return runningMembers(group);
}

function runningMembers(group: number): boolean {
  return processIds().some(pid => {
    const status = readText(`/proc/${pid}/stat`);
    // proc(5): pid (comm) state ppid pgrp …; comm may itself hold spaces and parentheses.
    const [state, , pgrp] = status.slice(status.lastIndexOf(')') + 2).split(' ');
    return Number(pgrp) === group && state !== 'Z' && state !== 'X';
  });
}

/**
 * Kills every process that carries `NAME=VALUE` in its environment, until none is left: those that left their group with
 * setsid(2). Linux only; elsewhere nothing is found.
 */
export function killMarked(marker: string): void {
  const wanted = `\0${marker}\0`;
  for (let rounds = 0; rounds < 100; rounds += 1) {
    const marked = processIds().filter(
      pid => `\0${readText(`/proc/${pid}/environ`)}`.includes(wanted) && !isZombie(pid),
    );
    if (marked.length === 0) return;
    for (const pid of marked) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Gone between the look and the kill.
      }
    }
  }
}

function isZombie(pid: number): boolean {
  const status = readText(`/proc/${pid}/stat`);
  return status === '' || status.slice(status.lastIndexOf(')') + 2).startsWith('Z');
}

function processIds(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
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
