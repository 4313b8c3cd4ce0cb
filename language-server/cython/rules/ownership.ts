import type { Binding, Scope, Type } from '../binding/model.ts';
import { assignedValues, hasPlainValues } from '../inference/assigned-values.ts';
import { functionOf, lastName } from '../inference/usage.ts';
import type { Expression, Statement } from '../syntax/syntax.ts';
import { dottedName } from '../syntax/type-expression.ts';
import type { RuleContext } from './rule.ts';

/** Where an assigned pointer goes, as far as it outlives the function. */
export interface Destination {
  readonly target: Expression;
  /** `instance`: an attribute of an extension type; `global`: a module's variable; `struct`: behind a pointer that the function was given. */
  readonly kind: 'instance' | 'global' | 'struct';
}

/** The place beyond the function that an assignment puts its value into; null where there is none, or it is not known. */
export function destinationOf(statement: Statement, scope: Scope, context: RuleContext): Destination | null {
  if (statement.kind !== 'assign' || statement.targets.length !== 1) return null;
  const [target] = statement.targets;
  if (target === undefined) return null;
  const kind = kindOfPlace(target, scope, context);
  return kind === null ? null : { target, kind };
}

function kindOfPlace(target: Expression, scope: Scope, context: RuleContext): Destination['kind'] | null {
  const root = rootOf(target);
  if (root === null) return null;
  const binding = scope.lookup(root.name);
  if (binding === null || binding.meaning !== 'value') return null;
  if (binding.scope.kind === 'module') return functionOf(scope).kind === 'function' ? 'global' : null;
  if (target === root) return null;
  const type = context.inference.typeOfBinding(binding);
  if (type.kind === 'extension') return 'instance';
  const isGiven = binding.parameter !== null && type.kind === 'pointer' && type.to.kind === 'record';
  return isGiven && target.kind === 'attribute' ? 'struct' : null;
}

/** The name that a place begins with: `self` of `self.a.b[0]`. */
function rootOf(place: Expression): (Expression & { readonly kind: 'name' }) | null {
  let at = place;
  while (at.kind === 'attribute' || at.kind === 'subscript') at = at.object;
  return at.kind === 'name' ? at : null;
}

/** How long what a local name holds lives: `made` here and gone with the function, `given` by the caller, null where neither is known. */
export type Lifetime = 'made' | 'given';

/**
 * Whether the function around alone, or its caller, holds on to the object of a name.
 * @param place Where the pointer is put, as it is written.
 */
export function lifetimeOf(
  binding: Binding,
  scope: Scope,
  place: string | null,
  context: RuleContext,
  seen: readonly Binding[] = [],
): Lifetime | null {
  if (binding.scope !== functionOf(scope) || binding.meaning !== 'value') return null;
  if (context.usage.isKept(binding.name, scope, place)) return null;
  if (binding.origin === 'self' || binding.origin === 'starParameter') return null;
  if (!hasPlainValues(binding)) return null;
  const values = assignedValues(binding);
  if (binding.parameter !== null) return values.length === 0 || values.every(isNew) ? 'given' : null;
  if (values.length === 0 || !values.every(value => isNew(value) || isName(value))) return null;
  const sources = values.flatMap(value => (value.kind === 'name' ? [value.name] : []));
  if (sources.length === 0) return 'made';
  if (sources.length > 3) return null;
  const lifetimes = sources.map(name => {
    const source = scope.lookup(name);
    const isFirst = source !== null && source !== binding && !seen.includes(source) && seen.length < 5;
    return isFirst ? lifetimeOf(source, scope, place, context, [...seen, binding]) : null;
  });
  if (lifetimes.includes(null)) return null;
  return lifetimes.includes('given') ? 'given' : 'made';
}

function isName({ kind }: Expression): boolean {
  return kind === 'name';
}

/** A new object that nothing else holds: the result of a method or function that makes one, a sum, a copy. */
function isNew(value: Expression): boolean {
  if (value.kind === 'cast') return isNew(value.operand);
  if (value.kind === 'binary' || value.kind === 'comprehension') return true;
  if (value.kind === 'conditional') return isNew(value.yes) && isNew(value.no);
  return value.kind === 'call' && makers.test(lastName(value.callee));
}

/** Functions and methods that give a new object: of Python, NumPy and the C interface. */
const makers =
  /^(encode|decode|join|format|bytes|bytearray|str|tobytes|copy|astype|to_bytes|replace|strip|ljust|rjust|upper|lower|read|pack|array|zeros|ones|empty|full|arange|linspace|zeros_like|empty_like|ones_like|ascontiguousarray|asfortranarray|fromiter|concatenate|PyBytes_From\w+|PyUnicode_As\w+String|b64decode|b64encode|fsencode)$/u;

/** What an expression points into, when that is a local name or parameter: `b` of `<char*>b`, `&b[0]`, `b.data`, `PyBytes_AS_STRING(b)`. */
export function pointedInto(value: Expression, scope: Scope, context: RuleContext): string | null {
  switch (value.kind) {
    case 'cast':
      return pointedIntoByCast(value, scope, context);
    case 'unary':
      return value.operator === '&' ? elementOf(value.operand, scope, context) : null;
    case 'attribute':
      return dataOf(value, scope, context);
    case 'name':
      return isConverted(value, scope, context) ? value.name : null;
    case 'call':
      return accessors.test(lastName(value.callee)) ? argumentName(value) : null;
    default:
      return null;
  }
}

const accessors =
  /^(PyBytes_AS_STRING|PyBytes_AsString|PyByteArray_AS_STRING|PyByteArray_AsString|PyUnicode_AsUTF8|PyArray_DATA|PyArray_BYTES)$/u;

function argumentName(call: Expression & { readonly kind: 'call' }): string | null {
  const [first] = call.arguments;
  return first?.value.kind === 'name' ? first.value.name : null;
}

/** `<char*>b` converts; of anything else, what it casts points into something itself. */
function pointedIntoByCast(
  cast: Expression & { readonly kind: 'cast' },
  scope: Scope,
  context: RuleContext,
): string | null {
  const target = context.inference.castTarget(cast, scope);
  if (target.kind !== 'pointer') return null;
  const { operand } = cast;
  if (operand.kind === 'name' && isCharacters(target) && isText(context.inference.typeOf(operand, scope))) {
    return operand.name;
  }
  return operand.kind === 'name' ? null : pointedInto(operand, scope, context);
}

/** A bytes object that an assignment turns into a `char*`. */
function isConverted(value: Expression, scope: Scope, { inference }: RuleContext): boolean {
  return isText(inference.typeOf(value, scope));
}

/** Whether a pointer is one to characters, to which objects convert. */
export function isCharacters(type: Type): boolean {
  return type.kind === 'pointer' && type.to.kind === 'integer' && !type.to.isBool;
}

export function isText(type: Type): boolean {
  return type.kind === 'object' && ['bytes', 'bytearray', 'str', 'unicode', 'object'].includes(type.of);
}

/** `buf[0]` of a memoryview, an array of NumPy with a buffer type, a vector; `x` and `x[0]` of a local C variable. */
function elementOf(place: Expression, scope: Scope, { inference }: RuleContext): string | null {
  if (place.kind === 'subscript' && place.object.kind === 'name') {
    const type = inference.typeOf(place.object, scope);
    const holdsElements = ['memoryview', 'buffer', 'array'].includes(type.kind) || isVector(type);
    return holdsElements ? place.object.name : null;
  }
  if (place.kind !== 'name') return null;
  const type = inference.typeOf(place, scope);
  return ['integer', 'float', 'record'].includes(type.kind) ? place.name : null;
}

export function isVector(type: Type): boolean {
  return type.kind === 'record' && type.record === 'cppclass' && /(^|[.:])vector$/u.test(type.name);
}

/** `arr.data` of a typed array, `arr.data.as_doubles` of `array.array`. */
function dataOf(
  value: Expression & { readonly kind: 'attribute' },
  scope: Scope,
  { inference }: RuleContext,
): string | null {
  const name = dottedName(value);
  const [first = '', second, ...rest] = name?.split('.') ?? [];
  if (second !== 'data' || rest.length > 1) return null;
  const binding = scope.lookup(first);
  const type = binding === null ? null : inference.typeOfBinding(binding);
  return type?.kind === 'extension' || type?.kind === 'buffer' ? first : null;
}
