import type { Severity } from '../../protocol/finding.ts';
import { isPythonObject } from '../binding/types.ts';
import { isTemporary } from '../inference/temporary.ts';
import type { Expression } from '../syntax/syntax.ts';
import { dottedName } from '../syntax/type-expression.ts';
import { intentOf, isAddressAttribute, isForPython, isIdentity, memoryFunction, takesAddress } from './evidence.ts';
import { fixesOf } from './object-address-fixes.ts';
import { type OperandKind, operandKind } from './operand-kind.ts';
import type { CastSite, Report, RuleContext } from './rule.ts';
import { castText, quoted } from './sentence.ts';
import { siblingText } from './sibling.ts';
import { isUntypedData } from './untyped-data.ts';

/**
 * `<T>x` of a Python object x, with T a pointer to `void` or to a struct: Cython takes the address of the PyObject without a
 * word (ExprNodes.TypecastNode). To any other pointer it converts or refuses, and it refuses temporaries.
 */
export function checkObjectAddress(site: CastSite, context: RuleContext): Omit<Report, 'span'> | null {
  if (!takesAddress(site.target) || isPythonObject(site.operand) !== true) return null;
  if (isTemporary(site.cast.operand, site.scope, context.inference) || isIdentity(site, context) || isForPython(site))
    return null;
  // Told by a rule of its own.
  if (isUntypedData(site.cast.operand, site.scope, context)) return null;
  const kind = refined(operandKind(site.operand), site, context);
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

function messageOf(site: CastSite, kind: OperandKind, context: RuleContext): string {
  const { cast, scope } = site;
  const { text } = context;
  const operand = quoted(cast.operand, text);
  const target = castText(cast, text);
  const shown = cast.isCall ? 'the cast' : `${target}${operand}`;
  const subject = `"${operand}" is ${describe(cast.operand, kind, scope)}`;
  const address = `so ${shown} is the address of the object itself`;
  switch (kind.kind) {
    case 'any': {
      const right = cast.isCall ? 'an integer type first' : `${target}<size_t>${operand}`;
      return `${subject}, ${address}, not the address stored in it. Write ${right} to get the number that it holds${siblingText('number', site, context)}.`;
    }
    case 'measured':
    case 'bytes':
    case 'bytearray':
      return `${subject}, ${address}, not of its bytes. Write ${target}<char*>${operand} to get those${siblingText('characters', site, context)}.`;
    case 'text':
      return `${subject}, ${address}, not of its characters. Encode it to bytes, and cast <char*> of those.`;
    case 'memoryview':
      return `${subject}, ${address}, not of the memory that it views. Assign it to a typed memoryview, and take &view[0]${siblingText('memory', site, context)}.`;
    case 'ndarray':
      return `${subject}, ${address}, not of its elements. Write ${target}${operand}.data to get those${siblingText('memory', site, context)}.`;
    case 'array':
      return `${subject}, ${address}, not of its elements. Write ${operand}.data.as_voidptr to get those.`;
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
