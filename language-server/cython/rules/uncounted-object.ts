import type { Severity } from '../../protocol/finding.ts';
import { isPythonObject } from '../binding/types.ts';
import type { Visit } from '../binding/visit.ts';
import { innermost } from '../inference/usage.ts';
import { dottedName } from '../syntax/type-expression.ts';
import { givesObjectAddress } from './evidence.ts';
import { checkObjectAddress } from './object-address.ts';
import { operandKind } from './operand-kind.ts';
import { type Destination, destinationOf, lifetimeOf } from './ownership.ts';
import { type CastSite, castSite, type Report, type RuleContext } from './rule.ts';
import { quoted } from './sentence.ts';

/**
 * `<void*>obj` that is stored beyond the function without a reference: nothing keeps the object alive until it is taken back.
 * Where the cast itself is not what was meant, that is told instead.
 */
export function checkUncountedObject(visit: Visit, context: RuleContext): Report | null {
  const { scope, statement, expression } = visit;
  const destination = destinationOf(statement, scope, context);
  if (destination === null) return null;
  const inner = { ...visit, expression: castOfObject(expression) };
  const site = castSite(inner, context);
  if (site === null || !givesObjectAddress(site.target) || isPythonObject(site.operand) !== true) return null;
  if (['none', 'type'].includes(operandKind(site.operand).kind)) return null;
  const told = checkObjectAddress(site, context);
  if (told !== null && told.severity !== 'hint') return null;
  const severity = severityOf(site, destination, context);
  if (severity === null) return null;
  const object = quoted(site.cast.operand, context.text);
  const place = quoted(destination.target, context.text);
  return {
    span: site.cast.bare,
    severity,
    message:
      `${place} keeps the address of ${object} and no reference to it: when the last reference is gone, it points to a free object. ` +
      `Write Py_INCREF(${object}) here and Py_DECREF where it ends, or keep ${object} in an attribute or a container.`,
    fixes: [],
    evidence: { rule: 'Cython.Compiler.ExprNodes.TypecastNode: a cast to a pointer counts no reference' },
  };
}

/** The cast next to the object: of `<Handle><void*>obj` the inner one. */
function castOfObject(expression: Visit['expression']): Visit['expression'] {
  let at = expression;
  while (at.kind === 'cast' && at.operand.kind === 'cast') at = at.operand;
  return at;
}

function severityOf({ cast, scope }: CastSite, { kind, target }: Destination, context: RuleContext): Severity | null {
  const operand = innermost(cast);
  if (operand.kind !== 'name') return null;
  const binding = scope.lookup(operand.name);
  const lifetime = binding === null ? null : lifetimeOf(binding, scope, dottedName(target), context);
  if (lifetime === null) return null;
  return lifetime === 'made' && kind !== 'struct' ? 'warning' : 'information';
}
