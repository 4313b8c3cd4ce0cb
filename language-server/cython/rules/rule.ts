import type { Evidence, Severity } from '../../protocol/finding.ts';
import type { Scope, Type } from '../binding/model.ts';
import type { Visit } from '../binding/visit.ts';
import type { Inference } from '../inference/infer.ts';
import type { Usage } from '../inference/usage.ts';
import type { CastExpression, Span, Statement } from '../syntax/syntax.ts';
import type { Path } from '../syntax/walk-expression.ts';

/** A cast with all that a rule may ask of it. */
export interface CastSite {
  readonly cast: CastExpression;
  readonly target: Type;
  readonly operand: Type;
  readonly scope: Scope;
  /** The expressions around the cast, nearest first. */
  readonly path: Path | null;
  readonly statement: Statement;
}

export interface RuleContext {
  readonly text: string;
  readonly inference: Inference;
  readonly usage: Usage;
  readonly module: Scope;
  /** The name under which the file cimports NumPy, null where it does not. */
  readonly numpyName: string | null;
  /** All that was kept of the file, to look for what a site has beside it. */
  readonly visits: readonly Visit[];
  /** The line of an offset, from 1. */
  readonly lineOf: (offset: number) => number;
}

export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly newText: string;
}

export interface RuleFix {
  readonly title: string;
  readonly edits: readonly TextEdit[];
  readonly isPreferred: boolean;
}

export interface Report {
  /** What is underlined. */
  readonly span: Span;
  readonly severity: Severity;
  readonly message: string;
  readonly fixes: readonly RuleFix[];
  readonly evidence: Evidence;
}

/** A rule looks at one expression; null where it has nothing to say. */
export interface Rule {
  readonly id: string;
  readonly code: string;
  /** The highest level that the rule speaks at. */
  readonly severity: Severity;
  /** One sentence for the documentation. */
  readonly documentation: string;
  /** Whether the rule may have something to say of the expression, by its looks alone: nothing else is kept till all names are known. */
  readonly concerns: (visit: Visit) => boolean;
  readonly check: (visit: Visit, context: RuleContext) => Report | null;
}

/** The cast of a visit with its types; null where the expression is none. */
export function castSite({ expression, scope, path, statement }: Visit, { inference }: RuleContext): CastSite | null {
  if (expression.kind !== 'cast') return null;
  const target = inference.castTarget(expression, scope);
  return { cast: expression, target, operand: inference.typeOf(expression.operand, scope), scope, path, statement };
}

/** A check of casts as a check of expressions; it underlines the cast. */
export function onCasts(
  check: (site: CastSite, context: RuleContext) => Omit<Report, 'span'> | null,
): Pick<Rule, 'concerns' | 'check'> {
  return {
    concerns: ({ expression }) => expression.kind === 'cast',
    check: (visit, context) => {
      const site = castSite(visit, context);
      const report = site === null ? null : check(site, context);
      return report === null || site === null ? null : { ...report, span: site.cast.bare };
    },
  };
}
