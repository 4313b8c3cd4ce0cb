import type { Expression } from '../syntax/syntax.ts';
import { dottedName, typeSyntaxOf } from '../syntax/type-expression.ts';
import { compilerName } from './compiler-name.ts';
import type { Scope, Type } from './model.ts';
import { resolveType } from './resolve-type.ts';
import { float, isPythonObject, object, unknown } from './types.ts';

/**
 * The type that an annotation gives a variable (ExprNodes.analyse_type_annotation): `cython.` types and extension types count,
 * `float` is C's double, and all else (`int`, the Python module's `np.ndarray`) leaves a Python object.
 * Null: the variable stays untyped. `unknown`: the annotation's name may be anything.
 */
export function resolveAnnotation(annotation: Expression, scope: Scope): Type | null {
  const name = dottedName(annotation);
  // Cython reads a string as a type of C or Python alike.
  if (annotation.kind === 'literal' && annotation.literal !== 'none') return unknown;
  if (name === null)
    return annotation.kind === 'call' || annotation.kind === 'subscript' ? pureType(annotation, scope) : null;
  if (name === 'float') return float;
  const binding = scope.lookup(name.split('.')[0] ?? name);
  if (binding === null) return scope.module.isOpen ? unknown : builtinAnnotation(name);
  if (binding.meaning === 'value') return null;
  const type = resolveType({ syntax: typeSyntaxOf(annotation), scope });
  if (compilerName(annotation, scope)?.startsWith('cython.') || isPythonObject(type) === null) return type;
  // A C type that is not spelled `cython.…` is taken for a Python annotation, and ignored.
  return isPythonObject(type) === true ? type : unknown;
}

/** `cython.pointer(cython.int)`, `cython.double[:]`; any other subscript (`list[int]`, `Optional[C]`) names an object, or may. */
function pureType(annotation: Expression, scope: Scope): Type | null {
  const head =
    annotation.kind === 'call' ? annotation.callee : annotation.kind === 'subscript' ? annotation.object : null;
  const name = head === null ? null : compilerName(head, scope);
  if (name?.startsWith('cython.')) return resolveType({ syntax: typeSyntaxOf(annotation), scope });
  return annotation.kind === 'call' ? null : unknown;
}

function builtinAnnotation(name: string): Type | null {
  if (['bytes', 'bytearray', 'list', 'dict', 'tuple', 'set', 'frozenset', 'str'].includes(name)) {
    return { kind: 'object', of: name };
  }
  return name === 'object' ? object : null;
}
