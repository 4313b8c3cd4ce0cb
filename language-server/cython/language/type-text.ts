import type { Type } from '../binding/model.ts';

/** A type as a person reads it: `bytes`, `struct node *`, `double[:, :]`. Empty where it is not known. */
export function typeText(type: Type): string {
  switch (type.kind) {
    case 'object':
      return type.of === 'callable' ? 'a Python function' : type.of;
    case 'extension':
      return type.name;
    case 'buffer':
      return `${typeText(type.owner)}[${typeText(type.element)}, ndim=${type.dimensions}]`;
    case 'integer':
      return type.isBool ? 'bint' : 'a C integer';
    case 'float':
      return 'a C floating-point number';
    case 'void':
      return 'void';
    case 'pointer':
      return `${pointedText(type.to)}*`;
    case 'array':
      return `${pointedText(type.of)}[]`;
    case 'record':
      return type.record === 'cppclass' ? type.name : `${type.record} ${type.name}`;
    case 'function':
      return 'a C function';
    case 'memoryview':
      return `${pointedText(type.element)}[${Array.from({ length: type.dimensions }, () => ':').join(', ')}]`;
    case 'fused':
    case 'template':
      return type.name;
    case 'other':
      return 'a C value';
    case 'unknown':
      return '';
  }
}

/** Inside of another type there is no place for a description. */
function pointedText(type: Type): string {
  if (type.kind === 'integer' && !type.isBool) return 'integer ';
  if (type.kind === 'float') return 'floating ';
  if (type.kind === 'function' || type.kind === 'other' || type.kind === 'unknown') return '… ';
  return `${typeText(type)} `;
}
