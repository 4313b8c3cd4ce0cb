import type { Expression } from '../syntax/syntax.ts';
import type { CastSite, RuleContext } from './rule.ts';

/** The right form of a cast: by way of a number, of the characters of bytes, or of an array's memory. */
export type RightForm = 'number' | 'characters' | 'memory';

type Cast = Expression & { readonly kind: 'cast' };

const known = new WeakMap<RuleContext['visits'], Map<RightForm, readonly Cast[]>>();

/**
 * A cast of the file that has the right form, the nearest first: it shows how the file's own author writes it.
 * @returns ` (as line 7 does: <void*><size_t>b)`, or nothing.
 */
export function siblingText(form: RightForm, { cast }: CastSite, { visits, text, lineOf }: RuleContext): string {
  const casts = castsOfForm(form, visits);
  const after = firstAfter(casts, cast.bare.start);
  const [next, previous] = [casts[after], casts[after - 1]];
  const isNextNearer =
    next !== undefined &&
    (previous === undefined || next.bare.start - cast.bare.start < cast.bare.start - previous.bare.start);
  const nearest = isNextNearer ? next : previous;
  if (nearest === undefined) return '';
  const { start, end } = nearest.bare;
  return ` (as line ${lineOf(start)} does: ${text.slice(start, end)})`;
}

/** In the order of the text. */
function castsOfForm(form: RightForm, visits: RuleContext['visits']): readonly Cast[] {
  const forms = known.get(visits) ?? new Map<RightForm, readonly Cast[]>();
  known.set(visits, forms);
  const found = forms.get(form);
  if (found !== undefined) return found;
  const casts = visits
    .flatMap(({ expression }) => (expression.kind === 'cast' && hasForm(expression, form) ? [expression] : []))
    .filter(({ bare }) => bare.end - bare.start <= 60)
    .sort((first, second) => first.bare.start - second.bare.start);
  forms.set(form, casts);
  return casts;
}

/** Index of the first cast behind an offset. */
function firstAfter(casts: readonly Cast[], offset: number): number {
  let low = 0;
  let high = casts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((casts[middle]?.bare.start ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

function hasForm({ type, operand }: Cast, form: RightForm): boolean {
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
