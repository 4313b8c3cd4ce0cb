import type { Visit } from '../binding/visit.ts';
import { isCompiled, type Specialization, specializationsOf, specializationText } from '../inference/specialization.ts';
import type { Report, Rule, RuleContext } from './rule.ts';

/** Loudest first. */
const levels = ['error', 'warning', 'information', 'hint'] as const;

const contexts = new WeakMap<RuleContext, Map<Specialization, RuleContext>>();

/**
 * What a rule says of an expression. In a function of fused types it is asked for each specialisation that compiles the branch
 * around: the loudest answer counts, and says for which types it holds where it does not hold for all.
 */
export function checkSpecialized({ check }: Rule, visit: Visit, context: RuleContext): Report | null {
  const specializations = specializationsOf(visit.scope).filter(each => isCompiled(visit.branch, visit.scope, each));
  if (specializationsOf(visit.scope).length === 0) return check(visit, context);
  const answers = specializations.map(each => ({ each, report: check(visit, contextOf(context, each)) }));
  for (const level of levels) {
    const loudest = answers.find(({ report }) => report?.severity === level);
    if (loudest === undefined || loudest.report === null) continue;
    const holdsForAll = answers.every(({ report }) => report?.severity === level);
    const { report, each } = loudest;
    return holdsForAll ? report : { ...report, message: `Where ${specializationText(each)}: ${report.message}` };
  }
  return null;
}

function contextOf(context: RuleContext, specialization: Specialization): RuleContext {
  const known = contexts.get(context) ?? new Map<Specialization, RuleContext>();
  contexts.set(context, known);
  const found = known.get(specialization);
  if (found !== undefined) return found;
  const made = { ...context, inference: context.inference.specialized(specialization) };
  known.set(specialization, made);
  return made;
}
