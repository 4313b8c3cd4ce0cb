import type { Type } from '../binding/model.ts';
import type { Expression } from '../syntax/syntax.ts';

/** What an object operand is, as far as a cast of it to a pointer can mean something. */
export type OperandKind =
  | { readonly kind: 'bytes' | 'bytearray' | 'text' | 'memoryview' | 'ndarray' | 'array' }
  /** A list, a dict, a callable, an extension type: nothing that holds an address. */
  | { readonly kind: 'container'; readonly name: string }
  /** `.data` of something untyped: of an array it is a memoryview, and never a number. */
  | { readonly kind: 'data' }
  /** Of no known type, and its length is asked for: it holds bytes, not a number. */
  | { readonly kind: 'measured' }
  | { readonly kind: 'type' }
  | { readonly kind: 'none' }
  | { readonly kind: 'any' };

export function operandKind(operand: Expression, type: Type): OperandKind {
  const kind = kindOfType(type);
  return kind.kind === 'any' && operand.kind === 'attribute' && operand.name === 'data' && !isCtypes(operand.object)
    ? { kind: 'data' }
    : kind;
}

/** `x.ctypes.data` is the number. */
function isCtypes(expression: Expression): boolean {
  return expression.kind === 'attribute' && expression.name === 'ctypes';
}

function kindOfType(type: Type): OperandKind {
  if (type.kind === 'extension' || type.kind === 'buffer') {
    const owner = type.kind === 'buffer' ? type.owner : type;
    const name = owner.kind === 'extension' ? owner.name : '';
    if (name === 'numpy.ndarray') return { kind: 'ndarray' };
    if (name === 'array.array') return { kind: 'array' };
    return { kind: 'container', name };
  }
  if (type.kind !== 'object') return { kind: 'any' };
  switch (type.of) {
    case 'bytes':
    case 'bytearray':
    case 'memoryview':
      return { kind: type.of };
    case 'str':
    case 'unicode':
    case 'basestring':
      return { kind: 'text' };
    case 'object':
      return { kind: 'any' };
    case 'None':
      return { kind: 'none' };
    case 'type':
      return { kind: 'type' };
    default:
      return { kind: 'container', name: type.of };
  }
}
