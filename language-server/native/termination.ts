import { signalGroup } from './process-group.ts';

/** Why we ended a run that had not ended by itself. */
export type EndedBy = 'deadline' | 'cancel' | 'cap' | 'failure';

/** Between SIGTERM and SIGKILL: long enough to remove a temporary file, short enough not to be felt. */
export const graceMs = 500;
/**
 * After SIGKILL. Only processes of another user (setuid programs) and those that wait in the kernel (a dead network drive)
 * outlive it so long; an answer then is better than none.
 */
export const patienceMs = 5000;

/** Ends a process group: asks, then forces, then gives up. */
export interface Termination {
  /** The first reason counts; later ones do nothing. */
  end(by: EndedBy): void;
  endedBy(): EndedBy | undefined;
  /** Resolves when the group had all its time and is not known to be gone. */
  readonly gaveUp: Promise<void>;
  dispose(): void;
}

export function createTermination(group: number): Termination {
  let reason: EndedBy | undefined;
  let timer: NodeJS.Timeout | undefined;
  let giveUp: () => void = () => undefined;
  const gaveUp = new Promise<void>(resolve => {
    giveUp = resolve;
  });
  const force = (): void => {
    signalGroup(group, 'SIGKILL');
    timer = setTimeout(giveUp, patienceMs);
  };
  return {
    end(by) {
      if (reason !== undefined) return;
      reason = by;
      // What prints without end has no temporary file to think of.
      if (by === 'cap') return force();
      signalGroup(group, 'SIGTERM');
      timer = setTimeout(force, graceMs);
    },
    endedBy: () => reason,
    gaveUp,
    dispose: () => clearTimeout(timer),
  };
}
