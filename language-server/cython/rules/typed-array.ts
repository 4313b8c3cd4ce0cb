import type { Scope } from '../binding/model.ts';
import type { Expression } from '../syntax/syntax.ts';
import type { RuleContext, RuleFix, TextEdit } from './rule.ts';
import { quoted, shortened } from './sentence.ts';

/** How a fix names NumPy's module of C types, and what it adds to the file for that. */
interface NumpyName {
  readonly name: string;
  readonly edits: readonly TextEdit[];
}

/** The name of the file's own cimport, else that of one which the fix puts behind its imports. */
export function numpyNameFor(context: RuleContext): NumpyName {
  const found = known.get(context.visits);
  if (found !== undefined) return found;
  const name = findNumpyName(context);
  known.set(context.visits, name);
  return name;
}

const known = new WeakMap<RuleContext['visits'], NumpyName>();

function findNumpyName({ numpyName, module, text }: RuleContext): NumpyName {
  if (numpyName !== null) return { name: numpyName, edits: [] };
  const name = module.lookup('cnp') === null ? 'cnp' : 'numpy_c';
  const at = endOfImports(text);
  return { name, edits: [{ start: at, end: at, newText: `cimport numpy as ${name}\n` }] };
}

const importLine = /^(?:from\s+[\w.]+\s+)?c?import\s[^\r\n(\\]*(?:\r\n|\r|\n)/gmu;
const leadingComments = /^(?:\ufeff)?(?:[ \t]*(?:#[^\r\n]*)?(?:\r\n|\r|\n))*/u;

/** Behind the first block of imports at the beginning of lines; without any, behind the comments that the file begins with. */
function endOfImports(text: string): number {
  importLine.lastIndex = 0;
  const first = importLine.exec(text);
  return first === null ? (leadingComments.exec(text)?.[0].length ?? 0) : first.index + first[0].length;
}

/**
 * Fixes that give an array its C type: the parameter's declaration where the expression is one without a type, and a cast of this
 * one use. Cython checks the type of a parameter when the function is called, and nothing of a cast.
 */
export function arrayFixes(array: Expression, scope: Scope, context: RuleContext): readonly RuleFix[] {
  const { name, edits } = numpyNameFor(context);
  const cast = `(<${name}.ndarray>${context.text.slice(array.start, array.end)})`;
  const castOnce: RuleFix = {
    title: `Write ${shortened(cast)}`,
    edits: [...edits, { start: array.start, end: array.end, newText: cast }],
    isPreferred: false,
  };
  const declared = declarationEdit(array, scope, `${name}.ndarray`);
  if (declared === null) return [castOnce];
  const title = `Declare ${name}.ndarray ${quoted(array, context.text)}`;
  return [{ title, edits: [...edits, declared], isPreferred: false }, castOnce];
}

/** Puts a type before an untyped parameter of a `def`; null where the name is nothing of the kind. */
export function declarationEdit(expression: Expression, scope: Scope, type: string): TextEdit | null {
  if (expression.kind !== 'name') return null;
  const binding = scope.lookup(expression.name);
  const parameter = binding?.parameter ?? null;
  const isUntyped = binding?.origin === 'parameter' && parameter?.type === null && parameter.annotation === null;
  if (parameter === null || !isUntyped || parameter.star !== '') return null;
  return { start: parameter.start, end: parameter.start, newText: `${type} ` };
}
