import type { Severity } from '../../protocol/finding.ts';
import type { Type } from '../binding/model.ts';
import { isPythonObject } from '../binding/types.ts';
import { expressionWidth, type IntegerWidth, integerWidth } from '../inference/integer-width.ts';
import type { CastExpression, Expression } from '../syntax/syntax.ts';
import { intentOf, isAddressAttribute, memoryFunction } from './evidence.ts';
import type { CastSite, Report, RuleContext, RuleFix } from './rule.ts';

/**
 * An address by way of an integer that does not hold it: `<void*><int>x` (of a Python number Cython raises OverflowError, of a C value
 * C drops the upper half without a word), and `<int>p` of a pointer.
 */
export function checkNarrowAddress(site: CastSite, context: RuleContext): Omit<Report, 'span'> | null {
  const { cast, scope, target } = site;
  if (target.kind === 'pointer') {
    const inner = cast.operand;
    return inner.kind === 'cast' ? checkWayBack(site, inner, context) : null;
  }
  const width = integerWidth(cast.type, scope);
  if (width === null || width === 'address' || !isAddress(addressOf(site, context))) return null;
  // What it is cast to next is where the harm is told; and the low bits of an address are in any integer.
  if (site.path?.expression.kind === 'cast' || asksLowBits(site)) return null;
  return report(cast, width, width === 'narrow' ? 'warning' : 'information', 'dropped');
}

/** `<T*><int>x`. */
function checkWayBack(site: CastSite, inner: CastExpression, context: RuleContext): Omit<Report, 'span'> | null {
  const { scope, path, cast } = site;
  const width = integerWidth(inner.type, scope);
  if (width === null || width === 'address') return null;
  const type = context.inference.typeOf(inner.operand, scope);
  if (isAddress(type) || expressionWidth(inner.operand, scope) === 'address') {
    return report(inner, width, width === 'narrow' ? 'warning' : 'information', 'dropped');
  }
  if (isPythonObject(type) !== true || isLiteral(inner.operand)) return null;
  const innerSite: CastSite = {
    cast: inner,
    target: site.target,
    operand: type,
    scope,
    path: { expression: cast, parent: path, depth: 0 },
    statement: site.statement,
  };
  const isMeant =
    memoryFunction(innerSite) !== null ||
    isAddressAttribute(inner.operand) ||
    intentOf(innerSite, context) === 'address';
  return report(inner, width, severityOf(width, isMeant), 'refused');
}

/** A small number as a callback's user data is common, and fits. */
function severityOf(width: IntegerWidth, isAddressMeant: boolean): Severity {
  if (width === 'long') return isAddressMeant ? 'information' : 'hint';
  return isAddressMeant ? 'warning' : 'information';
}

/** What is cast, past an integer that holds all of it: `<int><size_t>p` is `<int>p`. */
function addressOf({ cast: { operand }, operand: type, scope }: CastSite, { inference }: RuleContext): Type {
  const isWhole = operand.kind === 'cast' && integerWidth(operand.type, scope) === 'address';
  return isWhole ? inference.typeOf(operand.operand, scope) : type;
}

function isAddress(type: Type): boolean {
  return type.kind === 'pointer' || type.kind === 'array';
}

function isLiteral(expression: Expression): boolean {
  return expression.kind === 'literal' || (expression.kind === 'unary' && isLiteral(expression.operand));
}

/** `<int>p % 16`, `<int>p & 7`: whether it is aligned. */
function asksLowBits({ path }: CastSite): boolean {
  const around = path?.expression;
  return around?.kind === 'binary' && around.operators.every(operator => operator === '%' || operator === '&');
}

function report(
  narrow: CastExpression,
  width: IntegerWidth,
  severity: Severity,
  effect: 'dropped' | 'refused',
): Omit<Report, 'span'> {
  const name = narrow.type.name;
  const size =
    width === 'long'
      ? `${name} has 32 bits on 64-bit Windows, where an address has 64`
      : `${name} has at most 32 bits, and an address has 64`;
  const harm =
    effect === 'dropped' ? 'the rest of it is dropped without a word' : 'an address beyond that raises OverflowError';
  return {
    severity,
    message: `${size}: ${harm}. Write size_t, which holds an address everywhere.`,
    fixes: [widened(narrow)],
    evidence: {
      rule:
        effect === 'dropped'
          ? 'C11 6.3.2.3p6: a pointer to an integer that cannot hold it is undefined, and truncated in practice'
          : 'Cython.Utility.TypeConversion __Pyx_PyInt_As: a value out of range raises OverflowError',
    },
  };
}

function widened({ type, isCall }: CastExpression): RuleFix {
  const newText = isCall ? 'cython.size_t' : 'size_t';
  return { title: `Write ${newText}`, edits: [{ start: type.start, end: type.end, newText }], isPreferred: true };
}
