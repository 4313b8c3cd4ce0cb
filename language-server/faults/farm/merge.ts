import { UserError } from '../../protocol/errors.ts';
import type { FaultGroup, FaultSweep } from '../../protocol/faults.ts';
import { countVerdicts } from '../verdict.ts';

type Part = FaultSweep & { readonly shard: NonNullable<FaultSweep['shard']> };

/**
 * Joins the answers of all parts of one sweep to that of the whole. Errors: invalidParams (they are not all the parts of one
 * sweep, with what is wrong).
 */
export function mergeSweeps(sweeps: readonly FaultSweep[]): FaultSweep {
  const parts = sweeps.filter(isPart).toSorted((a, b) => a.shard.index - b.shard.index);
  if (parts.length < sweeps.length)
    throw wrong('One of them is the answer of a whole sweep: there is nothing to join it to.');
  const [first] = parts;
  if (first === undefined) throw wrong('There is no answer to join.');
  refuseIncomplete(parts, first.shard.count);
  for (const part of parts) refuseOther(first, part);
  const runs = parts.flatMap(part => part.runs).sort((a, b) => a.n - b.n);
  const sum = (count: (part: Part) => number): number => parts.reduce((total, part) => total + count(part), 0);
  return {
    command: first.command,
    clean: {
      ...first.clean,
      stable: parts.every(({ clean }) => clean.stable) && parts.every(part => sameCount(first, part)),
      sameOutput: parts.every(({ clean }) => clean.sameOutput),
      durationMs: Math.max(...parts.map(({ clean }) => clean.durationMs)),
    },
    plan: {
      ...first.plan,
      points: sum(({ plan }) => plan.points),
      firsts: sum(({ plan }) => plan.firsts),
      snapshot: {
        used: sum(({ plan }) => plan.snapshot?.used ?? 0),
        refused: parts.find(({ plan }) => plan.snapshot?.refused)?.plan.snapshot?.refused ?? null,
      },
    },
    verdicts: countVerdicts(runs),
    runs,
    groups: mergeGroups(parts.flatMap(({ groups }) => groups)),
    skipped: parts.flatMap(({ skipped }) => skipped),
    notes: [...new Set(parts.flatMap(({ notes }) => notes))],
    stopped:
      (['failed', 'cancelled', 'budget'] as const).find(reason => parts.some(({ stopped }) => stopped === reason)) ??
      null,
  };
}

function isPart(sweep: FaultSweep): sweep is Part {
  return sweep.shard !== undefined;
}

/** As one sweep would have grouped them: the same bug's points together, told by the run that tells it best. */
function mergeGroups(groups: readonly FaultGroup[]): readonly FaultGroup[] {
  const byId = new Map<string, [FaultGroup, ...FaultGroup[]]>();
  for (const group of groups) {
    const same = byId.get(group.id);
    if (same === undefined) byId.set(group.id, [group]);
    else same.push(group);
  }
  return [...byId.values()].map(joined).sort((a, b) => a.smallestN - b.smallestN);
}

function joined(same: readonly [FaultGroup, ...FaultGroup[]]): FaultGroup {
  const byN = same.toSorted((a, b) => a.smallestN - b.smallestN);
  const byShown = same.toSorted((a, b) => a.shown.n - b.shown.n);
  const shown = byShown.find(group => group.shown.failed === 1) ?? byN[0] ?? same[0];
  const smallest = byN[0] ?? same[0];
  return {
    ...shown,
    known: same.every(({ known }) => known),
    smallestN: smallest.smallestN,
    ns: same.flatMap(({ ns }) => ns).sort((a, b) => a - b),
    reproduce: smallest.reproduce,
  };
}

function refuseIncomplete(parts: readonly Part[], count: number): void {
  const other = parts.find(({ shard }) => shard.count !== count);
  if (other !== undefined) throw wrong(`One is of ${count} parts, and another of ${other.shard.count}.`);
  const seen = parts.map(({ shard }) => shard.index);
  const twice = seen.find((index, place) => seen.indexOf(index) !== place);
  if (twice !== undefined) throw wrong(`Part ${twice}/${count} is there twice.`);
  const missing = Array.from({ length: count }, (_, index) => index + 1).filter(index => !seen.includes(index));
  if (missing.length > 0)
    throw wrong(`There is no answer for part ${missing.map(index => `${index}/${count}`).join(', ')}.`);
}

function refuseOther(first: Part, part: Part): void {
  const which = `${first.shard.index}/${first.shard.count} and ${part.shard.index}/${part.shard.count}`;
  if (JSON.stringify(first.command) !== JSON.stringify(part.command)) {
    throw wrong(`Parts ${which} ran different command lines.`);
  }
  if (first.plan.mode !== part.plan.mode) throw wrong(`Parts ${which} have different modes.`);
  if (first.clean.exitCode !== part.clean.exitCode) {
    throw wrong(
      `The clean runs of parts ${which} ended differently (exit status ${first.clean.exitCode} and ${part.clean.exitCode}).`,
    );
  }
  // A count that changes from run to run is told of in the notes; one that does not has to be the same on every machine.
  if (!sameCount(first, part) && first.clean.stable && part.clean.stable) {
    throw wrong(
      `The program made ${first.clean.allocations} and ${part.clean.allocations} allocations in the clean runs of parts ${which}: the program, its input or its libraries are not the same on both machines.`,
    );
  }
}

function sameCount(first: Part, part: Part): boolean {
  return first.clean.allocations === part.clean.allocations;
}

function wrong(reason: string): UserError {
  return new UserError('invalidParams', `These are not the parts of one sweep. ${reason}`);
}
