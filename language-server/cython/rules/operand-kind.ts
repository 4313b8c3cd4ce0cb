import type { Type } from '../binding/model.ts';

/** What an object operand is, as far as a cast of it to a pointer can mean something. */
export type OperandKind =
  | { readonly kind: 'bytes' | 'bytearray' | 'text' | 'memoryview' | 'ndarray' | 'array' }
  /** A list, a dict, a callable, an extension type: nothing that holds an address. */
  | { readonly kind: 'container'; readonly name: string }
  /** Of no known type, and its length is asked for: it holds bytes, not a number. */
  | { readonly kind: 'measured' }
  | { readonly kind: 'type' }
  | { readonly kind: 'none' }
  | { readonly kind: 'any' };

export function operandKind(type: Type): OperandKind {
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
