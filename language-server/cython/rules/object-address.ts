import type { Severity } from '../../protocol/finding.ts';
import type { Type } from '../binding/model.ts';
import { isPythonObject } from '../binding/types.ts';
import { isTemporary } from '../inference/temporary.ts';
import type { Expression } from '../syntax/syntax.ts';
import { dottedName } from '../syntax/type-expression.ts';
import { intentOf, isAddressAttribute, isForPython, isIdentity, isPythonStruct, memoryFunction } from './evidence.ts';
import { type OperandKind, operandKind } from './operand-kind.ts';
import type { CastSite, Report, RuleContext, RuleFix } from './rule.ts';

/**
 * `<T>x` of a Python object x, with T a pointer to `void` or to a struct: Cython takes the address of the PyObject without a
 * word (ExprNodes.TypecastNode). To any other pointer it converts or refuses, and it refuses temporaries.
 */
export function checkObjectAddress(site: CastSite, context: RuleContext): Report | null {
  if (!takesAddress(site.target) || isPythonObject(site.operand) !== true) return null;
  if (isTemporary(site.cast.operand, site.scope, context.inference) || isIdentity(site, context) || isForPython(site))
    return null;
  const kind = refined(operandKind(site.cast.operand, site.operand), site, context);
  const severity = severityOf(site, kind, context);
  if (severity === null) return null;
  return {
    severity,
    message: messageOf(site, kind, context),
    fixes: fixesOf(site, kind, context),
    evidence: {
      rule: 'Cython.Compiler.ExprNodes.TypecastNode: an object cast to void* or a struct pointer is not converted',
    },
  };
}

function refined(kind: OperandKind, { cast, scope }: CastSite, { usage }: RuleContext): OperandKind {
  const name = dottedName(cast.operand);
  if (kind.kind !== 'any' || name === null || usage.isNumber(name, scope)) return kind;
  return usage.isMeasured(name, scope) ? { kind: 'measured' } : kind;
}

function takesAddress(target: Type): boolean {
  if (target.kind !== 'pointer') return false;
  if (target.to.kind === 'void') return true;
  return target.to.kind === 'record' && target.to.record === 'struct' && !isPythonStruct(target.to.name);
}

function severityOf(site: CastSite, kind: OperandKind, context: RuleContext): Severity | null {
  const { operand } = site.cast;
  if (operand.kind === 'name' && site.scope.lookup(operand.name)?.origin === 'self') return null;
  switch (kind.kind) {
    case 'type':
      return null;
    case 'none':
      return site.path?.expression.kind === 'compare' ? null : 'information';
    case 'container':
      return 'hint';
    case 'any':
    case 'data':
    case 'measured':
      break;
    default:
      return intentOf(site, context) === 'object' ? 'hint' : 'error';
  }
  if (memoryFunction(site) !== null) return 'warning';
  const intent = intentOf(site, context);
  if (intent === 'object') return 'hint';
  return intent === 'address' || isAddressAttribute(operand) ? 'warning' : 'information';
}

function messageOf({ cast, scope }: CastSite, kind: OperandKind, { text, example, numpyName }: RuleContext): string {
  const operand = quoted(sourceOf(cast.operand, text));
  const target = typeText(cast, text);
  const shown = cast.isCall ? 'the cast' : `${target}${operand.text}`;
  const subject = `"${operand.text}" is ${describe(cast.operand, kind, scope)}`;
  const address = `so ${shown} is the address of the object itself`;
  switch (kind.kind) {
    case 'any': {
      const right = cast.isCall ? 'an integer type first' : `${target}<size_t>${operand.text}`;
      const sample = example();
      const elsewhere = sample === null ? '' : ` (as line ${sample.line} does: ${sample.text})`;
      return `${subject}, ${address}, not the address stored in it. Write ${right} to get the number that it holds${elsewhere}.`;
    }
    case 'data': {
      const right = `(<${numpyName ?? 'np'}.ndarray>…).data`;
      return `${subject}, ${address} (of an array, of a memoryview), not of the memory behind it. Type the array, or write ${right}.`;
    }
    case 'measured':
    case 'bytes':
    case 'bytearray':
      return `${subject}, ${address}, not of its bytes. Write ${target}<char*>${operand.text} to get those.`;
    case 'text':
      return `${subject}, ${address}, not of its characters. Encode it to bytes, and cast <char*> of those.`;
    case 'memoryview':
      return `${subject}, ${address}, not of the memory that it views. Assign it to a typed memoryview, and take &view[0].`;
    case 'ndarray':
      return `${subject}, ${address}, not of its elements. Write ${target}${operand.text}.data to get those.`;
    case 'array':
      return `${subject}, ${address}, not of its elements. Write ${operand.text}.data.as_voidptr to get those.`;
    case 'none':
      return `${subject}, ${address}. Write NULL for a pointer to nothing.`;
    case 'container':
    case 'type':
      return `${subject}, ${address}. That is right only for what takes the object back, and keeps a reference to it meanwhile.`;
  }
}

function describe(operand: Expression, kind: OperandKind, scope: CastSite['scope']): string {
  switch (kind.kind) {
    case 'bytes':
      return 'a Python bytes object';
    case 'bytearray':
      return 'a Python bytearray';
    case 'text':
      return 'a Python string';
    case 'memoryview':
      return 'a Python memoryview';
    case 'ndarray':
      return 'a NumPy array';
    case 'array':
      return 'a Python array';
    case 'none':
      return 'the object None';
    case 'type':
      return 'a Python type';
    case 'container':
      return kind.name === 'callable' ? 'a Python function' : `a Python object (${kind.name})`;
    case 'any':
    case 'data':
    case 'measured':
      return `a Python object here${originText(operand, scope)}`;
  }
}

function originText(operand: Expression, scope: CastSite['scope']): string {
  if (operand.kind === 'attribute') return ' (an attribute without a C type)';
  if (operand.kind === 'subscript') return ' (an item of a Python object)';
  if (operand.kind !== 'name') return '';
  switch (scope.lookup(operand.name)?.origin) {
    case 'parameter':
      return ' (an untyped parameter)';
    case 'annotatedParameter':
      return ' (its annotation gives it no C type)';
    case 'exception':
      return ' (an exception)';
    case 'global':
      return ' (a global of the module)';
    case 'local':
      return ' (a local without a C type)';
    default:
      return '';
  }
}

function fixesOf({ cast }: CastSite, kind: OperandKind, { text, numpyName }: RuleContext): readonly RuleFix[] {
  const { operand } = cast;
  const target = typeText(cast, text);
  const shown = quoted(sourceOf(operand, text)).text;
  const insert = (conversion: string): RuleFix => ({
    title: `Write ${target}${conversion}${shown}`,
    edits: [{ start: operand.start, end: operand.start, newText: conversion }],
    isPreferred: true,
  });
  const append = (suffix: string): RuleFix => ({
    title: `Write ${target}${shown}${suffix}`,
    edits: [{ start: operand.end, end: operand.end, newText: suffix }],
    isPreferred: true,
  });
  switch (kind.kind) {
    case 'any':
      return cast.isCall ? [] : [insert('<size_t>')];
    case 'measured':
    case 'bytes':
    case 'bytearray':
      return cast.isCall ? [] : [insert('<char*>')];
    case 'ndarray':
      return operand.kind === 'name' || operand.kind === 'attribute' ? [append('.data')] : [];
    case 'array':
      return operand.kind === 'name' || operand.kind === 'attribute' ? [append('.data.as_voidptr')] : [];
    case 'data': {
      const typed = operand.kind === 'attribute' && numpyName !== null ? [typedData(operand, numpyName, text)] : [];
      // Of what holds a number after all; an array's memoryview is then refused when the code runs.
      return cast.isCall ? typed : [...typed, { ...insert('<size_t>'), isPreferred: false }];
    }
    case 'none':
      return [
        {
          title: 'Write NULL',
          edits: [{ start: operand.start, end: operand.end, newText: 'NULL' }],
          isPreferred: true,
        },
      ];
    default:
      return [];
  }
}

/** `(<np.ndarray>x).data`, which is the buffer: Cython checks nothing, so the object must be an array. */
function typedData(operand: Expression & { readonly kind: 'attribute' }, numpyName: string, text: string): RuleFix {
  const { start, end } = operand.object;
  const newText = `(<${numpyName}.ndarray>${text.slice(start, end)})`;
  return { title: `Write ${quoted(`${newText}.data`).text}`, edits: [{ start, end, newText }], isPreferred: false };
}

/** The cast's own `<…>`, as written. */
function typeText(cast: CastSite['cast'], text: string): string {
  return cast.isCall ? '' : text.slice(cast.bare.start, cast.operand.start).trimEnd();
}

function sourceOf({ start, end }: Expression, text: string): string {
  return text.slice(start, end);
}

/** A long operand, or one on several lines, is cut for a sentence. */
function quoted(source: string): { readonly text: string } {
  const flat = source.replace(/\s+/gu, ' ');
  return { text: flat.length > 60 ? `${[...flat].slice(0, 57).join('')}…` : flat };
}
