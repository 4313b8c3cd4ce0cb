import type { Expression } from '../syntax/syntax.ts';
import { maximumTreeDepth, partsOf } from '../syntax/walk-expression.ts';

/**
 * Calls `mark` for the names whose value takes part in arithmetic that may leave the range of a C integer: Cython then infers a Python
 * object (Cython.Compiler.TypeInference.MarkOverflowingArithmetic, whose node classes these cases are).
 */
export function mightOverflowIn(
  expression: Expression,
  isDangerous: boolean,
  mark: (name: string) => void,
  depth = 0,
): void {
  if (depth > maximumTreeDepth) return;
  if (expression.kind === 'name') {
    if (isDangerous) mark(expression.name);
    return;
  }
  const inner = dangerOf(expression, isDangerous);
  for (const part of partsOf(expression)) mightOverflowIn(part, inner, mark, depth + 1);
}

function dangerOf(expression: Expression, isDangerous: boolean): boolean {
  switch (expression.kind) {
    case 'binary':
      return expression.operators.every(operator => '&|^'.includes(operator)) ? isDangerous : true;
    case 'unary':
      return expression.operator === '-' ? true : isDangerous;
    case 'call':
      return expression.callee.kind === 'name' && expression.callee.name === 'abs' ? true : isDangerous;
    default:
      return false;
  }
}
