import type { FaultSweep } from '../../language-server/protocol/faults.ts';

/** All of a sweep that does not depend on how long things took, and on whether a run was a copy of another. */
export function essenceOf({ runs, clean, plan, ...rest }: FaultSweep): unknown {
  const { durationMs: _clean, ...facts } = clean;
  const { snapshot: _snapshot, ...planned } = plan;
  return {
    ...rest,
    clean: facts,
    plan: planned,
    runs: runs.map(({ durationMs: _run, askedAtUs: _asked, ...run }) => run),
  };
}
