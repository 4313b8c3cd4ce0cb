import type { Severity } from '../../protocol/finding.ts';
import type { Scope, Type } from '../binding/model.ts';
import { isPythonObject } from '../binding/types.ts';
import type { Visit } from '../binding/visit.ts';
import { assignedValues } from '../inference/assigned-values.ts';
import { isTemporary } from '../inference/temporary.ts';
import type { Expression } from '../syntax/syntax.ts';
import { dottedName } from '../syntax/type-expression.ts';
import { intentOf, isForPython, isIdentity, memoryFunction, takesAddress } from './evidence.ts';
import { type CastSite, castSite, type Report, type RuleContext, type RuleFix } from './rule.ts';
import { castText, quoted } from './sentence.ts';
import { arrayFixes } from './typed-array.ts';

/**
 * `.data` of an array that Cython knows no type of: it is a Python memoryview, not the buffer. `<void*>a.data` is the address of
 * that memoryview, so what is copied there never reaches the array; `<char*>a.data` and `<size_t>a.data` raise TypeError.
 */
export function checkUntypedData(visit: Visit, context: RuleContext): Report | null {
  const site = castSite(visit, context);
  if (site === null || !isUntypedData(site.cast.operand, site.scope, context)) return null;
  return takesAddress(site.target) ? addressReport(site, context) : conversionReport(site, context);
}

/** `x.data` that is looked up at run time. `x.ctypes.data` is a number, and a buffer's own attribute is its memory. */
export function isUntypedData(operand: Expression, scope: Scope, { inference }: RuleContext): operand is DataAttribute {
  if (operand.kind !== 'attribute' || operand.name !== 'data') return false;
  const { object } = operand;
  if (object.kind === 'attribute' && object.name === 'ctypes') return false;
  const type = inference.typeOf(operand, scope);
  return type.kind === 'object' && type.of === 'object' && isPythonObject(inference.typeOf(object, scope)) === true;
}

type DataAttribute = Expression & { readonly kind: 'attribute' };

function addressReport(site: CastSite, context: RuleContext): Report | null {
  const { cast, scope } = site;
  const { operand } = cast;
  if (operand.kind !== 'attribute' || isTemporary(operand, scope, context.inference)) return null;
  if (isIdentity(site, context) || isForPython(site)) return null;
  const shown = quoted(operand, context.text);
  const array = quoted(operand.object, context.text);
  const target = castText(cast, context.text);
  const destination = isDestination(site) ? ' What is written there never reaches the array.' : '';
  return {
    span: cast.bare,
    severity: addressSeverity(site, context),
    message:
      `"${array}" has no C type here, so ${shown} is a Python object (of an array, a memoryview), and ` +
      `${cast.isCall ? 'the cast' : `${target}${shown}`} is the address of that object, not of the memory behind it.${destination} ` +
      `Declare ${array} as an array, or write (<${context.numpyName ?? 'cnp'}.ndarray>${array}).data.`,
    fixes: [...arrayFixes(operand.object, scope, context), ...numberFix(site, context)],
    evidence: {
      rule: 'Cython.Compiler.ExprNodes.AttributeNode.analyse_as_python_attribute: an attribute of an untyped object is looked up at run time',
    },
  };
}

function addressSeverity(site: CastSite, context: RuleContext): Severity {
  if (memoryFunction(site) !== null) return 'warning';
  return intentOf(site, context) === 'object' ? 'hint' : 'warning';
}

/** `memcpy(<void*>a.data, …)`: the first argument of a function that writes. */
function isDestination({ path, cast }: CastSite): boolean {
  const call = path?.expression;
  if (call?.kind !== 'call' || call.arguments[0]?.value !== cast) return false;
  return /^(memcpy|memmove|memset|strcpy|strncpy)$/u.test(dottedName(call.callee)?.split('.').at(-1) ?? '');
}

/** Of what holds a number after all; an array's memoryview is then refused when the code runs. */
function numberFix({ cast }: CastSite, { text }: RuleContext): readonly RuleFix[] {
  if (cast.isCall) return [];
  const { start } = cast.operand;
  const title = `Write ${castText(cast, text)}<size_t>${quoted(cast.operand, text)}`;
  return [{ title, edits: [{ start, end: start, newText: '<size_t>' }], isPreferred: false }];
}

/** `<char*>x.data` and `<size_t>x.data` convert, and a memoryview is neither: told where `x` is used as an array. */
function conversionReport(site: CastSite, context: RuleContext): Report | null {
  const { cast, target, scope } = site;
  const { operand } = cast;
  if (operand.kind !== 'attribute') return null;
  const isText = target.kind === 'pointer' && isCharLike(target.to) && cast.type.wrappers.length <= 1;
  if (!isText && target.kind !== 'integer') return null;
  if (!isUsedAsArray(operand.object, scope, context)) return null;
  const shown = quoted(operand, context.text);
  const array = quoted(operand.object, context.text);
  return {
    span: cast.bare,
    severity: 'warning',
    message:
      `"${array}" has no C type here, so ${shown} is a memoryview, and converting it ` +
      `${isText ? 'to char*' : 'to a number'} raises TypeError. Declare ${array} as an array, or write ` +
      `(<${context.numpyName ?? 'cnp'}.ndarray>${array}).data${isText ? '' : `, or ${array}.ctypes.data for the number`}.`,
    fixes: arrayFixes(operand.object, scope, context),
    evidence: {
      rule: isText
        ? 'Cython.Utility.TypeConversion __Pyx_PyObject_AsString: bytes and bytearrays only'
        : 'Cython.Utility.TypeConversion __Pyx_PyInt_As: a memoryview is no number',
    },
  };
}

function isCharLike(type: Type): boolean {
  return type.kind === 'integer' && !type.isBool;
}

const arrayAttributes =
  /^(dtype|shape|ndim|strides|flags|nbytes|itemsize|astype|ravel|flatten|reshape|ctypes|T|transpose|fill|contiguous)$/u;

/** Attributes that arrays have, or made by a function of NumPy. */
function isUsedAsArray(array: Expression, scope: Scope, { usage }: RuleContext): boolean {
  const name = dottedName(array);
  if (name === null) return false;
  if ([...usage.attributesOf(name, scope)].some(each => arrayAttributes.test(each))) return true;
  const binding = array.kind === 'name' ? scope.lookup(array.name) : null;
  return binding !== null && assignedValues(binding).some(isMadeByNumpy);
}

function isMadeByNumpy(value: Expression): boolean {
  return value.kind === 'call' && /^(np|numpy)\./u.test(dottedName(value.callee) ?? '');
}
