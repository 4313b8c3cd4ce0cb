import type { Expression, FunctionStatement, Statement, TypeSyntax } from '../syntax/syntax.ts';
import { dottedName, typeSyntaxOf } from '../syntax/type-expression.ts';
import { resolveAnnotation } from './annotation.ts';
import { compilerName } from './compiler-name.ts';
import type { ExtensionType, Scope, Type } from './model.ts';
import { resolveType } from './resolve-type.ts';
import { object, objectOf } from './types.ts';

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
  if (decorator.kind !== 'call' || compilerName(decorator.callee, scope) !== 'cython.locals') return;
  for (const { name, value } of decorator.arguments) {
    if (name === null || name === '*') continue;
    const syntax: TypeSyntax = typeSyntaxOf(value);
    scope.bind(name).declared = { syntax, scope };
  }
}

/** What a `def` that pure Python mode compiles to a C function gives back: `@cython.returns(T)`, an annotation, else an object. */
export function pureResult({ decorators, annotation }: FunctionStatement, scope: Scope): Type {
  for (const decorator of decorators) {
    const [type] = decorator.kind === 'call' ? decorator.arguments : [];
    if (decorator.kind !== 'call' || type === undefined) continue;
    if (compilerName(decorator.callee, scope) === 'cython.returns') {
      return resolveType({ syntax: typeSyntaxOf(type.value), scope });
    }
  }
  return annotation === null ? object : (resolveAnnotation(annotation, scope) ?? object);
}

/** The name of a function: a C one has a type, a Python one is a value that the scope's dictionary holds. */
export function bindFunctionName(statement: FunctionStatement, scope: Scope): void {
  const { name, isC, result, decorators } = statement;
  if (name === '') return;
  const binding = scope.ownerOf(name).bind(name);
  const isProperty = decorators.some(decorator => dottedName(decorator) === 'property');
  if (decorators.some(each => ['cython.cfunc', 'cython.ccall'].includes(compilerName(each, scope) ?? ''))) {
    binding.declared = () => ({ kind: 'function', result: pureResult(statement, scope) });
    binding.origin = 'definition';
  } else if (isC && result !== null) {
    binding.declared = () => ({ kind: 'function', result: resolveType({ syntax: result, scope }) });
    binding.origin = 'definition';
  } else if (!binding.declared) {
    binding.assignments.push({ kind: 'type', type: isProperty ? object : objectOf('callable') });
    if (binding.assignments.length === 1) binding.origin = isProperty ? 'attribute' : 'definition';
  }
}

/** The first statement of a function behind its docstring. */
export function firstOfBody(body: readonly Statement[]): Statement | null {
  return body.find(statement => !isDocstring(statement)) ?? null;
}

function isDocstring(statement: Statement): boolean {
  if (statement.kind !== 'expressions') return false;
  const [only] = statement.expressions;
  return only?.kind === 'literal' && ['str', 'bytes', 'unicode'].includes(only.literal);
}
