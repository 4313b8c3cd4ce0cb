import type { Visit } from '../binding/bind.ts';
import type { Scope } from '../binding/model.ts';
import type { Expression } from '../syntax/syntax.ts';
import { dottedName } from '../syntax/type-expression.ts';

/** What a function does with its names besides casting them: evidence of what a value is. */
interface FunctionUsage {
  readonly numbers: Set<string>;
  readonly counted: Set<string>;
  readonly measured: Set<string>;
}

const referenceCounting = new Set(
  'Py_INCREF Py_XINCREF Py_NewRef Py_XNewRef Py_DECREF Py_XDECREF Py_CLEAR incref'.split(' '),
);
const sizeAttributes = new Set('nbytes itemsize'.split(' '));

/** Gathers, function by function, how dotted names are used. */
export class Usage {
  readonly #functions = new Map<Scope, FunctionUsage>();

  visit({ expression, scope }: Visit): void {
    switch (expression.kind) {
      case 'binary':
        if (expression.operands.some(isNumber)) this.#addAll(expression.operands, scope, 'numbers');
        return;
      case 'compare':
        if (expression.operands.some(isNumber)) this.#addAll(expression.operands, scope, 'numbers');
        return;
      case 'attribute':
        if (sizeAttributes.has(expression.name)) this.#addAll([expression.object], scope, 'measured');
        return;
      case 'cast':
        if (isIntegerName(expression.type.name) && expression.type.wrappers.length === 0) {
          this.#addAll([expression.operand], scope, 'numbers');
        }
        return;
      case 'call': {
        const name = dottedName(expression.callee)?.split('.').at(-1) ?? '';
        const values = expression.arguments.map(({ value }) => value);
        if (name === 'int' || name === 'hex') this.#addAll(values, scope, 'numbers');
        else if (name === 'len') this.#addAll(values, scope, 'measured');
        else if (referenceCounting.has(name)) this.#addAll(values, scope, 'counted');
        return;
      }
      default:
    }
  }

  /** Used as a number: in arithmetic or a comparison with one, made an `int`, cast to an integer. */
  isNumber(name: string, scope: Scope): boolean {
    return this.#functions.get(functionOf(scope))?.numbers.has(name) ?? false;
  }

  /** Its references are counted by hand: the object itself is meant. */
  isCounted(name: string, scope: Scope): boolean {
    return this.#functions.get(functionOf(scope))?.counted.has(name) ?? false;
  }

  /** Its length is asked for: it is a buffer, not an address. */
  isMeasured(name: string, scope: Scope): boolean {
    return this.#functions.get(functionOf(scope))?.measured.has(name) ?? false;
  }

  #addAll(expressions: readonly Expression[], scope: Scope, which: keyof FunctionUsage): void {
    const owner = functionOf(scope);
    for (const expression of expressions) {
      const name = dottedName(expression.kind === 'cast' ? innermost(expression) : expression);
      if (name === null) continue;
      let usage = this.#functions.get(owner);
      if (usage === undefined) {
        usage = { numbers: new Set(), counted: new Set(), measured: new Set() };
        this.#functions.set(owner, usage);
      }
      usage[which].add(name);
    }
  }
}

function innermost(expression: Expression): Expression {
  let at = expression;
  while (at.kind === 'cast') at = at.operand;
  return at;
}

function functionOf(scope: Scope): Scope {
  let at = scope;
  while (at.kind === 'comprehension' && at.parent !== null) at = at.parent;
  return at;
}

function isNumber(expression: Expression): boolean {
  return expression.kind === 'literal' && (expression.literal === 'int' || expression.literal === 'longInt');
}

function isIntegerName(name: string): boolean {
  return /^(s?size_t|Py_ssize_t|u?intptr_t|u?int64_t|(unsigned )?long( long)?|ptrdiff_t)$/u.test(
    name.split('.').at(-1) ?? '',
  );
}
