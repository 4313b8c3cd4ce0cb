import type { Evidence, Severity } from '../../protocol/finding.ts';
import type { Scope, Type } from '../binding/model.ts';
import type { Inference } from '../inference/infer.ts';
import type { Usage } from '../inference/usage.ts';
import type { CastExpression } from '../syntax/syntax.ts';
import type { Path } from '../syntax/walk-expression.ts';

/** A cast with all that a rule may ask of it. */
export interface CastSite {
  readonly cast: CastExpression;
  readonly target: Type;
  readonly operand: Type;
  readonly scope: Scope;
  /** The expressions around the cast, nearest first. */
  readonly path: Path | null;
}

export interface RuleContext {
  readonly text: string;
  readonly inference: Inference;
  readonly usage: Usage;
  /** The name under which the file cimports NumPy, null where it does not. */
  readonly numpyName: string | null;
  /** A cast of the file that goes by way of an integer, as it stands there, and its line from 1. */
  readonly example: () => { readonly line: number; readonly text: string } | null;
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
  readonly severity: Severity;
  readonly message: string;
  readonly fixes: readonly RuleFix[];
  readonly evidence: Evidence;
}

/** A rule looks at one cast; null where it has nothing to say. */
export interface Rule {
  readonly id: string;
  readonly code: string;
  /** The highest level that the rule speaks at. */
  readonly severity: Severity;
  /** One sentence for the documentation. */
  readonly documentation: string;
  readonly check: (site: CastSite, context: RuleContext) => Report | null;
}
