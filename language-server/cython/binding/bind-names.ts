import type { Expression } from '../syntax/syntax.ts';
import type { Assignment, Origin, Scope } from './model.ts';
import { integer } from './types.ts';

/** One more value that a name is given; the first says where the name comes from. */
export function addAssignment(name: string, scope: Scope, assignment: Assignment, origin?: Origin): void {
  const owner = scope.ownerOf(name);
  const isNew = !owner.bindings.has(name);
  const binding = owner.bind(name);
  binding.assignments.push(assignment);
  if (isNew && origin !== undefined) binding.origin = origin;
}

/** The names of an assignment target, `a, (b, *c)`. */
export function namesIn(target: Expression): readonly string[] {
  if (target.kind === 'name') return [target.name];
  if (target.kind === 'display') return target.items.flatMap(namesIn);
  return target.kind === 'starred' ? namesIn(target.value) : [];
}

/** An enum's name is a type, and its members are integers of the scope around it. */
export function bindEnum(name: string, members: readonly string[], scope: Scope): void {
  if (name !== '') {
    const binding = scope.bind(name);
    binding.meaning = 'type';
    binding.declared = () => integer;
  }
  for (const member of members) {
    const binding = scope.bind(member);
    binding.declared = () => integer;
    binding.origin = 'definition';
  }
}

/** Start and step of a `range(…)`, which are what the loop's name is given; null for any other iterable. */
export function rangeArguments(iterable: Expression, scope: Scope): readonly Expression[] | null {
  if (iterable.kind !== 'call' || iterable.callee.kind !== 'name') return null;
  const { name } = iterable.callee;
  if (name === 'reversed' && iterable.arguments.length === 1) {
    const [inner] = iterable.arguments;
    return inner === undefined ? null : rangeArguments(inner.value, scope);
  }
  if ((name !== 'range' && name !== 'xrange') || scope.lookup(name) !== null) return null;
  if (iterable.arguments.some(argument => argument.name !== null)) return null;
  return iterable.arguments.map(({ value }) => value);
}
