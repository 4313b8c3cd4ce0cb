import type { Binding, Scope, Type } from '../binding/model.ts';
import type { Visit } from '../binding/visit.ts';
import { functionOf, lastName } from '../inference/usage.ts';
import type { Expression } from '../syntax/syntax.ts';
import { type CastSite, castSite, type Report, type RuleContext, type RuleFix, type TextEdit } from './rule.ts';
import { castText, quoted } from './sentence.ts';

/**
 * `<T*>arr.data` of a typed array in a function that asks neither for its dtype nor for its layout: whoever calls decides both, and
 * the memory is read as T, side by side, in the byte order of the machine, whatever it holds.
 */
export function checkUncheckedData(visit: Visit, context: RuleContext): Report | null {
  const site = castSite(visit, context);
  if (site === null || !readsElements(site)) return null;
  const binding = arrayOf(site.cast.operand, site.scope);
  if (binding === null) return null;
  const type = context.inference.typeOfBinding(binding);
  const unchecked = uncheckedOf(type, binding, site.scope, context);
  if (unchecked === null) return null;
  const { name } = binding;
  const target = castText(site.cast, context.text);
  return {
    span: site.cast.bare,
    severity: 'information',
    message:
      `${target}${quoted(site.cast.operand, context.text)} reads whatever ${name} holds as ${site.cast.type.name}, and nothing here checks ` +
      `${unchecked}. A typed memoryview (${site.cast.type.name}[::1]) checks them when it is assigned, and says what is wrong.`,
    fixes: fixesOf(site, binding, type, context),
    evidence: { rule: 'NumPy C-API: PyArray_DATA is the first byte; dtype, strides and byte order say how to read on' },
  };
}

/** A cast to a pointer to something of a size: `void*` and `char*` are for whoever asks next. */
function readsElements({ target, cast }: CastSite): boolean {
  if (target.kind !== 'pointer' || cast.isCall || cast.type.wrappers.join() !== 'pointer') return false;
  const { to } = target;
  if (to.kind !== 'integer' && to.kind !== 'float' && to.kind !== 'other') return false;
  return !/^(unsigned |signed )?char$|^u?int8_t$|^npy_u?int8$|^bint$/u.test(cast.type.name.split('.').at(-1) ?? '');
}

/** The parameter or local that `arr.data`, `PyArray_DATA(arr)` asks of. */
function arrayOf(operand: Expression, scope: Scope): Binding | null {
  const array =
    operand.kind === 'attribute' && operand.name === 'data'
      ? operand.object
      : operand.kind === 'call' && /^PyArray_(DATA|BYTES)$/u.test(lastName(operand.callee))
        ? operand.arguments[0]?.value
        : undefined;
  if (array?.kind !== 'name') return null;
  const binding = scope.lookup(array.name);
  return binding !== null && binding.scope === functionOf(scope) ? binding : null;
}

/** What is not made sure, in words; null where all is, or where it cannot be seen. */
function uncheckedOf(type: Type, binding: Binding, scope: Scope, { usage }: RuleContext): string | null {
  const owner = type.kind === 'buffer' ? type.owner : type;
  if (owner.kind !== 'extension' || owner.name !== 'numpy.ndarray') return null;
  if (type.kind === 'buffer' && type.isContiguous) return null;
  const { name } = binding;
  if ([...usage.attributesOf(name, scope)].some(each => layoutAttributes.test(each))) return null;
  if ([...usage.receiversOf(name, scope)].some(each => checkers.test(each))) return null;
  // An array that the function makes, or gets from elsewhere, is as it was made there.
  const isOnlyGiven = binding.parameter !== null && binding.assignments.length === 0;
  if (!isOnlyGiven) return null;
  return type.kind === 'buffer'
    ? 'that its elements lie side by side'
    : 'its dtype, that its elements lie side by side, or their byte order';
}

const layoutAttributes = /^(dtype|descr|flags|strides|itemsize|byteorder)$/u;
const checkers =
  /^(PyArray_(IS\w+|CHKFLAGS|FLAGS|TYPE|DESCR|ITEMSIZE|STRIDES?|EquivTypes|FROM\w*|From\w*)|ascontiguousarray|asfortranarray|require|is_?c_?contig\w*|_?(check|validate|assert|ensure|verify)\w*)$/iu;

/** A view of the parameter, at the beginning of the function, whose first element's address is taken instead. */
function fixesOf({ cast, scope }: CastSite, binding: Binding, type: Type, context: RuleContext): readonly RuleFix[] {
  const { parameter } = binding;
  const body = functionOf(scope).body;
  if (parameter === null || body === null) return [];
  const view = `${binding.name}_view`;
  if (scope.lookup(view) !== null) return [];
  const dimensions = type.kind === 'buffer' ? Math.max(1, type.dimensions) : 1;
  const axes = [...Array.from({ length: dimensions - 1 }, () => ':'), '::1'].join(', ');
  const zeros = Array.from({ length: dimensions }, () => '0').join(', ');
  const declaration = `cdef ${cast.type.name}[${axes}] ${view} = ${binding.name}`;
  const insertion = atBeginningOf(body, declaration, context.text);
  if (insertion === null) return [];
  const edits: readonly TextEdit[] = [
    insertion,
    { start: cast.bare.start, end: cast.bare.end, newText: `&${view}[${zeros}]` },
  ];
  return [{ title: `Write ${declaration}, and &${view}[${zeros}]`, edits, isPreferred: false }];
}

/** A line of its own before the first statement of a function; null where that stands behind the colon, and no `cdef` may. */
function atBeginningOf(first: { readonly start: number }, line: string, text: string): TextEdit | null {
  const { start } = first;
  const lineStart = Math.max(text.lastIndexOf('\n', start - 1), text.lastIndexOf('\r', start - 1)) + 1;
  const indent = text.slice(lineStart, start);
  return /^[ \t]*$/u.test(indent) ? { start, end: start, newText: `${line}\n${indent}` } : null;
}
