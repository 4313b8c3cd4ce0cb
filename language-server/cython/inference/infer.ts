import type { Assignment, Binding, Scope, Type } from '../binding/model.ts';
import { resolveType, typeOfDeclaration } from '../binding/resolve-type.ts';
import { withArguments } from '../binding/template.ts';
import {
  float,
  integer,
  isPythonObject,
  object,
  objectOf,
  other,
  pointerTo,
  spanning,
  unknown,
} from '../binding/types.ts';
import type { Expression } from '../syntax/syntax.ts';
import { maximumTreeDepth } from '../syntax/walk-expression.ts';
import { binaryType, unaryType } from './arithmetic.ts';
import { builtinResult, builtinValue, literalTypes } from './builtin-names.ts';
import { elementOfContainer, methodOfContainer } from './containers.ts';
import { type Specialization, specialize } from './specialization.ts';

/** How Cython types a local without a declaration: the directive `infer_types` True, None (the default), False. */
export type InferenceMode = 'all' | 'safe' | 'none' | 'uncertain';

/** Names that resolve to one another deeper than this stay unknown. */
const maximumChain = 60;

/** Types of expressions by Cython's rules (ExprNodes.infer_type, TypeInference.safe_spanning_type). */
export class Inference {
  readonly #mode: InferenceMode;
  readonly #specialization: Specialization | null;
  readonly #types = new Map<Binding, Type>();
  readonly #open = new Set<Binding>();
  readonly #partial = new Map<Binding, Type>();
  readonly #learned = new Map<Expression, Type>();

  /** @param specialization What stands for each fused type; absent: fused types stay. */
  constructor(mode: InferenceMode, specialization: Specialization | null = null) {
    this.#mode = mode;
    this.#specialization = specialization;
  }

  /** The same rules for one specialisation of a function. */
  specialized(specialization: Specialization): Inference {
    return new Inference(this.#mode, specialization);
  }

  #settled(type: Type): Type {
    return this.#specialization === null ? type : specialize(type, this.#specialization);
  }

  /** From now on this expression, as it stands in the tree, has this type: somebody knows better than we could infer. */
  learn(expression: Expression, type: Type): void {
    this.#learned.set(expression, type);
  }

  typeOfBinding(binding: Binding): Type {
    if (binding.meaning === 'unknown') return unknown;
    if (binding.meaning === 'module') return objectOf('module');
    if (binding.meaning === 'type') return objectOf('type');
    if (binding.declared !== null) return this.#settled(typeOfDeclaration(binding));
    const known = this.#types.get(binding);
    if (known !== undefined) return known;
    // A name that is given a value of its own: what the others give it counts (SimpleAssignmentTypeInferer).
    if (this.#open.has(binding)) return this.#partial.get(binding) ?? unknown;
    if (this.#open.size > maximumChain) return unknown;
    this.#open.add(binding);
    try {
      const type = this.#inferBinding(binding);
      // Within a cycle of names the answer may be of one part only.
      if (type.kind !== 'unknown' || this.#open.size === 1) this.#types.set(binding, type);
      return type;
    } finally {
      this.#open.delete(binding);
      this.#partial.delete(binding);
    }
  }

  #inferBinding(binding: Binding): Type {
    const { assignments, scope } = binding;
    const [first] = assignments;
    if (first === undefined) return unknown;
    // Names of a module or class live in a Python dictionary.
    if (scope.kind !== 'function' && scope.kind !== 'comprehension') {
      return assignments.length === 1 && first.kind === 'type' ? first.type : object;
    }
    if (this.#mode === 'none') return object;
    return this.#settle(this.#spanAssignments(assignments, binding), binding);
  }

  #spanAssignments(assignments: readonly Assignment[], binding: Binding): Type {
    let type: Type | null = null;
    let isUncertain = false;
    for (const assignment of assignments) {
      const next = this.#typeOfAssignment(assignment, type);
      if (next.kind === 'unknown') {
        isUncertain = true;
        continue;
      }
      type = type === null ? next : spanning(type, next);
      // Nothing that is still to come makes this another type.
      if (type.kind === 'object' && type.of === 'object') return type;
      this.#partial.set(binding, type);
    }
    return isUncertain || type === null ? unknown : type;
  }

  /** A C integer is inferred only where it cannot overflow. */
  #settle(type: Type, binding: Binding): Type {
    if (type.kind === 'array') return pointerTo(type.of);
    if (type.kind === 'object' && type.of === 'float') return float;
    if (type.kind !== 'integer' || type.isBool || !binding.mightOverflow || this.#mode === 'all') return type;
    return this.#mode === 'uncertain' ? unknown : object;
  }

  #typeOfAssignment(assignment: Assignment, before: Type | null): Type {
    switch (assignment.kind) {
      case 'type':
        return assignment.type;
      case 'value':
        return this.typeOf(assignment.value, assignment.scope);
      case 'element':
        return this.#iterated(this.typeOf(assignment.of, assignment.scope));
      case 'augmented':
        if (before === null) return unknown;
        return binaryType(before, this.typeOf(assignment.value, assignment.scope), assignment.operator.slice(0, -1));
    }
  }

  typeOf(expression: Expression, scope: Scope, depth = 0): Type {
    if (depth > maximumTreeDepth) return unknown;
    const learned = this.#learned.get(expression);
    if (learned !== undefined) return learned;
    const typeOf = (part: Expression): Type => this.typeOf(part, scope, depth + 1);
    switch (expression.kind) {
      case 'name':
        return this.#typeOfName(expression.name, scope);
      case 'literal':
        return literalTypes[expression.literal];
      case 'attribute':
        return this.#typeOfAttribute(expression, scope, depth);
      case 'subscript':
        return this.#typeOfSubscript(expression.indices, typeOf(expression.object));
      case 'call':
        return this.#typeOfCall(expression, scope, depth);
      case 'cast':
        return this.castTarget(expression, scope);
      case 'unary':
        return unaryType(expression.operator, typeOf(expression.operand));
      case 'binary': {
        const [first, ...rest] = expression.operands.map(typeOf);
        return rest.reduce(
          (type, next, index) => binaryType(type, next, expression.operators[index] ?? '+'),
          first ?? unknown,
        );
      }
      case 'compare':
        return object;
      case 'logical':
        return expression.operands.map(typeOf).reduce(spanning);
      case 'conditional':
        return spanning(typeOf(expression.yes), typeOf(expression.no));
      case 'display':
        return this.#typeOfDisplay(expression.display, expression.items.map(typeOf));
      case 'comprehension':
        return expression.display === 'generator' ? object : objectOf(expression.display);
      case 'lambda':
        return objectOf('callable');
      case 'walrus':
        return typeOf(expression.value);
      case 'starred':
      case 'suspend':
        return object;
      case 'slice':
        return objectOf('slice');
      case 'new':
        return pointerTo(resolveType({ syntax: expression.type, scope }));
      case 'sizeof':
        return integer;
    }
  }

  /** The type that a cast gives. */
  castTarget(cast: Expression & { readonly kind: 'cast' }, scope: Scope): Type {
    return this.#learned.get(cast) ?? this.#settled(resolveType({ syntax: cast.type, scope }));
  }

  #typeOfName(name: string, scope: Scope): Type {
    const binding = scope.lookup(name);
    if (binding !== null) return this.typeOfBinding(binding);
    if (scope.module.isOpen) return unknown;
    return builtinValue(name);
  }

  #typeOfAttribute(expression: Expression & { readonly kind: 'attribute' }, scope: Scope, depth: number): Type {
    const found = this.#moduleMember(expression, scope);
    if (found !== null) return found === 'unknown' ? unknown : this.typeOfBinding(found);
    const named = expression.object.kind === 'name' ? scope.lookup(expression.object.name) : null;
    if (named?.meaning === 'type') return this.#memberOfClass(typeOfDeclaration(named), expression.name);
    return this.#memberOf(this.typeOf(expression.object, scope, depth + 1), expression.name);
  }

  /** `Class.method`: a C function where the class declares one, else what the class object has. */
  #memberOfClass(type: Type, name: string): Type {
    if (type.kind !== 'extension') return unknown;
    const member = this.#memberOfExtension(type, name);
    return member.kind === 'function' || member.kind === 'unknown' ? member : object;
  }

  /** `np.ndarray`: a name of a cimported module. Null: the object before the dot is no module. */
  #moduleMember(expression: Expression & { readonly kind: 'attribute' }, scope: Scope): Binding | null | 'unknown' {
    const module = this.#moduleOf(expression.object, scope, 0);
    if (module === null) return null;
    const member = module.meaning === 'module' ? (module.module?.lookup(expression.name) ?? null) : null;
    return member ?? 'unknown';
  }

  #moduleOf(expression: Expression, scope: Scope, depth: number): Binding | null {
    if (depth > maximumChain) return null;
    if (expression.kind === 'name') {
      const binding = scope.lookup(expression.name);
      return binding?.meaning === 'module' ? binding : null;
    }
    if (expression.kind !== 'attribute') return null;
    const member = this.#moduleOf(expression.object, scope, depth + 1)?.module?.lookup(expression.name) ?? null;
    return member?.meaning === 'module' ? member : null;
  }

  #memberOf(type: Type, name: string): Type {
    switch (type.kind) {
      case 'object':
        return type.of === 'type' ? objectOf('object') : object;
      case 'extension':
        return this.#memberOfExtension(type, name);
      case 'buffer':
        return this.#memberOf(type.owner, name);
      case 'pointer':
        return type.to.kind === 'record' ? this.#memberOf(type.to, name) : unknown;
      case 'record': {
        const member = type.members?.bindings.get(name);
        return member === undefined ? unknown : withArguments(this.typeOfBinding(member), type);
      }
      case 'memoryview':
        if (name === 'T') return type;
        return name === 'base' || name === 'obj' ? object : unknown;
      default:
        return unknown;
    }
  }

  /** An attribute that neither the class nor a base declares is looked up at run time: an object. */
  #memberOfExtension(type: Type & { readonly kind: 'extension' }, name: string): Type {
    let at: Type | null = type;
    for (let level = 0; at !== null && level < maximumChain; level += 1) {
      if (at.kind === 'object') return object;
      if (at.kind !== 'extension' || at.members === null) return unknown;
      const member = at.members.bindings.get(name);
      if (member !== undefined) {
        const found = this.typeOfBinding(member);
        // What a class body merely assigns or defines is a Python attribute.
        return member.declared === null && isPythonObject(found) === true ? object : found;
      }
      at = at.base();
    }
    return object;
  }

  #typeOfSubscript(indices: readonly Expression[], base: Type): Type {
    const isSliced = indices.some(
      index => index.kind === 'slice' || (index.kind === 'literal' && ['none', 'ellipsis'].includes(index.literal)),
    );
    if (base.kind === 'memoryview') {
      return isSliced || indices.length < base.dimensions
        ? { ...base, dimensions: Math.max(1, base.dimensions - indices.length) }
        : base.element;
    }
    if (base.kind === 'buffer') return isSliced || indices.length !== base.dimensions ? object : base.element;
    if (isSliced) return base.kind === 'array' ? pointerTo(base.of) : base;
    return this.#elementOf(base, indices.length);
  }

  /** What a loop over a value, or unpacking it, gives. */
  #iterated(type: Type): Type {
    if (type.kind === 'object') return type.of === 'unicode' ? unknown : object;
    return type.kind === 'memoryview' ? object : this.#elementOf(type, 1);
  }

  /** What `x[i]` gives. */
  #elementOf(type: Type, count: number): Type {
    switch (type.kind) {
      case 'object':
        // Of bytes, Cython 0.29 has an object, Cython 3 a C integer.
        if (type.of === 'bytes' && count === 1) return unknown;
        if (type.of === 'bytearray') return count === 1 ? integer : object;
        return type.of === 'unicode' ? unknown : object;
      case 'extension':
      case 'buffer':
        return object;
      case 'pointer':
        return type.to;
      case 'array':
        return type.of;
      case 'record':
        return elementOfContainer(type);
      case 'memoryview':
        return type.dimensions === 1 ? type.element : { ...type, dimensions: type.dimensions - 1 };
      default:
        return unknown;
    }
  }

  #typeOfCall(call: Expression & { readonly kind: 'call' }, scope: Scope, depth: number): Type {
    const { callee } = call;
    const named = this.#typeOfNamedCall(call, scope, depth) ?? this.#typeOfMethod(call, scope, depth);
    if (named !== null) return named;
    const type = this.typeOf(callee, scope, depth + 1);
    if (type.kind === 'function') return type.result;
    if (type.kind === 'pointer' && type.to.kind === 'function') return type.to.result;
    return isPythonObject(type) === true ? object : unknown;
  }

  /** A method of a C++ container: `v.data()`, `v.size()`; null for all else. */
  #typeOfMethod({ callee }: Expression & { readonly kind: 'call' }, scope: Scope, depth: number): Type | null {
    if (callee.kind !== 'attribute' || this.#moduleOf(callee, scope, 0) !== null) return null;
    const owner = this.typeOf(callee.object, scope, depth + 1);
    const record = owner.kind === 'pointer' ? owner.to : owner;
    return record.kind === 'record' ? methodOfContainer(record, callee.name) : null;
  }

  /** A call of a type or a built-in function; null for all else. */
  #typeOfNamedCall(call: Expression & { readonly kind: 'call' }, scope: Scope, depth: number): Type | null {
    const { callee } = call;
    if (callee.kind !== 'name' && callee.kind !== 'attribute') return null;
    const binding = callee.kind === 'name' ? scope.lookup(callee.name) : this.#moduleMember(callee, scope);
    if (binding === 'unknown') return unknown;
    if (binding !== null && binding.meaning === 'type') return constructed(this.#settled(typeOfDeclaration(binding)));
    if (binding !== null) return null;
    if (callee.kind !== 'name') return null;
    if (scope.module.isOpen) return unknown;
    const first = call.arguments[0]?.value;
    return builtinResult(callee.name, first === undefined ? unknown : this.typeOf(first, scope, depth + 1));
  }

  #typeOfDisplay(display: 'list' | 'tuple' | 'set' | 'dict', items: readonly Type[]): Type {
    if (display !== 'tuple' || items.length === 0) return objectOf(display);
    if (items.some(item => isPythonObject(item) === true)) return objectOf('tuple');
    // A tuple of C values alone is a C struct (a "ctuple").
    return items.some(item => item.kind === 'unknown') ? unknown : other;
  }
}

function constructed(type: Type): Type {
  if (type.kind === 'extension' || type.kind === 'record' || type.kind === 'integer' || type.kind === 'float')
    return type;
  return type.kind === 'buffer' ? type.owner : unknown;
}
