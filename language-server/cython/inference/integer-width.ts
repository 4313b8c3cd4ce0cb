import type { Scope } from '../binding/model.ts';
import { lookupDotted } from '../binding/resolve-type.ts';
import type { Expression, TypeSyntax } from '../syntax/syntax.ts';

/**
 * How much of an address a C integer type holds: all of it (`address`), half of it on 64-bit Windows (`long`, LLP64), or half of it
 * and less on any 64-bit machine (`narrow`).
 */
export type IntegerWidth = 'narrow' | 'long' | 'address';

/**
 * Null: no integer, a truth value, or one whose size is not known. A `ctypedef` says little of it: within `cdef extern` Cython takes
 * any type of about the right kind, and the C header has the size.
 */
export function integerWidth({ name, wrappers, brackets, isTuple }: TypeSyntax, scope: Scope): IntegerWidth | null {
  if (wrappers.length > 0 || brackets !== 'none' || isTuple) return null;
  const [module, ...rest] = name.split('.');
  const isPure = rest.length > 0 && module === 'cython';
  // Pure Python mode has C's names without blanks: cython.uint, cython.longlong, cython.size_t.
  const plain = isPure ? rest.join('.').replace(/^[su](?=(?:char|short|int|long|longlong)$)/u, '') : name;
  const known = widthByName(plain.split('.').at(-1) ?? '');
  if (known === null || isPure) return known;
  return isOwnType(name, scope) ? null : known;
}

/** The width of the C type that a name is declared with, or that a cast gives. */
export function expressionWidth(expression: Expression, scope: Scope): IntegerWidth | null {
  if (expression.kind === 'cast') return integerWidth(expression.type, scope);
  if (expression.kind !== 'name') return null;
  const declared = scope.lookup(expression.name)?.declared;
  return declared && typeof declared !== 'function' ? integerWidth(declared.syntax, declared.scope) : null;
}

function widthByName(name: string): IntegerWidth | null {
  if (/^(s?size_t|Py_ssize_t|Py_hash_t|ptrdiff_t|u?intptr_t|u?intmax_t|u?int64_t|longlong)$/u.test(name))
    return 'address';
  if (/^(u?int(8|16|32)_t|Py_UCS4|Py_UNICODE)$/u.test(name)) return 'narrow';
  const words = name.split(' ');
  if (!words.every(word => /^(signed|unsigned|char|short|int|long)$/u.test(word))) return null;
  const longs = words.filter(word => word === 'long').length;
  if (longs >= 2) return 'address';
  return longs === 1 ? 'long' : 'narrow';
}

/** A type that the file itself declares under a name of the standard library: it may be anything. */
function isOwnType(name: string, scope: Scope): boolean {
  const binding = lookupDotted(name, scope);
  if (binding === null || binding === 'unknown') return false;
  return (
    binding.declared !== null && typeof binding.declared !== 'function' && !/^u?int(ptr|\d+)_t$/u.test(binding.name)
  );
}
