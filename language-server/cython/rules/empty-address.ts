import type { Scope, Type } from '../binding/model.ts';
import type { Visit } from '../binding/visit.ts';
import { assignedValues } from '../inference/assigned-values.ts';
import type { Expression } from '../syntax/syntax.ts';
import { dottedName } from '../syntax/type-expression.ts';
import { isVector } from './ownership.ts';
import type { Report, RuleContext, RuleFix } from './rule.ts';
import { quoted } from './sentence.ts';

/** `&x[0]` of a memoryview, a buffer or a vector that nothing in the function makes sure to have an element. */
export function checkEmptyAddress(visit: Visit, context: RuleContext): Report | null {
  const { expression, scope, path } = visit;
  if (expression.kind !== 'unary' || expression.operand.kind !== 'subscript') return null;
  const { object, indices } = expression.operand;
  if (!indices.every(isZero)) return null;
  const type = context.inference.typeOf(object, scope);
  const isElement =
    type.kind === 'memoryview' || type.kind === 'buffer' ? indices.length === type.dimensions : isVector(type);
  if (!isElement || hasElements(object, visit, context)) return null;
  // `&x[0] if n else NULL`: a condition stands right beside it.
  for (let at = path; at !== null; at = at.parent) if (at.expression.kind === 'conditional') return null;
  const shown = quoted(object, context.text);
  const address = quoted(expression, context.text);
  return {
    span: expression,
    severity: 'information',
    message: isVector(type)
      ? `${shown} may be empty, and then ${address} is undefined in C++ (an abort where the library checks). Write ${shown}.data(), which is right for an empty vector too.`
      : `${shown} may be empty, and then ${address} raises IndexError; with boundscheck(False) it is an address that nothing may be read from. Ask ${shown}.shape[0] first.`,
    fixes: fixesOf(expression, object, type, context),
    evidence: {
      rule: isVector(type)
        ? 'C++ [vector.capacity], [sequence.reqmts]: a[n] of a vector requires n < size()'
        : 'Cython.Compiler.ExprNodes.MemoryViewIndexNode: each index is checked against the shape',
    },
  };
}

function isZero(index: Expression): boolean {
  return index.kind === 'literal' && index.literal === 'int';
}

/** Something in the function asks for its size, puts elements in, or makes it with a number of them. */
function hasElements(object: Expression, { scope }: Visit, { usage }: RuleContext): boolean {
  const name = dottedName(object);
  // What is behind an attribute of an instance is made sure elsewhere, in the method that sets it.
  if (name === null || name.includes('.')) return true;
  if (usage.isSizeTested(name, scope)) return true;
  if ([...usage.attributesOf(name, scope)].some(each => fillers.test(each))) return true;
  return isMadeFull(name, scope, new Set());
}

const fillers = /^(push_back|emplace_back|resize|assign|insert|emplace|push_front)$/u;

/** `np.empty(5)`, `vector[int](3)`, `[…]` of a view: made with a number of elements that is written down, or of another such one. */
function isMadeFull(name: string, scope: Scope, seen: Set<string>): boolean {
  if (seen.has(name)) return false;
  seen.add(name);
  const binding = scope.lookup(name);
  const values = binding === null ? [] : assignedValues(binding);
  return values.length > 0 && values.every(value => isFull(value, scope, seen));
}

function isFull(value: Expression, scope: Scope, seen: Set<string>): boolean {
  if (value.kind === 'name') return isMadeFull(value.name, scope, seen);
  if (value.kind === 'display') return value.items.length > 0;
  if (value.kind !== 'call') return value.kind === 'cast' && isFull(value.operand, scope, seen);
  return value.arguments.some(({ value: argument }) => isCount(argument) || isFull(argument, scope, seen));
}

/** A number that is written, or a shape of such. */
function isCount(argument: Expression): boolean {
  if (argument.kind === 'literal') return argument.literal === 'int';
  return argument.kind === 'display' && argument.items.length > 0 && argument.items.every(isCount);
}

function fixesOf(address: Expression, object: Expression, type: Type, { text }: RuleContext): readonly RuleFix[] {
  const shown = text.slice(object.start, object.end);
  const { start, end } = address;
  if (isVector(type)) {
    const newText = `${shown}.data()`;
    return [{ title: `Write ${quoted(object, text)}.data()`, edits: [{ start, end, newText }], isPreferred: true }];
  }
  const condition = type.kind === 'memoryview' || type.kind === 'buffer' ? sizeConditions(shown, type.dimensions) : '';
  const newText = `(${text.slice(start, end)} if ${condition} else NULL)`;
  return [
    {
      title: `Write ${quoted({ start: 0, end: newText.length }, newText)}`,
      edits: [{ start, end, newText }],
      isPreferred: false,
    },
  ];
}

function sizeConditions(name: string, dimensions: number): string {
  return Array.from({ length: dimensions }, (_, axis) => `${name}.shape[${axis}]`).join(' and ');
}
