import type { Argument, Expression } from '../syntax/syntax.ts';
import { dottedName, typeSyntaxOf } from '../syntax/type-expression.ts';
import { compilerName } from './compiler-name.ts';
import { type FusedType, type RecordType, Scope, type Type } from './model.ts';
import { resolveType } from './resolve-type.ts';
import { unknown } from './types.ts';

/**
 * What pure Python mode declares by an assignment: `x = cython.declare(cython.int, 0)`, `Point = cython.struct(x=cython.int)`,
 * `Handle = cython.typedef(cython.p_void)`, `number = cython.fused_type(cython.int, cython.double)`.
 */
export function assignDeclared(name: string, value: Expression, scope: Scope): boolean {
  if (value.kind !== 'call') return false;
  const [first] = value.arguments;
  switch (compilerName(value.callee, scope)) {
    case 'cython.declare':
      if (first !== undefined) declare(name, first.value, scope);
      return true;
    case 'cython.struct':
    case 'cython.union':
      declareType(name, scope, recordOf(name, value.arguments, scope));
      return true;
    case 'cython.typedef':
      declareType(name, scope, () => (first === undefined ? unknown : typeOf(first.value, scope)));
      return true;
    case 'cython.fused_type':
      declareType(name, scope, () => fusedOf(name, value.arguments, scope));
      return true;
    default:
      return false;
  }
}

/** `cython.declare(x=cython.int, p=cython.p_void)`, a statement of its own. */
export function declareByCall(expression: Expression, scope: Scope): void {
  if (expression.kind !== 'call' || compilerName(expression.callee, scope) !== 'cython.declare') return;
  for (const { name, value } of expression.arguments) {
    if (name !== null && name !== '*') declare(name, value, scope);
  }
}

function declare(name: string, type: Expression, scope: Scope): void {
  scope.ownerOf(name).bind(name).declared = { syntax: typeSyntaxOf(type), scope };
}

function declareType(name: string, scope: Scope, type: () => Type): void {
  const binding = scope.bind(name);
  binding.meaning = 'type';
  binding.declared = type;
}

function typeOf(expression: Expression, scope: Scope): Type {
  return resolveType({ syntax: typeSyntaxOf(expression), scope });
}

function recordOf(name: string, fields: readonly Argument[], scope: Scope): () => Type {
  const members = new Scope('record', scope);
  for (const field of fields) {
    if (field.name === null || field.name === '*') continue;
    const member = members.bind(field.name);
    member.origin = 'attribute';
    member.declared = { syntax: typeSyntaxOf(field.value), scope };
  }
  const type: RecordType = { kind: 'record', record: 'struct', name, members };
  return () => type;
}

function fusedOf(name: string, types: readonly Argument[], scope: Scope): FusedType {
  return {
    kind: 'fused',
    name,
    members: types.map(({ value }) => ({ name: dottedName(value) ?? '?', type: typeOf(value, scope) })),
  };
}
