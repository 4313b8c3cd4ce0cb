import type { Scope } from '../binding/model.ts';
import type { Visit } from '../binding/visit.ts';
import type { Expression, Statement } from '../syntax/syntax.ts';
import { dottedName } from '../syntax/type-expression.ts';
import { maximumTreeDepth, partsOf } from '../syntax/walk-expression.ts';

/** What a function does with its names: evidence of what a value is, and of what was made sure about it. */
interface FunctionUsage {
  readonly numbers: Set<string>;
  readonly counted: Set<string>;
  readonly measured: Set<string>;
  /** Where a name is put that holds it: an attribute as written, or nothing for a container or the caller. */
  readonly kept: Map<string, Set<string>>;
  readonly reset: Set<string>;
  /** Named in a condition. */
  readonly tested: Set<string>;
  /** `n` of `n = len(x)`, by `x`. */
  readonly sizes: Map<string, Set<string>>;
  /** `dtype` of `a.dtype`, by `a`. */
  readonly attributes: Map<string, Set<string>>;
  /** The functions that a name is handed to, by their last name. */
  readonly receivers: Map<string, Set<string>>;
}

type NameSet = 'numbers' | 'counted' | 'measured' | 'reset' | 'tested';

const referenceCounting = new Set(
  'Py_INCREF Py_XINCREF Py_NewRef Py_XNewRef Py_DECREF Py_XDECREF Py_CLEAR incref'.split(' '),
);
const sizeAttributes = new Set('nbytes itemsize'.split(' '));
/** What holds elements asks for them by these, or by `len`. */
const countAttributes = new Set('shape size nbytes empty ndim'.split(' '));
const conditionWords = new Set('if elif while IF ELIF'.split(' '));
/** Methods of Python containers, and functions of the C interface, that keep what they are given. */
const keepers =
  /^(append|add|setdefault|insert|push|put|register|appendleft|extend|keep\w*|PyList_Append|PyDict_SetItem\w*)$/u;

/** Gathers, function by function, how dotted names are used. */
export class Usage {
  readonly #functions = new Map<Scope, FunctionUsage>();
  /** Last names of what is cast to an object anywhere in the file. */
  readonly #takenBack = new Set<string>();

  visit({ expression, scope, path, statement }: Visit): void {
    if (path === null) this.#visitRoot(expression, scope, statement);
    switch (expression.kind) {
      case 'binary':
        if (expression.operands.some(isNumber)) this.#addAll(expression.operands, scope, 'numbers');
        return;
      case 'compare':
        if (expression.operands.some(isNumber)) this.#addAll(expression.operands, scope, 'numbers');
        this.#addNamed(expression, scope, 'tested');
        return;
      case 'logical':
        this.#addNamed(expression, scope, 'tested');
        return;
      case 'conditional':
        this.#addNamed(expression.test, scope, 'tested');
        return;
      case 'attribute':
        this.#addAttribute(expression, scope);
        return;
      case 'cast':
        if (isIntegerName(expression.type.name) && expression.type.wrappers.length === 0) {
          this.#addAll([expression.operand], scope, 'numbers');
        }
        if (isObjectName(expression)) this.#takenBack.add(lastName(innermost(expression.operand)));
        return;
      case 'call':
        this.#addCall(expression, scope);
        return;
      default:
    }
  }

  #visitRoot(expression: Expression, scope: Scope, statement: Statement): void {
    switch (statement.kind) {
      case 'block':
        if (conditionWords.has(statement.word)) this.#addNamed(expression, scope, 'tested');
        return;
      case 'expressions':
        if (statement.word === 'assert') this.#addNamed(expression, scope, 'tested');
        else if (statement.word === 'return') this.#keep(expression, scope, '');
        return;
      case 'assign':
        if (expression === statement.value) this.#visitAssigned(statement.targets, expression, scope);
        return;
      case 'declare': {
        const declarator = statement.declarators.find(({ value }) => value === expression);
        if (declarator !== undefined) this.#addSizes(declarator.name, expression, scope);
        return;
      }
      default:
    }
  }

  #visitAssigned(targets: readonly Expression[], value: Expression, scope: Scope): void {
    for (const target of targets) {
      if (target.kind === 'name') this.#addSizes(target.name, value, scope);
      if (target.kind !== 'name') this.#keep(value, scope, dottedName(target) ?? '');
      if (value.kind === 'literal' && (value.literal === 'null' || value.literal === 'none')) {
        this.#addAll([target], scope, 'reset');
      }
    }
  }

  /** `n = len(x)`, `n = x.shape[0]`. */
  #addSizes(name: string, value: Expression, scope: Scope): void {
    for (const measured of measuredIn(value)) {
      addTo(this.#usageIn(scope).sizes, measured, name);
    }
  }

  #addAttribute(expression: Expression & { readonly kind: 'attribute' }, scope: Scope): void {
    if (sizeAttributes.has(expression.name)) this.#addAll([expression.object], scope, 'measured');
    const name = dottedName(innermost(expression.object));
    if (name !== null) addTo(this.#usageIn(scope).attributes, name, expression.name);
  }

  #addCall(call: Expression & { readonly kind: 'call' }, scope: Scope): void {
    const name = lastName(call.callee);
    const values = call.arguments.map(({ value }) => value);
    if (name === 'int' || name === 'hex') this.#addAll(values, scope, 'numbers');
    else if (name === 'len') this.#addAll(values, scope, 'measured');
    else if (referenceCounting.has(name)) this.#addAll(values, scope, 'counted');
    else if (keepers.test(name)) for (const value of values) this.#keep(value, scope, '');
    if (name === '') return;
    for (const value of values) {
      const given = value.kind === 'unary' && value.operator === '&' ? value.operand : innermost(value);
      const named = dottedName(given);
      if (named !== null) addTo(this.#usageIn(scope).receivers, named, name);
    }
  }

  /** Used as a number: in arithmetic or a comparison with one, made an `int`, cast to an integer. */
  isNumber(name: string, scope: Scope): boolean {
    return this.#has('numbers', name, scope);
  }

  /** Its references are counted by hand: the object itself is meant. */
  isCounted(name: string, scope: Scope): boolean {
    return this.#has('counted', name, scope);
  }

  /** Its length is asked for: it is a buffer, not an address. */
  isMeasured(name: string, scope: Scope): boolean {
    return this.#has('measured', name, scope);
  }

  /** It takes part in a condition. */
  isTested(name: string, scope: Scope): boolean {
    return this.#has('tested', name, scope);
  }

  /**
   * Something that outlives the function gets a reference to it: an attribute, an item, a container, the caller.
   * @param except The place in question, as it is written.
   */
  isKept(name: string, scope: Scope, except: string | null): boolean {
    const places = this.#functions.get(functionOf(scope))?.kept.get(name) ?? nothing;
    return [...places].some(place => place === '' || place !== except) || this.#has('counted', name, scope);
  }

  /** Something of this last name is cast to an object somewhere in the file: `<object>p`, `<Owner>s.data`. */
  isTakenBack(lastName: string): boolean {
    return this.#takenBack.has(lastName);
  }

  /** It is set to NULL or None somewhere in the function. */
  isReset(name: string, scope: Scope): boolean {
    return this.#has('reset', name, scope);
  }

  /** How many elements it has takes part in a condition, by itself or by a name that was given the number. */
  isSizeTested(name: string, scope: Scope): boolean {
    const usage = this.#functions.get(functionOf(scope));
    if (usage === undefined) return false;
    if (usage.tested.has(name)) return true;
    return [...(usage.sizes.get(name) ?? nothing)].some(alias => usage.tested.has(alias));
  }

  /** The attributes that are asked of it. */
  attributesOf(name: string, scope: Scope): ReadonlySet<string> {
    return this.#functions.get(functionOf(scope))?.attributes.get(name) ?? nothing;
  }

  /** The functions that it is handed to. */
  receiversOf(name: string, scope: Scope): ReadonlySet<string> {
    return this.#functions.get(functionOf(scope))?.receivers.get(name) ?? nothing;
  }

  #has(which: NameSet, name: string, scope: Scope): boolean {
    return this.#functions.get(functionOf(scope))?.[which].has(name) ?? false;
  }

  #usageIn(scope: Scope): FunctionUsage {
    const owner = functionOf(scope);
    let usage = this.#functions.get(owner);
    if (usage === undefined) {
      usage = {
        numbers: new Set(),
        counted: new Set(),
        measured: new Set(),
        kept: new Map(),
        reset: new Set(),
        tested: new Set(),
        sizes: new Map(),
        attributes: new Map(),
        receivers: new Map(),
      };
      this.#functions.set(owner, usage);
    }
    return usage;
  }

  #addAll(expressions: readonly Expression[], scope: Scope, which: NameSet): void {
    for (const expression of expressions) {
      const name = dottedName(innermost(expression));
      if (name !== null) this.#usageIn(scope)[which].add(name);
    }
  }

  /** A name, or several: what is handed on is the object itself, also by `<object>arr`. */
  #keep(value: Expression, scope: Scope, place: string): void {
    let held = value;
    while (held.kind === 'cast' && isObjectName(held)) held = held.operand;
    if (held.kind === 'name') addTo(this.#usageIn(scope).kept, held.name, place);
    if (held.kind === 'display') for (const item of held.items) this.#keep(item, scope, place);
  }

  /** Every dotted name in an expression, and those before its dots: `x.shape[0]` tests `x`. */
  #addNamed(expression: Expression, scope: Scope, which: NameSet): void {
    const set = this.#usageIn(scope)[which];
    forEachName(expression, name => set.add(name));
  }
}

const nothing: ReadonlySet<string> = new Set();

function addTo(map: Map<string, Set<string>>, key: string, value: string): void {
  const set = map.get(key);
  if (set === undefined) map.set(key, new Set([value]));
  else set.add(value);
}

/** The last name of what is called: `free` of `stdlib.free`, also behind what is no name (`a[0].append`). */
export function lastName(callee: Expression): string {
  if (callee.kind === 'name') return callee.name;
  return callee.kind === 'attribute' ? callee.name : '';
}

function forEachName(expression: Expression, add: (name: string) => void, depth = 0): void {
  if (depth > maximumTreeDepth) return;
  const name = dottedName(expression);
  if (name !== null) add(name);
  for (const part of partsOf(expression)) forEachName(part, add, depth + 1);
}

/** The names whose number of elements a value says. */
function measuredIn(value: Expression): readonly string[] {
  const found: string[] = [];
  const look = (expression: Expression, depth: number): void => {
    if (depth > 20) return;
    if (expression.kind === 'attribute' && countAttributes.has(expression.name)) {
      const name = dottedName(expression.object);
      if (name !== null) found.push(name);
    } else if (expression.kind === 'call' && lastName(expression.callee) === 'len') {
      for (const { value: argument } of expression.arguments) {
        const name = dottedName(argument);
        if (name !== null) found.push(name);
      }
    }
    for (const part of partsOf(expression)) look(part, depth + 1);
  };
  look(value, 0);
  return found;
}

/** What is cast, past all casts. */
export function innermost(expression: Expression): Expression {
  let at = expression;
  while (at.kind === 'cast') at = at.operand;
  return at;
}

/** The scope of the function around: a comprehension has one of its own. */
export function functionOf(scope: Scope): Scope {
  let at = scope;
  while (at.kind === 'comprehension' && at.parent !== null) at = at.parent;
  return at;
}

function isNumber(expression: Expression): boolean {
  return expression.kind === 'literal' && (expression.literal === 'int' || expression.literal === 'longInt');
}

/** By its looks: `object`, a built-in type, or a name that begins as classes do. */
function isObjectName({ type }: Expression & { readonly kind: 'cast' }): boolean {
  if (type.isBasic || type.wrappers.length > 0 || type.brackets !== 'none') return false;
  return /^(object|list|dict|tuple|set|bytes|str|[A-Z]\w*[a-z]\w*)$/u.test(type.name.split('.').at(-1) ?? '');
}

function isIntegerName(name: string): boolean {
  return /^(s?size_t|Py_ssize_t|u?intptr_t|u?int64_t|(unsigned )?long( long)?|ptrdiff_t)$/u.test(
    name.split('.').at(-1) ?? '',
  );
}
