import type { Scope } from '../binding/model.ts';
import { isPythonObject } from '../binding/types.ts';
import type { Expression } from '../syntax/syntax.ts';
import { maximumTreeDepth } from '../syntax/walk-expression.ts';
import type { Inference } from './infer.ts';

/** Subscripts of these make a new object (IndexNode.is_ephemeral). */
const stringTypes = new Set(['bytes', 'bytearray', 'str', 'unicode', 'basestring']);

/**
 * Whether an object is a temporary of its expression: nothing else is known to hold it, and Cython refuses to cast it to a
 * pointer (ExprNodes.is_ephemeral). Names, and attributes and subscripts of them, are not.
 */
export function isTemporary(expression: Expression, scope: Scope, inference: Inference, depth = 0): boolean {
  if (depth > maximumTreeDepth) return true;
  const isPart = (part: Expression): boolean => isTemporary(part, scope, inference, depth + 1);
  switch (expression.kind) {
    case 'name':
    case 'literal':
      return false;
    case 'attribute':
      return isPart(expression.object);
    case 'subscript': {
      if (expression.indices.some(index => index.kind === 'slice')) return true;
      const base = inference.typeOf(expression.object, scope);
      return (base.kind === 'object' && stringTypes.has(base.of)) || isPart(expression.object);
    }
    case 'cast':
      return isConverted(expression.operand, scope, inference) || isPart(expression.operand);
    case 'conditional':
      return [expression.yes, expression.no].some(part => isConverted(part, scope, inference) || isPart(part));
    case 'walrus':
      return isPart(expression.value);
    default:
      return true;
  }
}

/** A C value that becomes an object on the way is a new one. */
function isConverted(part: Expression, scope: Scope, inference: Inference): boolean {
  return isPythonObject(inference.typeOf(part, scope)) !== true;
}
