import type { Type } from '../binding/model.ts';
import { isPythonObject } from '../binding/types.ts';
import { assignedValues } from '../inference/assigned-values.ts';
import { lastName } from '../inference/usage.ts';
import type { Expression } from '../syntax/syntax.ts';
import { dottedName } from '../syntax/type-expression.ts';
import type { CastSite, RuleContext } from './rule.ts';

/** Attributes that hold an address, or a buffer whose address is meant: ctypes, CuPy, PyTorch, `array`, NumPy. */
const addressAttributes = /^(ptr|data|addr|address|data_ptr|_ptr|pointer|handle|_handle|value|buffer|buf)$/u;

/** C functions that read, write or free what they are given. */
const memoryFunctions =
  /^(free|PyMem_\w*Free|realloc|PyMem_\w*Realloc|memcpy|memmove|memset|memcmp|memchr|strlen|strcpy|strncpy|cuda\w*Free|cudaMemcpy\w*|munmap|munlock|mlock)$/u;

const addressName = /(^|_)(ptr|pointer|addr|address|handle|buf|buffer|stream|mem|memory)s?\d*_?$/iu;
const intentName =
  /(^|_)(obj|object|py\w*|self|cls|callback|cb|func|function|fn|handler|callable|ctx|context|closure|user_?data|userdata|udata|args?|kwargs|state|owner|parent)\d*_?$/iu;

/** A type of functions, by its name. */
const callbackName = /(func|function|fn|callback|cb|handler|hook|visitor)(_t|_type|ptr)?$/iu;

/** An attribute or item that by its name is an address: `x.ptr`, `x.ctypes.data`, `x.__array_interface__['data'][0]`. */
export function isAddressAttribute(expression: Expression): boolean {
  if (expression.kind === 'attribute') return addressAttributes.test(expression.name);
  return expression.kind === 'subscript' && namesArrayInterface(expression);
}

function namesArrayInterface(expression: Expression): boolean {
  let at = expression;
  for (let level = 0; level < 4; level += 1) {
    if (at.kind === 'subscript') at = at.object;
    else if (at.kind === 'attribute') return /^__(cuda_)?array_(interface|struct)__$/u.test(at.name);
    else return false;
  }
  return false;
}

/** The function that the cast's value is handed to, when it reads, writes or frees the memory there. */
export function memoryFunction({ path }: CastSite): string | null {
  for (let at = path; at !== null; at = at.parent) {
    const { expression } = at;
    if (expression.kind === 'call') {
      const name = dottedName(expression.callee)?.split('.').at(-1) ?? '';
      return memoryFunctions.test(name) ? name : null;
    }
    if (expression.kind !== 'cast') return null;
  }
  return null;
}

export type Intent = 'address' | 'object' | null;

/** What the code around says of an operand that may be anything: that it is a number, or that the object itself is meant. */
export function intentOf(site: CastSite, { usage, inference }: RuleContext): Intent {
  const { operand } = site.cast;
  const name = dottedName(operand);
  if (name !== null && usage.isCounted(name, site.scope)) return 'object';
  if (site.path?.expression.kind === 'compare') return 'object';
  if (isTakenBack(site, usage)) return 'object';
  if (hasCallback(site, inference)) return 'object';
  if (name === null) return null;
  const last = name.split('.').at(-1) ?? name;
  if (intentName.test(last)) return 'object';
  if (usage.isNumber(name, site.scope) || addressName.test(last) || isMadeNumber(site)) return 'address';
  return usage.isMeasured(name, site.scope) ? 'address' : null;
}

/** What it is stored in is cast to an object elsewhere: `s.data = <void*>a`, and `<object>s.data`. */
function isTakenBack({ path, statement, cast }: CastSite, usage: RuleContext['usage']): boolean {
  if (path !== null) return false;
  const targets =
    statement.kind === 'assign' && statement.value === cast
      ? statement.targets.map(lastName)
      : statement.kind === 'declare'
        ? statement.declarators.filter(({ value }) => value === cast).map(({ name }) => name)
        : [];
  return targets.some(name => name !== '' && usage.isTakenBack(name));
}

/** A name that is given an `int(…)` or what by its name is an address. */
function isMadeNumber({ cast: { operand }, scope }: CastSite): boolean {
  if (operand.kind !== 'name') return false;
  const binding = scope.lookup(operand.name);
  if (binding === null) return false;
  return assignedValues(binding).some(
    value => isAddressAttribute(value) || (value.kind === 'call' && dottedName(value.callee) === 'int'),
  );
}

/** A C function beside the cast in a call: what is cast is its user data. */
function hasCallback({ path, cast, scope }: CastSite, inference: RuleContext['inference']): boolean {
  if (path?.expression.kind !== 'call') return false;
  return path.expression.arguments.some(({ value }) => {
    if (value === cast) return false;
    const inner = value.kind === 'unary' && value.operator === '&' ? value.operand : value;
    if (inner.kind === 'cast' && callbackName.test(inner.type.name)) return true;
    const type = inference.typeOf(inner.kind === 'cast' ? inner.operand : inner, scope);
    return type.kind === 'function' || (type.kind === 'pointer' && type.to.kind === 'function');
  });
}

/** A function of CPython's or NumPy's C interface takes objects, some through `...` or `void*` (`PyArray_MultiIterNew`). */
export function isForPython({ path }: CastSite): boolean {
  if (path?.expression.kind !== 'call') return false;
  const name = dottedName(path.expression.callee)?.split('.').at(-1) ?? '';
  return /^_?Py[A-Z]\w*_/u.test(name) && !memoryFunctions.test(name);
}

/** Casts around the cast that keep it an identity: `<uintptr_t><void*>x`, `<object><void*>x`, `<PyObject*><void*>x`. */
export function isIdentity({ path, scope }: CastSite, { inference }: RuleContext): boolean {
  if (path?.expression.kind !== 'cast') return false;
  const outer = inference.castTarget(path.expression, scope);
  if (outer.kind === 'integer' || isPythonObject(outer) === true) return true;
  return outer.kind === 'pointer' && outer.to.kind === 'record' && isPythonStruct(outer.to.name);
}

/** Whether a cast of an object to the type gives the object's address without a word (ExprNodes.TypecastNode), and is no pointer to an object. */
export function takesAddress(target: Type): boolean {
  return givesObjectAddress(target) && !(target.to.kind === 'record' && isPythonStruct(target.to.name));
}

/** Whether a cast of an object to the type gives the object's address: pointers to `void` and to structs, `PyObject*` too. */
export function givesObjectAddress(target: Type): target is Type & { readonly kind: 'pointer' } {
  if (target.kind !== 'pointer') return false;
  return target.to.kind === 'void' || (target.to.kind === 'record' && target.to.record === 'struct');
}

/** A struct that begins as every object does: `PyObject`, `PyTypeObject`, `_typeobject`, `CyFunctionObject`. A pointer to it is one to an object. */
export function isPythonStruct(name: string): boolean {
  return /^_?Py[A-Z_]|^_(typeobject|object)$|Object$/u.test(name);
}
