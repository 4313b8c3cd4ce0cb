import type { Expression, Parameter, Span, TypeSyntax } from '../syntax/syntax.ts';

export type ScopeKind = 'module' | 'function' | 'class' | 'extension' | 'record' | 'comprehension';

/** How a name came to be, in words for a person. */
export type Origin =
  | 'parameter'
  | 'annotatedParameter'
  | 'starParameter'
  | 'self'
  | 'local'
  | 'global'
  | 'attribute'
  | 'exception'
  | 'definition';

/**
 * The type of a value as Cython sees it. `object` is a Python object of a built-in type or of none known; `other` is some C
 * type that is no Python object and of which nothing else matters; `unknown` may be anything, and no rule speaks of it.
 */
export type Type =
  | ObjectType
  | ExtensionType
  | {
      readonly kind: 'buffer';
      readonly owner: Type;
      readonly element: Type;
      readonly dimensions: number;
      readonly isContiguous: boolean;
    }
  | { readonly kind: 'integer'; readonly isBool: boolean }
  | { readonly kind: 'float' }
  | { readonly kind: 'void' }
  | { readonly kind: 'pointer'; readonly to: Type }
  | { readonly kind: 'array'; readonly of: Type }
  | RecordType
  | FusedType
  /** A parameter of a C++ template, in the declarations of its class. */
  | { readonly kind: 'template'; readonly name: string }
  | { readonly kind: 'function'; readonly result: Type }
  | { readonly kind: 'memoryview'; readonly element: Type; readonly dimensions: number }
  | { readonly kind: 'other' }
  | { readonly kind: 'unknown' };

export interface ObjectType {
  readonly kind: 'object';
  /** The built-in type (`bytes`, `dict`), `type` and `callable` for what is one, `object` where it may be any. */
  readonly of: string;
}

export interface ExtensionType {
  readonly kind: 'extension';
  readonly name: string;
  /** Attributes and methods; null where they are not known. */
  readonly members: Scope | null;
  readonly base: () => Type | null;
}

export interface RecordType {
  readonly kind: 'record';
  readonly record: 'struct' | 'union' | 'cppclass';
  readonly name: string;
  readonly members: Scope | null;
  /** Of a C++ template: the names of its parameters, and what stands for them where the type is used. */
  readonly templates?: readonly string[];
  readonly arguments?: readonly Type[];
}

/** One of several types: a function that takes it is compiled once for each (a specialisation). */
export interface FusedType {
  readonly kind: 'fused';
  readonly name: string;
  readonly members: readonly FusedMember[];
}

export interface FusedMember {
  /** As the declaration has it: `double`, `np.float32_t`. */
  readonly name: string;
  readonly type: Type;
}

/** One value that a name is given; the inference of its type spans all of them. */
export type Assignment =
  | { readonly kind: 'value'; readonly value: Expression; readonly scope: Scope }
  | { readonly kind: 'element'; readonly of: Expression; readonly scope: Scope }
  | { readonly kind: 'augmented'; readonly operator: string; readonly value: Expression; readonly scope: Scope }
  | { readonly kind: 'type'; readonly type: Type };

/** A type to be looked up when it is first asked for: what it names may be declared further down. */
export interface TypeReference {
  readonly syntax: TypeSyntax;
  readonly scope: Scope;
}

/** A name in a scope. */
export interface Binding {
  readonly name: string;
  readonly scope: Scope;
  /** `type` names one; `value` holds one; `module` is a cimported module; `unknown` may be anything. */
  meaning: 'value' | 'type' | 'module' | 'unknown';
  origin: Origin;
  /** The C type that is written for it, where one is. */
  declared: TypeReference | (() => Type) | null;
  readonly assignments: Assignment[];
  /** Used in arithmetic that may leave C's range, so that no C integer is inferred for it (MarkOverflowingArithmetic). */
  mightOverflow: boolean;
  /** What a cimported module holds. */
  module: ModuleNames | null;
  /** Where it is a function's parameter. */
  parameter: Parameter | null;
}

/** The names of a cimported module. */
export interface ModuleNames {
  /** Null where the module has no such name. */
  lookup(name: string, seen?: Set<Scope>): Binding | null;
  /** Whether a name that is found is truly there: only such a module can be cimported with a star. */
  readonly isExact: boolean;
}

export class Scope {
  readonly kind: ScopeKind;
  readonly parent: Scope | null;
  readonly bindings = new Map<string, Binding>();
  /** Names that belong to the module, or to the function around this one. */
  readonly globals = new Set<string>();
  readonly nonlocals = new Set<string>();
  /** Whether names may come from where they cannot be seen: a star cimport, an include that is not there. */
  isOpen = false;
  /** Of a module: what names of the compiler's own module go by: `cy` is `cython`, `cast` is `cython.cast`. */
  readonly compilerNames = new Map<string, string>();
  /** Of a function: where its first statement behind a docstring stands; null for all else, and for a function without one. */
  body: Span | null = null;
  /** Modules whose names are all cimported. */
  readonly stars: ModuleNames[] = [];

  constructor(kind: ScopeKind, parent: Scope | null) {
    this.kind = kind;
    this.parent = parent;
  }

  get module(): Scope {
    let at: Scope = this;
    while (at.parent !== null) at = at.parent;
    return at;
  }

  /** The binding that a name has here; functions do not see the names of the class around them. */
  lookup(name: string, seen?: Set<Scope>): Binding | null {
    for (let at: Scope | null = this; at !== null; at = at.parent) {
      const isSeen = at === this || (at.kind !== 'class' && at.kind !== 'extension');
      const binding = isSeen && !at.globals.has(name) && !at.nonlocals.has(name) ? at.bindings.get(name) : undefined;
      if (binding !== undefined) return binding;
      if (at.globals.has(name)) break;
    }
    return (
      this.module.bindings.get(name) ??
      (this.module.stars.length === 0 ? null : this.module.#lookupInStars(name, seen ?? new Set()))
    );
  }

  /** @param seen Modules that were asked already: they may cimport one another. */
  #lookupInStars(name: string, seen: Set<Scope>): Binding | null {
    if (seen.has(this)) return null;
    seen.add(this);
    for (const module of this.stars) {
      const binding = module.lookup(name, seen);
      if (binding !== null && binding.meaning !== 'unknown') return binding;
    }
    return null;
  }

  /** The scope in which an assignment to the name here binds it. */
  ownerOf(name: string): Scope {
    if (this.globals.has(name)) return this.module;
    if (this.kind === 'comprehension' && this.parent !== null && !this.bindings.has(name))
      return this.parent.ownerOf(name);
    if (!this.nonlocals.has(name)) return this;
    for (let at = this.parent; at !== null; at = at.parent) {
      if (at.kind === 'function' && at.bindings.has(name) && !at.nonlocals.has(name)) return at;
    }
    return this.module;
  }

  /** The binding of the name in this very scope, made where there is none. */
  bind(name: string): Binding {
    const found = this.bindings.get(name);
    if (found !== undefined) return found;
    const binding: Binding = {
      name,
      scope: this,
      meaning: 'value',
      origin: this.kind === 'module' ? 'global' : 'local',
      declared: null,
      assignments: [],
      mightOverflow: false,
      module: null,
      parameter: null,
    };
    this.bindings.set(name, binding);
    return binding;
  }
}

/** A binding outside all scopes, for what a module of known names holds. */
export function looseBinding(scope: Scope, name: string, meaning: Binding['meaning'], type: () => Type): Binding {
  return {
    name,
    scope,
    meaning,
    origin: 'definition',
    declared: type,
    assignments: [],
    mightOverflow: false,
    module: null,
    parameter: null,
  };
}
