import { displayText } from '../protocol/display-text.ts';
import type { CleanRun } from '../protocol/faults.ts';
import type { Plan } from './plan.ts';
import type { Target } from './target.ts';

export interface NotedFacts {
  readonly target: Target;
  readonly clean: CleanRun;
  readonly plan: Plan;
  /** Whether runs at the same time got in each other's way. */
  readonly interferes: boolean;
  /** Whether the clean run printed more than is kept and compared. */
  readonly truncated: boolean;
  readonly leftOut: number;
  readonly journalIntact: boolean;
}

/** What a person has to know before believing the numbers, a sentence each. */
export function notesOf({
  target,
  clean,
  interferes,
  truncated,
  leftOut,
  journalIntact,
}: NotedFacts): readonly string[] {
  const name = displayText(target.command);
  const advice = target.privateFolder
    ? ''
    : ' If it changes what it reads, give each run a copy of its folder (--private-folder).';
  return [
    ...(clean.stable
      ? []
      : [
          `${name} does not make the same number of allocations in each clean run: n may be another allocation in the next run.${advice}`,
        ]),
    ...(clean.countsEnvironment === true
      ? [
          `${name} makes allocations for each variable of its environment: n means the environment of this sweep, and the commands that reproduce a bug need a shell with the same one.`,
        ]
      : []),
    ...(clean.sameOutput ? [] : [`Clean runs of ${name} print different things: no output is called wrong.${advice}`]),
    ...(interferes
      ? [`Clean runs of ${name} at the same time got in each other's way: its runs go one after the other.`]
      : []),
    ...(truncated ? ['It prints more than 4 MiB: what is beyond that is not compared.'] : []),
    ...(leftOut > 0
      ? [
          `${leftOut} of its ${clean.allocations} allocations are not in the plan: those that are stand at even distances (--max-points).`,
        ]
      : []),
    ...(journalIntact ? [] : ['The journal could not be written to its end: the sweep cannot go on from it later.']),
  ];
}
