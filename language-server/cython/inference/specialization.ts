import type { FusedMember, FusedType, Scope, Type } from '../binding/model.ts';
import { resolveType, typeOfDeclaration } from '../binding/resolve-type.ts';
import { mapType } from '../binding/template.ts';
import type { Branch } from '../binding/visit.ts';
import type { Expression } from '../syntax/syntax.ts';
import { dottedName, typeSyntaxOf } from '../syntax/type-expression.ts';

/** One type for each fused type, as the compiler takes them for one copy of a function. */
export type Specialization = ReadonlyMap<FusedType, FusedMember>;

/** More copies than this nobody looks at: the first ones show what there is to show. */
const maximumSpecializations = 24;

const known = new WeakMap<Scope, readonly Specialization[]>();

/**
 * Every specialisation of the function around, over the fused types of its parameters (FusedNode.py: a function is fused by
 * its signature). Empty where it has none.
 */
export function specializationsOf(scope: Scope): readonly Specialization[] {
  const found = known.get(scope);
  if (found !== undefined) return found;
  const fused = new Set<FusedType>();
  for (let at: Scope | null = scope; at !== null; at = at.parent) {
    if (at.kind !== 'function') continue;
    for (const binding of at.bindings.values()) {
      if (binding.parameter === null || binding.declared === null) continue;
      mapType(typeOfDeclaration(binding), part => {
        if (part.kind === 'fused') fused.add(part);
        return null;
      });
    }
  }
  const all = fused.size === 0 ? [] : combinations([...fused]);
  known.set(scope, all);
  return all;
}

function combinations(fused: readonly FusedType[]): readonly Specialization[] {
  let all: readonly ReadonlyMap<FusedType, FusedMember>[] = [new Map()];
  for (const type of fused) {
    all = all
      .flatMap(before => type.members.map(member => new Map([...before, [type, member]])))
      .slice(0, maximumSpecializations);
  }
  return all;
}

export function specialize(type: Type, specialization: Specialization): Type {
  return mapType(type, part => (part.kind === 'fused' ? (specialization.get(part)?.type ?? null) : null));
}

/** `number is double`, for a person. */
export function specializationText(specialization: Specialization): string {
  return [...specialization].map(([fused, { name }]) => `${fused.name} is ${name}`).join(', ');
}

/** Whether a branch is compiled in a specialisation: tests such as `if number is double` are decided by the compiler. */
export function isCompiled(branch: Branch | null, scope: Scope, specialization: Specialization): boolean {
  for (let at = branch; at !== null; at = at.parent) {
    for (const { expression, holds } of at.tests) {
      const value = decide(expression, scope, specialization);
      if (value !== undefined && value !== holds) return false;
    }
  }
  return true;
}

/** A comparison of a fused type with a type, or with several; undefined for all else. */
function decide(expression: Expression, scope: Scope, specialization: Specialization): boolean | undefined {
  if (expression.kind === 'unary' && expression.operator === 'not') {
    const value = decide(expression.operand, scope, specialization);
    return value === undefined ? undefined : !value;
  }
  if (expression.kind !== 'compare' || expression.operators.length !== 1) return undefined;
  const [left, right] = expression.operands;
  const operator = expression.operators[0] ?? '';
  const member = left === undefined ? undefined : memberOf(left, scope, specialization);
  if (member === undefined || right === undefined) return undefined;
  const isIn = operator === 'in' || operator === 'not in';
  const types = isIn && right.kind === 'display' ? right.items : [right];
  const matches = types.some(type => names(type, scope).includes(member.name));
  if (operator === 'is' || operator === '==' || operator === 'in') return matches;
  return operator === 'is not' || operator === '!=' || operator === 'not in' ? !matches : undefined;
}

function memberOf(expression: Expression, scope: Scope, specialization: Specialization): FusedMember | undefined {
  const name = dottedName(expression);
  const binding = name === null || name.includes('.') ? null : scope.lookup(name);
  if (binding?.meaning !== 'type') return undefined;
  const type = typeOfDeclaration(binding);
  return type.kind === 'fused' ? specialization.get(type) : undefined;
}

/** The names of a type: a fused one stands for each of its members. */
function names(expression: Expression, scope: Scope): readonly string[] {
  const syntax = typeSyntaxOf(expression);
  const type = resolveType({ syntax, scope });
  return type.kind === 'fused'
    ? type.members.map(({ name }) => name)
    : [syntax.name + '*'.repeat(syntax.wrappers.length)];
}
