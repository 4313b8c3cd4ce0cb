import type { Severity } from '../../protocol/finding.ts';
import type { Type } from '../binding/model.ts';
import { isPythonObject } from '../binding/types.ts';
import type { Visit } from '../binding/visit.ts';
import { assignedValues } from '../inference/assigned-values.ts';
import { innermost, lastName } from '../inference/usage.ts';
import type { Expression } from '../syntax/syntax.ts';
import { givesObjectAddress, isPythonStruct } from './evidence.ts';
import { type CastSite, castSite, type Report, type RuleContext, type RuleFix } from './rule.ts';
import { castText, quoted } from './sentence.ts';

/**
 * `<bytes>p`, `<list>p`, `<object>p` of a `void*` or a pointer to a struct: the memory there is taken for a Python object as it
 * stands (of a `char*`, `<bytes>p` copies). Right only for a pointer that an object was cast to before.
 */
export function checkObjectFromPointer(visit: Visit, context: RuleContext): Report | null {
  const site = castSite(visit, context);
  if (site === null || isPythonObject(site.target) !== true || !isReinterpreted(site.operand)) return null;
  const severity = severityOf(site, context);
  if (severity === null) return null;
  const { cast } = site;
  const pointer = quoted(cast.operand, context.text);
  const target = cast.type.name === 'object' ? 'Python object' : cast.type.name;
  return {
    span: cast.bare,
    severity,
    message:
      `This takes the memory that ${pointer} points to for a ${target} as it stands: nothing is converted or copied. ` +
      `It is right only where ${pointer} was made by a cast of an object. ${remedy(site)}`,
    fixes: fixesOf(site, context),
    evidence: {
      rule: 'Cython.Compiler.ExprNodes.TypecastNode: an object cast from void* or a struct pointer is not converted',
    },
  };
}

/** What is pointed to is `void` or a struct of C: any other pointer Cython converts or refuses. */
function isReinterpreted(operand: Type): boolean {
  if (operand.kind !== 'pointer') return false;
  const { to } = operand;
  return to.kind === 'void' || (to.kind === 'record' && to.record === 'struct' && !isPythonStruct(to.name));
}

/** Types that hold characters: hardly anybody hands them to C as objects, and many want to make one of what C has. */
const holdsCharacters = new Set(['bytes', 'bytearray', 'str', 'unicode', 'basestring']);

function severityOf(site: CastSite, context: RuleContext): Severity | null {
  const { cast, target } = site;
  // `<object>NULL` says itself what it is: for functions of the C interface that take no object as well.
  const pointer = innermost(cast);
  if (pointer.kind === 'literal' && pointer.literal === 'null') return null;
  if (isOwnMemory(pointer, site, context)) return 'warning';
  if (hasCounterpart(site, context)) return null;
  if (target.kind === 'object' && holdsCharacters.has(target.of)) return 'warning';
  return isGiven(pointer, site) ? null : 'information';
}

/** Memory that is no object for sure: what is allocated, the address of a C variable, a pointer to characters. */
function isOwnMemory(pointer: Expression, site: CastSite, context: RuleContext): boolean {
  const { scope } = site;
  if (pointer.kind === 'unary' && pointer.operator === '&') return true;
  if (isAllocation(pointer)) return true;
  const type = context.inference.typeOf(pointer, scope);
  if (type.kind === 'pointer' && ['integer', 'float'].includes(type.to.kind) && pointer !== site.cast.operand)
    return true;
  if (pointer.kind !== 'name') return false;
  const binding = scope.lookup(pointer.name);
  const values = binding === null ? [] : assignedValues(binding).map(innermost);
  return values.some(isAllocation);
}

function isAllocation(value: Expression): boolean {
  return (
    value.kind === 'call' &&
    /^(\w*malloc|\w*calloc|\w*realloc|\w*_Malloc|\w*_Calloc|\w*_Realloc|mmap|strdup)$/iu.test(lastName(value.callee))
  );
}

/** What the file casts to pointers: objects at all, and such as hold characters. */
interface HandedOut {
  readonly objects: boolean;
  readonly characters: boolean;
}

const handedOut = new WeakMap<RuleContext['visits'], HandedOut>();

/** The file casts objects to pointers as well: what goes out comes back. */
function hasCounterpart({ target }: CastSite, context: RuleContext): boolean {
  let found = handedOut.get(context.visits);
  if (found === undefined) {
    found = findHandedOut(context);
    handedOut.set(context.visits, found);
  }
  return target.kind === 'object' && holdsCharacters.has(target.of) ? found.characters : found.objects;
}

function findHandedOut(context: RuleContext): HandedOut {
  const operands = context.visits.flatMap(visit => {
    const site = castSite(visit, context);
    return site !== null && givesObjectAddress(site.target) && isPythonObject(site.operand) === true
      ? [site.operand]
      : [];
  });
  return {
    objects: operands.length > 0,
    characters: operands.some(operand => operand.kind === 'object' && holdsCharacters.has(operand.of)),
  };
}

/** A parameter, or a field: a callback's user data, which the C library hands back. */
function isGiven(pointer: Expression, { scope }: CastSite): boolean {
  if (pointer.kind === 'attribute' || pointer.kind === 'subscript') return true;
  if (pointer.kind === 'call') return true;
  if (pointer.kind !== 'name') return false;
  const binding = scope.lookup(pointer.name);
  if (binding === null || binding.parameter !== null || binding.scope.kind === 'module') return true;
  const values = assignedValues(binding).map(innermost);
  return values.some(({ kind }) => kind === 'call' || kind === 'attribute' || kind === 'subscript');
}

function remedy({ target }: CastSite): string {
  return target.kind === 'object' && holdsCharacters.has(target.of)
    ? 'For a copy of characters, cast to char* first and slice by the length: (<char*>p)[:n].'
    : 'For a C value, convert what it points to.';
}

/** `<bytes><char*>p` copies up to the first NUL. */
function fixesOf({ cast, target }: CastSite, { text }: RuleContext): readonly RuleFix[] {
  if (cast.isCall || target.kind !== 'object' || target.of !== 'bytes') return [];
  const { start } = cast.operand;
  const title = `Write ${castText(cast, text)}<char*>${quoted(cast.operand, text)}`;
  return [{ title, edits: [{ start, end: start, newText: '<char*>' }], isPreferred: false }];
}
