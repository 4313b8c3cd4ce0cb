import type { Expression } from '../syntax/syntax.ts';
import { dottedName } from '../syntax/type-expression.ts';
import type { Scope } from './model.ts';

/** `cython.cfunc` for what names it, by whatever names the file has imported the compiler's module; else the name as written. */
export function compilerName(expression: Expression, scope: Scope): string | null {
  const name = dottedName(expression);
  if (name === null) return null;
  const dot = name.indexOf('.');
  const first = dot < 0 ? name : name.slice(0, dot);
  const full = scope.module.compilerNames.get(first);
  return full === undefined ? name : full + name.slice(first.length);
}
