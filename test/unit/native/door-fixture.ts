import { afterAll } from 'vitest';
import { createNativeDoor, type DoorOptions } from '../../../language-server/native/create-door.ts';
import type { NativeDoor, ProgramRun, RunOutcome } from '../../../language-server/native/door.ts';

/** A deadline that no test waits for. */
export const longMs = 60_000;

/** A door that trusts and finds tools on PATH where not told otherwise; closed when the test file is done. */
export function openDoor(options: Partial<DoorOptions> = {}): NativeDoor {
  const door = createNativeDoor({ toolPath: () => undefined, isTrusted: () => true, log: () => undefined, ...options });
  afterAll(() => door.close());
  return door;
}

/** Runs a POSIX sh script; `name` is `$0`, by which its processes are found. */
export type RunScript = (script: string, more?: Partial<ProgramRun>, name?: string) => Promise<RunOutcome>;

export function scriptRunner(door: NativeDoor): RunScript {
  return (script, more = {}, name = 'sh') =>
    door.runProgram({ command: '/bin/sh', args: ['-c', script, name], deadlineMs: longMs, ...more });
}

/** The outcome of a run that ended by itself; any other fails the test with what it was. */
export function exited(outcome: RunOutcome): Extract<RunOutcome, { kind: 'exited' }> {
  if (outcome.kind !== 'exited') throw new Error(`Not exited but ${JSON.stringify(outcome)}`);
  return outcome;
}

export function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}

let names = 0;

/** A text that is on no other command line of the machine. */
export function uniqueName(): string {
  names += 1;
  return `bd-test-${process.pid}-${names}-`;
}
