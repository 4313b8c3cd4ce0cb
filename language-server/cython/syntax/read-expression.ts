import { type Cursor, SyntaxFailure } from './cursor.ts';
import { numberLiteral } from './literals.ts';
import { acceptComparison, binaryLevels } from './operators.ts';
import { readAbstractType, readBaseType } from './read-type.ts';
import { nameOrWord, readStrings } from './read-word.ts';
import type { Argument, Clause, Expression, Parameter } from './syntax.ts';
import { typeSyntaxOf } from './type-expression.ts';

const reserved = new Set(
  (
    'and as assert break class continue def del elif else except finally for from global if import in is lambda nonlocal ' +
    'not or pass raise return try while with yield cdef cpdef ctypedef cimport include'
  ).split(' '),
);

/** A conditional expression, lambda, or what binds closer (the grammar's `test`). Throws SyntaxFailure. */
export function readExpression(cursor: Cursor): Expression {
  return cursor.nested(() => {
    const { start } = cursor.token;
    if (cursor.at('lambda')) return readLambda(cursor);
    const value = readOr(cursor);
    if (value.kind === 'name' && cursor.accept(':=')) {
      const assigned = readExpression(cursor);
      return { kind: 'walrus', name: value.name, value: assigned, start, end: assigned.end };
    }
    if (!cursor.accept('if')) return value;
    const test = readOr(cursor);
    cursor.expect('else');
    const no = readExpression(cursor);
    return { kind: 'conditional', test, yes: value, no, start, end: no.end };
  });
}

/** What may stand on either side of `=`: expressions with commas between, starred ones and `yield` among them. */
export function readExpressions(cursor: Cursor): Expression {
  const { start } = cursor.token;
  if (cursor.at('yield')) return readYield(cursor);
  const first = readStarred(cursor);
  if (!cursor.at(',')) return first;
  const items = [first];
  while (cursor.accept(',')) {
    if (!beginsExpression(cursor)) break;
    items.push(readStarred(cursor));
  }
  return { kind: 'display', display: 'tuple', items, start, end: cursor.previousEnd };
}

function beginsExpression(cursor: Cursor): boolean {
  const { kind, text } = cursor.token;
  if (kind === 'newline' || kind === 'end') return false;
  if (kind === 'operator') return '([{~+-*&<...'.includes(text);
  return kind !== 'name' || !reserved.has(text) || ['not', 'lambda', 'yield'].includes(text);
}

function readStarred(cursor: Cursor): Expression {
  const { start } = cursor.token;
  if (!cursor.accept('*')) return readExpression(cursor);
  const value = readBinary(cursor, 0);
  return { kind: 'starred', value, start, end: value.end };
}

function readYield(cursor: Cursor): Expression {
  const { start } = cursor.advance();
  cursor.accept('from');
  const value = beginsExpression(cursor) ? readExpressions(cursor) : null;
  return { kind: 'suspend', value, start, end: cursor.previousEnd };
}

function readLambda(cursor: Cursor): Expression {
  const { start } = cursor.advance();
  const parameters: Parameter[] = [];
  while (!cursor.at(':')) {
    const at = cursor.token.start;
    const star = cursor.accept('**') ? '**' : cursor.accept('*') ? '*' : '';
    const name = cursor.token.kind === 'name' ? cursor.expectName() : '';
    const value = cursor.accept('=') ? readExpression(cursor) : null;
    if (name !== '')
      parameters.push({ name, type: null, annotation: null, value, star, start: at, end: cursor.previousEnd });
    if (!cursor.accept(',') && !(cursor.at('/') && cursor.advance())) break;
  }
  cursor.expect(':');
  const body = readExpression(cursor);
  return { kind: 'lambda', parameters, body, start, end: body.end };
}

function readOr(cursor: Cursor): Expression {
  return readLogical(cursor, 'or', () => readLogical(cursor, 'and', () => readNot(cursor)));
}

function readLogical(cursor: Cursor, word: string, readOperand: () => Expression): Expression {
  const first = readOperand();
  if (!cursor.at(word)) return first;
  const operands = [first];
  while (cursor.accept(word)) operands.push(readOperand());
  return { kind: 'logical', operands, start: first.start, end: cursor.previousEnd };
}

function readNot(cursor: Cursor): Expression {
  const { start } = cursor.token;
  if (!cursor.at('not')) return readComparison(cursor);
  cursor.advance();
  const operand = cursor.nested(() => readNot(cursor));
  return { kind: 'unary', operator: 'not', operand, start, end: operand.end };
}

function readComparison(cursor: Cursor): Expression {
  const first = readBinary(cursor, 0);
  const operands = [first];
  const operators: string[] = [];
  for (let operator = acceptComparison(cursor); operator !== null; operator = acceptComparison(cursor)) {
    operators.push(operator);
    operands.push(readBinary(cursor, 0));
  }
  if (operators.length === 0) return first;
  return { kind: 'compare', operators, operands, start: first.start, end: cursor.previousEnd };
}

function readBinary(cursor: Cursor, level: number): Expression {
  const operatorsHere = binaryLevels[level];
  if (operatorsHere === undefined) return readUnary(cursor);
  const first = readBinary(cursor, level + 1);
  const operands = [first];
  const operators: string[] = [];
  while (cursor.token.kind === 'operator' && operatorsHere.includes(cursor.token.text)) {
    operators.push(cursor.advance().text);
    operands.push(readBinary(cursor, level + 1));
  }
  if (operators.length === 0) return first;
  return { kind: 'binary', operators, operands, start: first.start, end: cursor.previousEnd };
}

/** A factor: `-x`, `&x`, `<T>x`, `sizeof(x)`, or a power. `<` here always begins a cast. */
function readUnary(cursor: Cursor): Expression {
  const { token } = cursor;
  if (cursor.at('new') && cursor.peek(1).kind === 'name' && !reserved.has(cursor.peek(1).text)) return readNew(cursor);
  if (token.kind !== 'operator') return readPower(cursor);
  if (token.text === '<') return cursor.nested(() => readCast(cursor));
  if (!['-', '+', '~', '&'].includes(token.text)) return readPower(cursor);
  cursor.advance();
  const operand = cursor.nested(() => readUnary(cursor));
  return { kind: 'unary', operator: token.text, operand, start: token.start, end: operand.end };
}

function readNew(cursor: Cursor): Expression {
  const { start } = cursor.advance();
  const type = readBaseType(cursor);
  cursor.expect('(');
  const args = readArguments(cursor);
  return { kind: 'new', type, arguments: args, start, end: cursor.previousEnd };
}

function readCast(cursor: Cursor): Expression {
  const { start } = cursor.advance();
  const type = readAbstractType(cursor);
  const isChecked = cursor.accept('?');
  cursor.expect('>');
  const operand = readUnary(cursor);
  const { end } = operand;
  return { kind: 'cast', type, isChecked, operand, isCall: false, bare: { start, end }, start, end };
}

function readPower(cursor: Cursor): Expression {
  const { start } = cursor.token;
  const isAwait = cursor.at('await') && cursor.peek(1).kind === 'name' && cursor.advance() !== null;
  const base = readTrailers(cursor, readAtom(cursor));
  const value: Expression = isAwait ? { kind: 'suspend', value: base, start, end: base.end } : base;
  if (!cursor.accept('**')) return value;
  const exponent = cursor.nested(() => readUnary(cursor));
  return { kind: 'binary', operators: ['**'], operands: [value, exponent], start, end: exponent.end };
}

/** More than this many calls, attributes and subscripts in a row is no code that a person wrote. */
const maximumTrailers = 300;

function readTrailers(cursor: Cursor, atom: Expression): Expression {
  let value = atom;
  for (let count = 0; ; count += 1) {
    if (count > maximumTrailers) throw new SyntaxFailure('Too long a chain');
    const { start } = value;
    if (cursor.accept('.')) {
      value = { kind: 'attribute', object: value, name: cursor.expectName(), start, end: cursor.previousEnd };
    } else if (cursor.accept('(')) {
      value = readCall(cursor, value);
    } else if (cursor.accept('[')) {
      const indices = readIndices(cursor);
      value = { kind: 'subscript', object: value, indices, start, end: cursor.previousEnd };
    } else {
      return value;
    }
  }
}

function readCall(cursor: Cursor, callee: Expression): Expression {
  const args = readArguments(cursor);
  const { start } = callee;
  const end = cursor.previousEnd;
  return asCast(cursor, callee, args, start, end) ?? { kind: 'call', callee, arguments: args, start, end };
}

/** What stands in the parentheses of a call, past the closing one. */
function readArguments(cursor: Cursor): readonly Argument[] {
  const args: Argument[] = [];
  while (!cursor.at(')')) {
    if (cursor.accept('**') || cursor.accept('*')) {
      args.push({ name: '*', value: readExpression(cursor) });
    } else if (cursor.token.kind === 'name' && cursor.at('=', 1)) {
      const name = cursor.expectName();
      cursor.expect('=');
      args.push({ name, value: readExpression(cursor) });
    } else {
      const element = readExpression(cursor);
      args.push({ name: null, value: atClause(cursor) ? readComprehension(cursor, 'generator', [element]) : element });
    }
    if (!cursor.accept(',')) break;
  }
  cursor.expect(')');
  return args;
}

/** `cython.cast(T, x)` is the cast `<T>x` (Cython.Compiler.ParseTreeTransforms). The type is an expression here. */
function asCast(
  { pureNames }: Cursor,
  callee: Expression,
  args: readonly Argument[],
  start: number,
  end: number,
): Expression | null {
  const isCast =
    callee.kind === 'name'
      ? pureNames.casts.has(callee.name)
      : callee.kind === 'attribute' &&
        callee.name === 'cast' &&
        callee.object.kind === 'name' &&
        pureNames.modules.has(callee.object.name);
  if (!isCast) return null;
  const [type, operand, check] = args;
  if (type === undefined || operand === undefined || operand.name !== null) return null;
  const isChecked = check !== undefined;
  return {
    kind: 'cast',
    type: typeSyntaxOf(type.value),
    isChecked,
    operand: operand.value,
    isCall: true,
    bare: { start, end },
    start,
    end,
  };
}

function readIndices(cursor: Cursor): readonly Expression[] {
  const indices: Expression[] = [];
  while (!cursor.at(']')) {
    indices.push(readIndex(cursor));
    if (!cursor.accept(',')) break;
  }
  cursor.expect(']');
  return indices;
}

function readIndex(cursor: Cursor): Expression {
  const { start } = cursor.token;
  const parts: Expression[] = [];
  if (!cursor.at(':')) {
    const value = readStarred(cursor);
    if (!cursor.at(':')) return value;
    parts.push(value);
  }
  while (cursor.accept(':')) {
    if (!cursor.at(':') && !cursor.at(',') && !cursor.at(']')) parts.push(readExpression(cursor));
  }
  return { kind: 'slice', parts, start, end: cursor.previousEnd };
}

function readAtom(cursor: Cursor): Expression {
  const { kind, text, start, end } = cursor.token;
  switch (kind) {
    case 'number':
      cursor.advance();
      return { kind: 'literal', literal: numberLiteral(text), text, start, end };
    case 'string':
      return readStrings(cursor);
    case 'operator':
      return readEnclosed(cursor);
    case 'name':
      if (reserved.has(text)) throw new SyntaxFailure(`Unexpected ${text}`);
      cursor.advance();
      return nameOrWord(cursor, text, start, end);
    case 'newline':
    case 'end':
    case 'broken':
      throw new SyntaxFailure('Expected an expression');
  }
}

function readEnclosed(cursor: Cursor): Expression {
  const { start, text } = cursor.token;
  if (text === '...') {
    cursor.advance();
    return { kind: 'literal', literal: 'ellipsis', text, start, end: cursor.previousEnd };
  }
  if (text === '(') return readParenthesized(cursor);
  if (text === '[') return readBracketed(cursor, ']', 'list');
  if (text === '{') return readBracketed(cursor, '}', 'set');
  if (text === '`') throw new SyntaxFailure('Backquotes');
  throw new SyntaxFailure(`Unexpected ${text}`);
}

function readParenthesized(cursor: Cursor): Expression {
  const { start } = cursor.advance();
  if (cursor.accept(')')) return { kind: 'display', display: 'tuple', items: [], start, end: cursor.previousEnd };
  const value = readExpressions(cursor);
  const inner = atClause(cursor) ? readComprehension(cursor, 'generator', [value]) : value;
  cursor.expect(')');
  // The span takes the parentheses in, so that a fix replaces all of it.
  return { ...inner, start, end: cursor.previousEnd };
}

function readBracketed(cursor: Cursor, close: ']' | '}', display: 'list' | 'set'): Expression {
  const { start } = cursor.advance();
  const items: Expression[] = [];
  let kind: 'list' | 'set' | 'dict' = close === '}' && cursor.at('}') ? 'dict' : display;
  while (!cursor.at(close)) {
    const elements: Expression[] = [];
    if (cursor.accept('**')) {
      kind = 'dict';
      elements.push(readExpression(cursor));
    } else {
      elements.push(readStarred(cursor));
      if (display === 'set' && cursor.accept(':')) {
        kind = 'dict';
        elements.push(readExpression(cursor));
      }
    }
    if (atClause(cursor)) {
      const comprehension = readComprehension(cursor, kind, elements);
      cursor.expect(close);
      return { ...comprehension, start, end: cursor.previousEnd };
    }
    items.push(...elements);
    if (!cursor.accept(',')) break;
  }
  cursor.expect(close);
  return { kind: 'display', display: kind, items, start, end: cursor.previousEnd };
}

function atClause(cursor: Cursor): boolean {
  return cursor.at('for') || (cursor.at('async') && cursor.at('for', 1));
}

function readComprehension(
  cursor: Cursor,
  display: 'list' | 'set' | 'dict' | 'generator',
  elements: readonly Expression[],
): Expression {
  const clauses: Clause[] = [];
  for (;;) {
    cursor.accept('async');
    if (cursor.accept('for')) {
      const target = readTarget(cursor);
      if (!cursor.accept('in')) cursor.expect('from');
      clauses.push({ kind: 'for', target, iterable: readOr(cursor) });
      if (cursor.accept('by')) readOr(cursor);
    } else if (cursor.accept('if')) {
      clauses.push({ kind: 'if', test: cursor.at('lambda') ? readLambda(cursor) : readOr(cursor) });
    } else {
      break;
    }
  }
  const start = elements[0]?.start ?? cursor.previousEnd;
  return { kind: 'comprehension', display, elements, clauses, start, end: cursor.previousEnd };
}

/** The target of a `for`: `in` ends it. */
export function readTarget(cursor: Cursor): Expression {
  const { start } = cursor.token;
  const items: Expression[] = [];
  let isTuple = false;
  do {
    if (cursor.at('in') || cursor.at('from')) break;
    const at = cursor.token.start;
    const isStarred = cursor.accept('*');
    const value = readBinary(cursor, 0);
    items.push(isStarred ? { kind: 'starred', value, start: at, end: value.end } : value);
    isTuple = isTuple || cursor.at(',');
  } while (cursor.accept(','));
  const [only] = items;
  if (!isTuple && only !== undefined) return only;
  if (items.length === 0) throw new SyntaxFailure('Expected a target');
  return { kind: 'display', display: 'tuple', items, start, end: cursor.previousEnd };
}
