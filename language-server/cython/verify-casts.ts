import type { Type } from './binding/model.ts';
import { isPythonObject } from './binding/types.ts';
import type { Visit } from './binding/visit.ts';
import type { CompiledCast, CompilerTypes } from './bridge/compiler-types.ts';
import type { LineIndex } from './diagnostics/positions.ts';
import type { Inference } from './inference/infer.ts';

/**
 * Joins what both engines know, so that rules are written once: what the compiler has found out about casts and `.data` becomes
 * part of what the inference answers. Where the compiler knows, it is right; what it does not know, our own analysis may.
 */
export function learnCompilerTypes(
  inference: Inference,
  visits: readonly Visit[],
  text: string,
  lines: LineIndex,
  compiled: CompilerTypes,
): void {
  for (const { expression, scope } of visits) {
    if (expression.kind === 'cast') {
      const { line, character } = lines.position(expression.bare.start);
      const fact = decisiveCast(compiled.castsAt(line, character));
      if (fact === undefined) continue;
      const target = verifyType(inference.castTarget(expression, scope), fact.target);
      const operand = verifyType(inference.typeOf(expression.operand, scope), fact.operand);
      inference.learn(expression, target);
      inference.learn(expression.operand, operand);
    } else if (expression.kind === 'attribute' && expression.name === 'data') {
      const { line, character } = lines.position(text.indexOf('.', expression.object.end));
      const [owner] = compiled.dataOwnersAt(line, character);
      if (owner === undefined) continue;
      inference.learn(expression.object, verifyType(inference.typeOf(expression.object, scope), owner));
    }
  }
}

/** Of the specialisations of a fused type the one that takes an object is what a rule has to see. */
function decisiveCast(casts: readonly CompiledCast[]): CompiledCast | undefined {
  return casts.find(({ operand }) => isPythonObject(operand) === true) ?? casts[0];
}

/**
 * One type of two answers. Where both find a Python object, the closer name of it counts: the compiler has `object` for many that
 * are known to be None or a function.
 */
export function verifyType(own: Type, compiled: Type): Type {
  // The specialisations of a fused type are looked at one by one where the rules are.
  if (compiled.kind === 'unknown' || own.kind === 'fused') return own;
  if (isPythonObject(compiled) === true && isPythonObject(own) === true) return closerObject(own, compiled);
  // Members do not travel: of the same class or struct ours has them.
  return isSameNamed(own, compiled) ? own : compiled;
}

function closerObject(own: Type, compiled: Type): Type {
  if (compiled.kind === 'object' && compiled.of === 'object') return own;
  return isSameNamed(own, compiled) || own.kind === 'buffer' ? own : compiled;
}

function isSameNamed(own: Type, compiled: Type): boolean {
  if (own.kind === 'pointer' && compiled.kind === 'pointer') return isSameNamed(own.to, compiled.to);
  if (own.kind === 'extension' && compiled.kind === 'extension') return own.name === compiled.name;
  if (own.kind !== 'record' || compiled.kind !== 'record') return false;
  return own.name === compiled.name && own.record === compiled.record;
}
