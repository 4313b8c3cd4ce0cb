import type { Scope } from './scope.ts';

/**
 * The type of a value as Cython sees it. `object` is a Python object of a built-in type or of none known; `other` is some C
 * type that is no Python object and of which nothing else matters; `unknown` may be anything, and no rule speaks of it.
 */
export type Type =
  | ObjectType
  | ExtensionType
  | { readonly kind: 'buffer'; readonly owner: Type; readonly element: Type; readonly dimensions: number }
  | { readonly kind: 'integer'; readonly isBool: boolean }
  | { readonly kind: 'float' }
  | { readonly kind: 'void' }
  | { readonly kind: 'pointer'; readonly to: Type }
  | { readonly kind: 'array'; readonly of: Type }
  | RecordType
  | { readonly kind: 'function'; readonly result: Type }
  | { readonly kind: 'memoryview'; readonly element: Type; readonly dimensions: number }
  | { readonly kind: 'other' }
  | { readonly kind: 'unknown' };

export interface ObjectType {
  readonly kind: 'object';
  /** The built-in type (`bytes`, `dict`), `type` and `callable` for what is one, `object` where it may be any. */
  readonly of: string;
}

export interface ExtensionType {
  readonly kind: 'extension';
  readonly name: string;
  /** Attributes and methods; null where they are not known. */
  readonly members: Scope | null;
  readonly base: () => Type | null;
}

export interface RecordType {
  readonly kind: 'record';
  readonly record: 'struct' | 'union' | 'cppclass';
  readonly name: string;
  readonly members: Scope | null;
}

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
  if (type.kind === 'unknown') return null;
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
