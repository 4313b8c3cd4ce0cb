import type { Severity } from '../../protocol/finding.ts';
import { isPythonObject } from '../binding/types.ts';
import type { Visit } from '../binding/visit.ts';
import { assignedValues } from '../inference/assigned-values.ts';
import { innermost, lastName } from '../inference/usage.ts';
import type { Expression } from '../syntax/syntax.ts';
import { dottedName } from '../syntax/type-expression.ts';
import { type CastSite, castSite, type Report, type RuleContext } from './rule.ts';
import { quoted } from './sentence.ts';

/** Functions of the C interface that give NULL as an ordinary answer: nothing of that name is there. */
const lookups =
  /^(_?PyDict_GetItem(String|WithError|_KnownHash|_Unicode|StringWithError|WithError)?|PyThreadState_GetDict|PyErr_Occurred|PySys_GetObject|PyImport_GetModule|PyEval_GetLocals|PyEval_GetGlobals|PyErr_GetHandledException|PyODict_GetItem)$/u;

/** `<object>p` of a pointer that may be NULL: Cython counts a reference of it at once, and reads address 0 for that. */
export function checkNullObject(visit: Visit, context: RuleContext): Report | null {
  const site = castSite(visit, context);
  if (site === null || isPythonObject(site.target) !== true || site.operand.kind !== 'pointer') return null;
  // Of a pointer to characters it is a conversion.
  if (site.operand.to.kind !== 'void' && site.operand.to.kind !== 'record') return null;
  const origin = originOf(site, context);
  if (origin === null) return null;
  const pointer = quoted(site.cast.operand, context.text);
  return {
    span: site.cast.bare,
    severity: origin.severity,
    message: `${origin.text}, and of NULL this cast crashes: Cython counts a reference of what ${pointer} points to. Compare it with NULL first.`,
    fixes: [],
    evidence: {
      rule: 'Cython.Compiler.ExprNodes.TypecastNode.generate_result_code: the result of a cast to object is increfed',
    },
  };
}

interface NullOrigin {
  readonly severity: Severity;
  readonly text: string;
}

function originOf({ cast, scope }: CastSite, { usage, text }: RuleContext): NullOrigin | null {
  const pointer = innermost(cast);
  const called = lookupIn(pointer);
  if (called !== null) return { severity: 'warning', text: `${called} gives NULL where there is nothing` };
  const name = dottedName(pointer);
  if (pointer.kind !== 'name' || name === null || usage.isTested(name, scope)) return null;
  const binding = scope.lookup(pointer.name);
  if (binding === null || binding.scope.kind !== 'function') return null;
  const values = assignedValues(binding).map(innermost);
  const from = values.map(lookupIn).find(each => each !== null);
  const shown = quoted(pointer, text);
  if (from !== undefined)
    return { severity: 'warning', text: `${shown} comes from ${from}, which gives NULL where there is nothing` };
  const isNull = values.some(value => value.kind === 'literal' && value.literal === 'null');
  return isNull ? { severity: 'information', text: `${shown} may still be NULL, as it begins` } : null;
}

function lookupIn(value: Expression): string | null {
  if (value.kind !== 'call') return null;
  const name = lastName(value.callee);
  return lookups.test(name) ? name : null;
}
