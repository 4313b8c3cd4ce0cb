import type { Expression } from '../syntax/syntax.ts';
import type { CastSite, RuleContext } from './rule.ts';

/** The right form of a cast: by way of a number, of the characters of bytes, or of an array's memory. */
export type RightForm = 'number' | 'characters' | 'memory';

/**
 * A cast of the file that has the right form, the nearest first: it shows how the file's own author writes it.
 * @returns ` (as line 7 does: <void*><size_t>b)`, or nothing.
 */
export function siblingText(form: RightForm, { cast }: CastSite, { visits, text, lineOf }: RuleContext): string {
  let nearest: Expression | null = null;
  for (const { expression } of visits) {
    if (expression.kind !== 'cast' || expression === cast || !hasForm(expression, form)) continue;
    const { start, end } = expression.bare;
    if (end - start > 60) continue;
    if (nearest === null || Math.abs(start - cast.start) < Math.abs(nearest.start - cast.start)) nearest = expression;
  }
  if (nearest === null || nearest.kind !== 'cast') return '';
  return ` (as line ${lineOf(nearest.bare.start)} does: ${text.slice(nearest.bare.start, nearest.bare.end)})`;
}

function hasForm({ type, operand }: Expression & { readonly kind: 'cast' }, form: RightForm): boolean {
  if (type.wrappers.at(-1) !== 'pointer') return false;
  if (form === 'memory') {
    return (operand.kind === 'unary' && operand.operator === '&') || isTypedData(operand);
  }
  if (operand.kind !== 'cast') return false;
  const { name, wrappers } = operand.type;
  const last = name.split('.').at(-1) ?? '';
  if (form === 'number') return wrappers.length === 0 && /^(size_t|u?intptr_t|Py_ssize_t)$/u.test(last);
  return wrappers.join() === 'pointer' && /^(char|unsigned char|const char|uint8_t)$/u.test(last);
}

/** `(<np.ndarray>x).data`. */
function isTypedData(operand: Expression): boolean {
  return operand.kind === 'attribute' && operand.name === 'data' && operand.object.kind === 'cast';
}
