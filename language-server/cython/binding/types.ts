import type { ObjectType, Type } from './model.ts';

export const unknown: Type = { kind: 'unknown' };
export const other: Type = { kind: 'other' };
export const object: ObjectType = { kind: 'object', of: 'object' };
export const integer: Type = { kind: 'integer', isBool: false };
export const boolean: Type = { kind: 'integer', isBool: true };
export const float: Type = { kind: 'float' };
export const voidType: Type = { kind: 'void' };
export const voidPointer: Type = pointerTo(voidType);
export const charPointer: Type = pointerTo(integer);

export function objectOf(name: string): ObjectType {
  return { kind: 'object', of: name };
}

export function pointerTo(to: Type): Type {
  return { kind: 'pointer', to };
}

/** Whether a value of the type is a Python object; null where that is not known. */
export function isPythonObject(type: Type): boolean | null {
  if (type.kind === 'unknown' || type.kind === 'template') return null;
  if (type.kind === 'fused') {
    const [first, ...rest] = type.members.map(member => isPythonObject(member.type));
    return rest.every(each => each === first) ? (first ?? null) : null;
  }
  return type.kind === 'object' || type.kind === 'extension' || type.kind === 'buffer';
}

/**
 * One type that holds values of both (PyrexTypes.spanning_type as Cython's inference uses it): an object beside anything is
 * an object, and what is not known stays so.
 */
export function spanning(first: Type, second: Type): Type {
  if (first === second) return first;
  if (first.kind === 'object' && second.kind === 'object') return first.of === second.of ? first : object;
  const firstIsObject = isPythonObject(first);
  const secondIsObject = isPythonObject(second);
  if (firstIsObject === true || secondIsObject === true) return spanningObjects(first, second);
  return firstIsObject === null || secondIsObject === null ? unknown : spanningValues(first, second);
}

function spanningValues(first: Type, second: Type): Type {
  if (first.kind === 'integer' && second.kind === 'integer') return first.isBool === second.isBool ? first : object;
  // A truth value that became a number could not become a Python bool again.
  if (isNumeric(first) && isNumeric(second)) return isBoolean(first) || isBoolean(second) ? object : float;
  if (first.kind === 'pointer' && second.kind === 'pointer') {
    return sameTarget(first.to, second.to) ? first : voidPointer;
  }
  return first.kind === second.kind ? first : unknown;
}

function spanningObjects(first: Type, second: Type): Type {
  if (first.kind === 'extension' && second.kind === 'extension' && first.name === second.name) return first;
  // A float object beside C numbers is C's double.
  if (first.kind === 'object' && first.of === 'float' && isNumeric(second)) return float;
  if (second.kind === 'object' && second.of === 'float' && isNumeric(first)) return float;
  return object;
}

function isNumeric(type: Type): boolean {
  return type.kind === 'integer' || type.kind === 'float';
}

function isBoolean(type: Type): boolean {
  return type.kind === 'integer' && type.isBool;
}

function sameTarget(first: Type, second: Type): boolean {
  return first === second || first.kind === second.kind;
}
