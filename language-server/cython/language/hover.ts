import { type AnalysisOptions, analyse } from '../analyse.ts';
import type { Scope } from '../binding/model.ts';
import type { Visit } from '../binding/visit.ts';
import type { LintPosition, LintRange } from '../diagnostics/positions.ts';
import { LineIndex } from '../diagnostics/positions.ts';
import type { Inference } from '../inference/infer.ts';
import type { CastExpression } from '../syntax/syntax.ts';
import { describeCast } from './describe-cast.ts';
import { typeText } from './type-text.ts';

export interface CythonHover {
  readonly range: LintRange;
  readonly markdown: string;
}

const identifier = /[\p{L}_][\p{L}\p{N}_]*/uy;

/**
 * What is to be said of a place: of a cast what it does, of a name its C or Python type; null where neither is there.
 *
 * @param compiledType The type of the name there as the Cython compiler writes it; null where it is not known.
 */
export function cythonHover(
  text: string,
  position: LintPosition,
  options: AnalysisOptions,
  compiledType: string | null,
): CythonHover | null {
  const lines = new LineIndex(text);
  const offset = lines.offset(position);
  const name = nameAt(text, offset);
  const { visits, inference } = analyse(text, options, ({ expression }) => covers(expression, offset));
  const cast = castAt(visits, offset);
  if (cast !== null && name === null) return castHover(cast, text, lines, inference);
  if (name === null) return null;
  const inCast = cast !== null && offset < cast.expression.operand.start;
  if (inCast) return castHover(cast, text, lines, inference);
  const own = ownTypeText(visits, name, inference);
  const known = compiledType ?? own;
  if (known === '') return null;
  const by = compiledType === null ? '' : ', says the Cython compiler';
  return {
    range: lines.range(name.start, name.end),
    markdown: `\`${text.slice(name.start, name.end)}\` is ${/^an? /u.test(known) ? known : `\`${known}\``}${by}.`,
  };
}

function covers({ start, end }: { readonly start: number; readonly end: number }, offset: number): boolean {
  return start <= offset && offset <= end;
}

interface CastPlace {
  readonly expression: CastExpression;
  readonly scope: Scope;
}

/** The innermost cast whose own text, not its operand's, is at a place. */
function castAt(visits: readonly Visit[], offset: number): CastPlace | null {
  let found: CastPlace | null = null;
  for (const { expression, scope } of visits) {
    if (expression.kind !== 'cast' || expression.bare.start > offset || offset >= expression.bare.end) continue;
    const isOwn = offset < expression.operand.start || offset >= expression.operand.end;
    if (isOwn) found = { expression, scope };
  }
  return found;
}

function castHover(
  { expression, scope }: CastPlace,
  text: string,
  lines: LineIndex,
  inference: Inference,
): CythonHover {
  const { bare, operand, type, isChecked, isCall } = expression;
  const flat = (start: number, end: number): string => text.slice(start, end).replace(/\s+/gu, ' ').trim();
  const written = flat(type.start, type.end);
  const description = describeCast({
    target: inference.castTarget(expression, scope),
    operand: inference.typeOf(operand, scope),
    targetText: written === '' ? type.name : written,
    operandText: flat(operand.start, operand.end),
    isChecked,
  });
  const operandType = typeText(inference.typeOf(operand, scope));
  const of = operandType === '' ? '' : `\n\n\`${flat(operand.start, operand.end)}\`: ${operandType}`;
  const end = isCall ? bare.end : operand.start;
  return { range: lines.range(bare.start, Math.max(end, bare.start + 1)), markdown: `${description}${of}` };
}

function nameAt(text: string, offset: number): { readonly start: number; readonly end: number } | null {
  let start = offset;
  while (start > 0 && /[\p{L}\p{N}_]/u.test(text[start - 1] ?? '')) start -= 1;
  identifier.lastIndex = start;
  const found = identifier.exec(text);
  return found === null || found[0].length + start < offset ? null : { start, end: start + found[0].length };
}

function ownTypeText(
  visits: readonly Visit[],
  name: { readonly start: number; readonly end: number },
  inference: Inference,
): string {
  for (const { expression, scope } of visits) {
    const isName = expression.kind === 'name' && expression.start === name.start;
    const isAttribute =
      expression.kind === 'attribute' && expression.end === name.end && expression.object.end <= name.start;
    if (isName || isAttribute) return typeText(inference.typeOf(expression, scope));
  }
  return '';
}
