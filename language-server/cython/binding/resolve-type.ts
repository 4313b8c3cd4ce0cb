import type { TypeSyntax } from '../syntax/syntax.ts';
import type { Binding, Scope, Type, TypeReference } from './model.ts';
import { boolean, float, integer, object, objectOf, other, unknown, voidType } from './types.ts';

/** Built-in Python types that Cython knows by name where a type stands (Builtin.builtin_types_table). */
const builtinTypes = new Set(
  (
    'object type bytes bytearray str unicode basestring list tuple dict set frozenset slice complex memoryview bool ' +
    'BaseException Exception'
  ).split(' '),
);

/** The type that is written; `unknown` where a name in it is. */
export function resolveType({ syntax, scope }: TypeReference): Type {
  return wrap(baseType(syntax, scope), syntax.wrappers);
}

function wrap(base: Type, wrappers: TypeSyntax['wrappers']): Type {
  let type = base;
  for (const wrapper of wrappers) {
    if (wrapper === 'pointer') type = { kind: 'pointer', to: type };
    else if (wrapper === 'array') type = { kind: 'array', of: type };
    else if (wrapper === 'function') type = { kind: 'function', result: type };
  }
  return type;
}

function baseType(syntax: TypeSyntax, scope: Scope): Type {
  if (syntax.isTuple) return other;
  if (syntax.name === '') return object;
  const named = syntax.isBasic ? basicType(syntax.name) : namedType(syntax.name, scope);
  if (syntax.brackets === 'none') return named;
  if (syntax.brackets === 'memoryview') return { kind: 'memoryview', element: named, dimensions: syntax.dimensions };
  return bracketedType(named, syntax, scope);
}

/** A buffer (`np.ndarray[double, ndim=2]`), a template (`vector[int]`), or a name that is not known. */
function bracketedType(named: Type, syntax: TypeSyntax, scope: Scope): Type {
  if (named.kind === 'extension') {
    const [element] = syntax.arguments;
    const elementType = element === undefined ? unknown : resolveType({ syntax: element, scope });
    const { dimensions, isContiguous } = syntax;
    return { kind: 'buffer', owner: named, element: elementType, dimensions, isContiguous };
  }
  if (named.kind === 'record' && named.record === 'cppclass') {
    return { ...named, arguments: syntax.arguments.map(each => resolveType({ syntax: each, scope })) };
  }
  // `list[int]` and the like, from Cython 3 on.
  return named;
}

function basicType(name: string): Type {
  if (name === 'void') return voidType;
  if (name === 'bint') return boolean;
  if (name.includes('complex')) return other;
  if (/\b(float|double)\b/u.test(name)) return float;
  return name === 'Py_tss_t' ? other : integer;
}

function namedType(name: string, scope: Scope): Type {
  const binding = lookupDotted(name, scope);
  if (binding === 'unknown') return unknown;
  if (binding === null) return !name.includes('.') && builtinTypes.has(name) ? builtinType(name) : unknown;
  return binding.meaning === 'type' ? typeOfDeclaration(binding) : unknown;
}

function builtinType(name: string): Type {
  return name === 'object' ? object : objectOf(name);
}

/** What a dotted name means: a binding, null for a plain name that no scope has, `unknown` beyond what can be seen. */
export function lookupDotted(name: string, scope: Scope): Binding | null | 'unknown' {
  if (name.includes('[')) return 'unknown';
  const [first = '', ...rest] = name.split('.');
  let binding = scope.lookup(first);
  if (binding === null) return rest.length > 0 || scope.module.isOpen ? 'unknown' : null;
  for (const part of rest) {
    if (binding.module === null) return 'unknown';
    binding = binding.module.lookup(part);
    if (binding === null) return 'unknown';
  }
  return binding.meaning === 'unknown' ? 'unknown' : binding;
}

const resolving = new Set<Binding>();
const resolved = new WeakMap<Binding, Type>();

/** The type that a binding was declared with; `unknown` where it has none or names itself. */
export function typeOfDeclaration(binding: Binding): Type {
  const known = resolved.get(binding);
  if (known !== undefined) return known;
  const { declared } = binding;
  if (declared === null || resolving.has(binding) || resolving.size > 100) return unknown;
  resolving.add(binding);
  try {
    const type = typeof declared === 'function' ? declared() : resolveType(declared);
    resolved.set(binding, type);
    return type;
  } finally {
    resolving.delete(binding);
  }
}
