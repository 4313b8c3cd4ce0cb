import type { Expression, Statement } from '../syntax/syntax.ts';

export type BlockStatement = Statement & { readonly kind: 'block' };

/** What DEF has defined, by name. */
export type Constants = Map<string, Constant>;
export type Constant = number | string | boolean;

/** The branches of one `if` or `IF` that were read so far. */
export interface ConditionChain {
  tests: Expression[];
  /** Of an `IF`: whether a branch before this one is compiled. */
  taken: 'no' | 'maybe' | 'yes';
}

const words = new Set(['if', 'elif', 'else', 'IF', 'ELIF', 'ELSE']);

export function isConditional({ word }: BlockStatement): boolean {
  return words.has(word);
}

/** `IF`, which the compiler decides. */
export function isCompileTime({ word }: BlockStatement): boolean {
  return word === word.toUpperCase();
}

/** The test of a branch, null for `else`; with `if` a new chain begins. */
export function beginChain({ word, expressions }: BlockStatement, chain: ConditionChain): Expression | null {
  if (word === 'if' || word === 'IF') {
    chain.tests = [];
    chain.taken = 'no';
  }
  return expressions[0] ?? null;
}

export function isTrue(value: Constant): boolean {
  return value !== '' && value !== 0 && value !== false;
}

/** `DEF name = expression`. What only one of several branches defines may be anything. */
export function define(name: string, expression: Expression, constants: Constants, isSure: boolean): void {
  const value = evaluate(expression, constants);
  if (value === undefined || !isSure) constants.delete(name);
  else constants.set(name, value);
}

/**
 * The value of an expression of DEF constants; undefined where it is not known: the platform's names (UNAME_SYSNAME) differ from
 * machine to machine, and a build may define more.
 */
export function evaluate(expression: Expression, constants: Constants, depth = 0): Constant | undefined {
  if (depth > 50) return undefined;
  const of = (part: Expression): Constant | undefined => evaluate(part, constants, depth + 1);
  switch (expression.kind) {
    case 'literal':
      return literalValue(expression);
    case 'name':
      return constants.get(expression.name);
    case 'unary': {
      const value = of(expression.operand);
      if (value === undefined) return undefined;
      if (expression.operator === 'not') return !isTrue(value);
      return expression.operator === '-' && typeof value === 'number' ? -value : undefined;
    }
    case 'compare':
      return compare(expression.operators, expression.operands.map(of));
    case 'logical':
      // Which word joins them is not kept: where all agree, either gives the same.
      return agreed(expression.operands.map(of));
    default:
      return undefined;
  }
}

function literalValue({ literal, text }: Expression & { readonly kind: 'literal' }): Constant | undefined {
  switch (literal) {
    case 'int':
      return Number(text.replace(/[uUlL_]+$/u, ''));
    case 'bool':
      return text === 'True';
    case 'str':
    case 'unicode':
    case 'bytes':
      return text.replace(/^[a-zA-Z]*["']+|["']+$/gu, '');
    case 'none':
      return false;
    default:
      return undefined;
  }
}

function compare(operators: readonly string[], values: readonly (Constant | undefined)[]): boolean | undefined {
  const [first, second] = values;
  if (operators.length !== 1 || first === undefined || second === undefined) return undefined;
  switch (operators[0]) {
    case '==':
      return first === second;
    case '!=':
      return first !== second;
    case '<':
      return first < second;
    case '<=':
      return first <= second;
    case '>':
      return first > second;
    case '>=':
      return first >= second;
    default:
      return undefined;
  }
}

function agreed(values: readonly (Constant | undefined)[]): boolean | undefined {
  const known = values.flatMap(value => (value === undefined ? [] : [isTrue(value)]));
  const [first] = known;
  return known.length === values.length && known.every(value => value === first) ? first : undefined;
}
