import type { Severity } from '../../protocol/finding.ts';
import type { Binding, Type } from '../binding/model.ts';
import type { Visit } from '../binding/visit.ts';
import type { Expression } from '../syntax/syntax.ts';
import { dottedName } from '../syntax/type-expression.ts';
import {
  type Destination,
  destinationOf,
  isCharacters,
  isText,
  isVector,
  lifetimeOf,
  pointedInto,
} from './ownership.ts';
import type { Report, RuleContext } from './rule.ts';
import { quoted } from './sentence.ts';

/** Whether an expression is all that an assignment has on its right side. */
export function isAssignedValue({ expression, path, statement }: Visit): boolean {
  return path === null && statement.kind === 'assign' && statement.value === expression;
}

/**
 * A pointer into a local or a parameter that is stored where it outlives the function: `self.p = <char*>b`, `table.rows = &view[0]`.
 * The pointer does not hold what it points into.
 */
export function checkKeptPointer(visit: Visit, context: RuleContext): Report | null {
  const { expression, scope, statement } = visit;
  const owner = pointedInto(expression, scope, context);
  if (owner === null) return null;
  const destination = destinationOf(statement, scope, context);
  const binding = scope.lookup(owner);
  if (destination === null || binding === null || !isPlaceOfPointer(destination.target, visit, context)) return null;
  const placeName = dottedName(destination.target);
  if (placeName !== null && context.usage.isReset(placeName, scope)) return null;
  const severity = severityOf(binding, destination, visit, context);
  if (severity === null) return null;
  const place = quoted(destination.target, context.text);
  return {
    span: expression.kind === 'cast' ? expression.bare : expression,
    severity,
    message:
      `${place} outlives this function, and ${describe(binding, destination, visit, context)}: ` +
      `${place} then points to memory that is free, or somebody else's. ${remedy(destination, binding)}`,
    fixes: [],
    evidence: {
      rule: 'Cython language basics, "Caveats when using a Python string in a C context": a pointer keeps no reference',
    },
  };
}

/** A Python object may be stored as one: what is stored has to become a pointer. */
function isPlaceOfPointer(target: Expression, { expression, scope }: Visit, { inference }: RuleContext): boolean {
  const type = inference.typeOf(target, scope);
  if (type.kind === 'unknown') return expression.kind === 'cast' || expression.kind === 'unary';
  // A bytes object is converted to characters only; to any other pointer, Cython refuses it.
  return expression.kind === 'name' ? isCharacters(type) : type.kind === 'pointer';
}

function severityOf(
  binding: Binding,
  { kind, target }: Destination,
  { scope }: Visit,
  context: RuleContext,
): Severity | null {
  const type = context.inference.typeOfBinding(binding);
  if (isOnStack(type)) {
    if (binding.scope.kind !== 'function' || binding.scope !== scope) return null;
    return kind === 'struct' ? 'information' : 'warning';
  }
  const lifetime = lifetimeOf(binding, scope, dottedName(target), context);
  if (lifetime === null) return null;
  return lifetime === 'made' && kind !== 'struct' ? 'warning' : 'information';
}

/** A C variable of the function itself: its memory is gone when the function returns. A reference or pointer may lead elsewhere. */
function isOnStack(type: Type): boolean {
  return (
    ['integer', 'float', 'array'].includes(type.kind) || (type.kind === 'record' && !isVector(type)) || isVector(type)
  );
}

function describe(binding: Binding, { target }: Destination, { scope }: Visit, context: RuleContext): string {
  const { name } = binding;
  const type = context.inference.typeOfBinding(binding);
  if (isOnStack(type)) return `${name} is gone when it returns`;
  const what = isText(type) ? 'the bytes' : 'the elements';
  return lifetimeOf(binding, scope, dottedName(target), context) === 'made'
    ? `${name}, which has ${what}, is made here and gone when it returns`
    : `nothing keeps ${name}, which has ${what}, alive once the caller lets it go`;
}

function remedy({ kind }: Destination, { name }: Binding): string {
  return kind === 'instance'
    ? `Keep a reference beside the pointer (an attribute that holds ${name}), or copy what it points to.`
    : 'Keep a reference for as long as the pointer is used, or copy what it points to.';
}
