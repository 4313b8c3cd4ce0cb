import type { Expression, FunctionStatement, TypeSyntax } from '../syntax/syntax.ts';
import { dottedName, typeSyntaxOf } from '../syntax/type-expression.ts';
import type { ExtensionType, Scope } from './model.ts';

const classTypes = new WeakMap<Scope, ExtensionType>();

/** Remembers the type whose members a scope holds, for {@link ownerOfMethod}. */
export function rememberClass(members: Scope, type: ExtensionType): void {
  classTypes.set(members, type);
}

/** The extension type whose method this is, null for none: its first parameter is typed. */
export function ownerOfMethod({ decorators }: FunctionStatement, scope: Scope): 'class' | ExtensionType | null {
  if (decorators.some(decorator => dottedName(decorator) === 'staticmethod')) return null;
  if (scope.kind === 'class') return 'class';
  if (scope.kind !== 'extension') return null;
  if (decorators.some(decorator => dottedName(decorator) === 'classmethod')) return 'class';
  return classTypes.get(scope) ?? null;
}

/** `@cython.locals(a=cython.int)`. */
export function bindLocals(decorator: Expression, scope: Scope): void {
  if (decorator.kind !== 'call' || dottedName(decorator.callee) !== 'cython.locals') return;
  for (const { name, value } of decorator.arguments) {
    if (name === null || name === '*') continue;
    const syntax: TypeSyntax = typeSyntaxOf(value);
    scope.bind(name).declared = { syntax, scope };
  }
}
