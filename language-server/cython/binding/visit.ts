import type { Expression, Statement } from '../syntax/syntax.ts';
import type { Path } from '../syntax/walk-expression.ts';
import type { LoadModule } from './bind-imports.ts';
import type { Constants } from './conditions.ts';
import type { Scope } from './model.ts';

/** An expression as it is met, with what stands around it. */
export interface Visit {
  readonly expression: Expression;
  readonly scope: Scope;
  readonly path: Path | null;
  readonly statement: Statement;
  /** The branches of `if` around, the innermost first. */
  readonly branch: Branch | null;
}

/** A branch of an `if` with what was asked to get there: the tests before it, which do not hold, and its own. */
export interface Branch {
  readonly tests: readonly { readonly expression: Expression; readonly holds: boolean }[];
  readonly parent: Branch | null;
}

export interface BindOptions {
  /** The names of a cimported module; null where it cannot be seen. */
  readonly loadModule: LoadModule;
  /** The statements of an included file; null where it cannot be read. */
  readonly loadInclude: (path: string) => readonly Statement[] | null;
  readonly onExpression?: (visit: Visit) => void;
  /** What is shown of an included file; absent: nothing, since it is told where that file is linted. */
  readonly onIncluded?: (path: string) => BindOptions['onExpression'];
  /** What DEF has defined so far, in files that include one another. */
  readonly constants?: Constants;
}
