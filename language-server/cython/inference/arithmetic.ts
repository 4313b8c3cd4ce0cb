import type { Type } from '../binding/model.ts';
import {
  boolean,
  float,
  integer,
  isPythonObject,
  object,
  other,
  pointerTo,
  unknown,
  voidPointer,
} from '../binding/types.ts';

/** The type of `-x`, `~x`, `not x`, `&x`. */
export function unaryType(operator: string, operand: Type): Type {
  if (operator === 'not') return boolean;
  if (operator === '&') return operand.kind === 'unknown' ? voidPointer : pointerTo(operand);
  if (operand.kind === 'integer') return integer;
  return operand.kind === 'object' || operand.kind === 'extension' ? object : operand;
}

/** Concatenation of two of these gives one more. */
const concatenable = new Set(['bytes', 'list', 'tuple', 'unicode']);

/** The type of an arithmetic operation: C on C values, Python where one side is an object. */
export function binaryType(first: Type, second: Type, operator: string): Type {
  if (isPythonObject(first) === null || isPythonObject(second) === null) return unknown;
  if (first.kind === 'object' && second.kind === 'object') {
    return operator === '+' && first.of === second.of && concatenable.has(first.of) ? first : object;
  }
  if (isPythonObject(first) === true || isPythonObject(second) === true) return objectArithmetic(first, second);
  if (isPointer(first) || isPointer(second)) return pointerArithmetic(first, second);
  return numberArithmetic(first, second, operator);
}

function isPointer(type: Type): boolean {
  return type.kind === 'pointer' || type.kind === 'array';
}

function pointerArithmetic(first: Type, second: Type): Type {
  if (isPointer(first) && isPointer(second)) return integer;
  return isPointer(first) ? first : second;
}

function numberArithmetic(first: Type, second: Type, operator: string): Type {
  if (first.kind === 'integer' && second.kind === 'integer') {
    // Integer or not, by directives: a C number either way.
    return operator === '/' || operator === '**' ? other : integer;
  }
  return [first, second].every(({ kind }) => kind === 'integer' || kind === 'float') ? float : unknown;
}

/** C++ operators may take an object and give anything. */
function objectArithmetic(first: Type, second: Type): Type {
  return first.kind === 'record' || second.kind === 'record' ? unknown : object;
}
