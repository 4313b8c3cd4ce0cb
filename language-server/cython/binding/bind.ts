import type {
  ClassStatement,
  ComprehensionExpression,
  Declarator,
  Expression,
  FunctionStatement,
  Statement,
} from '../syntax/syntax.ts';
import { maximumTreeDepth, type Path, partsOf } from '../syntax/walk-expression.ts';
import { resolveAnnotation } from './annotation.ts';
import { bindFunctionName, bindLocals, firstOfBody, ownerOfMethod } from './bind-functions.ts';
import { bindFrom, bindImport } from './bind-imports.ts';
import { addAssignment, bindEnum, namesIn, rangeArguments } from './bind-names.ts';
import { bindParameters } from './bind-parameters.ts';
import { assignDeclared, declareByCall } from './bind-pure.ts';
import { bindFused, commonType, extensionScope, recordScope } from './bind-types.ts';
import { compilerName } from './compiler-name.ts';
import {
  type BlockStatement,
  beginChain,
  type ConditionChain,
  type Constants,
  define,
  evaluate,
  isCompileTime,
  isConditional,
  isTrue,
} from './conditions.ts';
import { type Assignment, type Binding, Scope, type Type, type TypeReference } from './model.ts';
import { mightOverflowIn } from './overflow.ts';
import { object, objectOf, unknown } from './types.ts';
import type { BindOptions, Branch } from './visit.ts';

/** Puts every name of the statements into its scope, and shows each expression once. */
export function bindStatements(statements: readonly Statement[], scope: Scope, options: BindOptions): void {
  const binder = new Binder(options);
  binder.bindAll(statements, scope);
  binder.finish();
}

/** More branches of conditions than this declare nothing that can be told. */
const maximumAlternatives = 20;

class Binder {
  readonly #options: BindOptions;
  readonly #overflowing: { readonly name: string; readonly scope: Scope }[] = [];
  readonly #constants: Constants;
  #includes = 0;
  #branch: Branch | null = null;
  /** How many branches of compile-time conditions around may or may not be compiled. */
  #undecided = 0;
  readonly #redeclared = new Map<Binding, number>();

  constructor(options: BindOptions) {
    this.#options = options;
    this.#constants = options.constants ?? new Map();
  }

  /** Once all names are bound: a function may use one that the module binds further down. */
  finish(): void {
    for (const { name, scope } of this.#overflowing) {
      const binding = scope.lookup(name);
      if (binding !== null) binding.mightOverflow = true;
    }
  }

  #markOverflow(expression: Expression, scope: Scope, isDangerous: boolean): void {
    mightOverflowIn(expression, isDangerous, name => this.#overflowing.push({ name, scope }));
  }

  bindAll(statements: readonly Statement[], scope: Scope): void {
    const chain: ConditionChain = { tests: [], taken: 'no' };
    for (const statement of statements) {
      if (statement.kind !== 'block' || !isConditional(statement)) {
        chain.tests = [];
        this.#bind(statement, scope);
      } else if (isCompileTime(statement)) {
        this.#bindCompileTime(statement, scope, chain);
      } else {
        this.#bindBranch(statement, scope, chain);
      }
    }
  }

  /** A branch of an `if`: what is visited in it knows what was asked on the way there. */
  #bindBranch(statement: BlockStatement, scope: Scope, chain: ConditionChain): void {
    const outer = this.#branch;
    const test = beginChain(statement, chain);
    this.#walkAll(statement, scope);
    const before = chain.tests.map(expression => ({ expression, holds: false }));
    const tests = test === null ? before : [...before, { expression: test, holds: true }];
    this.#branch = tests.length === 0 ? outer : { tests, parent: outer };
    this.bindAll(statement.body, scope);
    this.#branch = outer;
    if (test !== null) chain.tests.push(test);
  }

  /** A branch of an `IF`: the compiler sees one of them, which is known where DEF alone decides. */
  #bindCompileTime(statement: BlockStatement, scope: Scope, chain: ConditionChain): void {
    const test = beginChain(statement, chain);
    if (chain.taken === 'yes') return;
    const value = test === null ? true : evaluate(test, this.#constants);
    if (value !== undefined && !isTrue(value)) return;
    const isSure = value !== undefined && chain.taken === 'no';
    chain.taken = value !== undefined ? 'yes' : 'maybe';
    if (!isSure) this.#undecided += 1;
    this.bindAll(statement.body, scope);
    if (!isSure) this.#undecided -= 1;
  }

  #bind(statement: Statement, scope: Scope): void {
    switch (statement.kind) {
      case 'expressions':
        this.#walkAll(statement, scope);
        for (const expression of statement.expressions) declareByCall(expression, scope);
        return;
      case 'assign':
        this.#walk(statement.value, scope, statement);
        for (const target of statement.targets) this.#assign(target, statement.value, scope, statement);
        return;
      case 'annotated':
        this.#bindAnnotated(statement, scope);
        return;
      case 'augmented':
        this.#bindAugmented(statement, scope);
        return;
      case 'declare':
        for (const declarator of statement.declarators) this.#declare(declarator, scope, statement);
        return;
      case 'function':
        this.#bindFunction(statement, scope);
        return;
      case 'class':
        this.#bindClass(statement, scope);
        return;
      case 'record':
        this.bindAll(statement.body, recordScope(statement, scope));
        return;
      case 'enum':
        bindEnum(statement.name, statement.members, scope);
        return;
      case 'typedef':
        this.#bindTypedef(statement, scope);
        return;
      case 'fused':
        bindFused(statement, scope);
        return;
      case 'block':
        this.#walkAll(statement, scope);
        this.bindAll(statement.body, scope);
        return;
      case 'for':
        this.#bindFor(statement, scope);
        return;
      case 'with':
        this.#bindWith(statement, scope);
        return;
      case 'except':
        this.#walkAll(statement, scope);
        if (statement.name !== null) addAssignment(statement.name, scope, { kind: 'type', type: object }, 'exception');
        this.bindAll(statement.body, scope);
        return;
      case 'property':
        addAssignment(statement.name, scope, { kind: 'type', type: object }, 'attribute');
        this.bindAll(statement.body, scope);
        return;
      case 'import':
        bindImport(statement, scope, this.#options.loadModule);
        return;
      case 'from':
        bindFrom(statement, scope, this.#options.loadModule);
        return;
      case 'include':
        this.#bindInclude(statement.path, scope);
        return;
      case 'scope':
        for (const name of statement.names) (statement.which === 'global' ? scope.globals : scope.nonlocals).add(name);
        return;
      case 'constant':
        this.#walk(statement.value, scope, statement);
        scope.bind(statement.name).meaning = 'unknown';
        define(statement.name, statement.value, this.#constants, this.#undecided === 0);
        return;
      case 'broken':
        this.#bindBroken(statement, scope);
        return;
    }
  }

  #walkAll(statement: Statement & { readonly expressions: readonly Expression[] }, scope: Scope): void {
    for (const expression of statement.expressions) this.#walk(expression, scope, statement);
  }

  /** What a context manager gives is an object. */
  #bindWith(statement: Statement & { readonly kind: 'with' }, scope: Scope): void {
    for (const { value, target } of statement.items) {
      this.#walk(value, scope, statement);
      if (target !== null) this.#assignType(target, object, scope, statement);
    }
    this.bindAll(statement.body, scope);
  }

  /** Each name of an unreadable line may have been declared by it; a body under it may be a function's. */
  #bindBroken({ names, body }: Statement & { readonly kind: 'broken' }, scope: Scope): void {
    for (const name of names) scope.bind(name).meaning = 'unknown';
    this.bindAll(body, scope);
  }

  #bindAnnotated(statement: Statement & { readonly kind: 'annotated' }, scope: Scope): void {
    const { target, annotation, value } = statement;
    if (value !== null) this.#walk(value, scope, statement);
    if (target.kind !== 'name') {
      this.#walk(target, scope, statement);
      return;
    }
    const binding = scope.ownerOf(target.name).bind(target.name);
    binding.declared ??= () => resolveAnnotation(annotation, scope) ?? object;
  }

  #bindAugmented(statement: Statement & { readonly kind: 'augmented' }, scope: Scope): void {
    const { target, value, operator } = statement;
    this.#walk(value, scope, statement);
    this.#walk(target, scope, statement);
    this.#markOverflow(value, scope, true);
    if (target.kind !== 'name') return;
    this.#markOverflow(target, scope, true);
    addAssignment(target.name, scope, { kind: 'augmented', operator, value, scope });
  }

  #bindFor(statement: Statement & { readonly kind: 'for' }, scope: Scope): void {
    const { target, iterable, isRange, body } = statement;
    this.#walk(iterable, scope, statement);
    if (isRange) this.#assignRangeFrom(target, iterable, scope, statement);
    else this.#assignElement(target, iterable, scope, statement);
    this.bindAll(body, scope);
  }

  /** `for i from a <= i < b`: the bounds are what the name is given. */
  #assignRangeFrom(target: Expression, bounds: Expression, scope: Scope, statement: Statement): void {
    const first = bounds.kind === 'compare' ? bounds.operands[0] : undefined;
    if (first === undefined) this.#assignType(target, unknown, scope, statement);
    else this.#assign(target, first, scope, statement);
  }

  #assignElement(target: Expression, iterable: Expression, scope: Scope, statement: Statement): void {
    const range = rangeArguments(iterable, scope);
    if (range === null || target.kind !== 'name') {
      this.#assignEach(target, scope, statement, { kind: 'element', of: iterable, scope });
      return;
    }
    for (const value of range) addAssignment(target.name, scope, { kind: 'value', value, scope });
  }

  #assign(target: Expression, value: Expression, scope: Scope, statement: Statement): void {
    if (target.kind === 'display' && value.kind === 'display' && target.items.length === value.items.length) {
      target.items.forEach((item, index) => {
        const part = value.items[index];
        if (part !== undefined) this.#assign(item, part, scope, statement);
      });
      return;
    }
    if (target.kind === 'name' && assignDeclared(target.name, value, scope)) return;
    if (target.kind === 'name' && value.kind === 'literal' && value.literal === 'longInt') {
      scope.ownerOf(target.name).bind(target.name).mightOverflow = true;
    }
    const assignment: Assignment =
      target.kind === 'display' ? { kind: 'element', of: value, scope } : { kind: 'value', value, scope };
    this.#assignEach(target, scope, statement, assignment);
  }

  #assignType(target: Expression, type: Type, scope: Scope, statement: Statement): void {
    this.#assignEach(target, scope, statement, { kind: 'type', type });
  }

  #assignEach(target: Expression, scope: Scope, statement: Statement, assignment: Assignment): void {
    if (target.kind === 'name') {
      addAssignment(target.name, scope, assignment);
    } else if (target.kind === 'display') {
      // What is unpacked beyond one level is an object, unless the parts are C values.
      const inner: Assignment =
        assignment.kind === 'element' ? { kind: 'element', of: assignment.of, scope } : assignment;
      for (const item of target.items) this.#assignEach(item, scope, statement, inner);
    } else if (target.kind === 'starred') {
      this.#assignType(target.value, objectOf('list'), scope, statement);
    } else {
      this.#walk(target, scope, statement);
    }
  }

  #declare(declarator: Declarator, scope: Scope, statement: Statement): void {
    if (declarator.value !== null) this.#walk(declarator.value, scope, statement);
    const binding = scope.bind(declarator.name);
    if (binding.meaning === 'type' && scope.kind === 'module') return;
    this.#redeclare(binding, { syntax: declarator.type, scope });
    if (declarator.value !== null) binding.assignments.push({ kind: 'value', value: declarator.value, scope });
    if (scope.kind === 'extension' || scope.kind === 'record') binding.origin = 'attribute';
  }

  /** Of two declarations in branches that may both be compiled, what they have in common counts. */
  #redeclare(binding: Binding, declared: TypeReference): void {
    const before = this.#undecided > 0 ? binding.declared : null;
    const count = (this.#redeclared.get(binding) ?? 0) + 1;
    this.#redeclared.set(binding, count);
    if (before !== null && count > maximumAlternatives) binding.meaning = 'unknown';
    else binding.declared = before === null ? declared : () => commonType(before, declared);
  }

  #bindFunction(statement: FunctionStatement, scope: Scope): void {
    const { decorators, parameters, body, isForward } = statement;
    for (const decorator of decorators) this.#walk(decorator, scope, statement);
    bindFunctionName(statement, scope);
    for (const { value } of parameters) if (value !== null) this.#walk(value, scope, statement);
    if (isForward) return;
    const inner = new Scope('function', scope);
    inner.body = firstOfBody(body);
    const owner = ownerOfMethod(statement, scope);
    bindParameters(parameters, inner, scope, owner);
    for (const decorator of decorators) bindLocals(decorator, inner);
    this.bindAll(body, inner);
  }

  #bindClass(statement: ClassStatement, scope: Scope): void {
    const { name, bases, decorators, body } = statement;
    for (const expression of [...bases, ...decorators]) this.#walk(expression, scope, statement);
    const isC = statement.isC || decorators.some(decorator => compilerName(decorator, scope) === 'cython.cclass');
    if (!isC) {
      addAssignment(name, scope, { kind: 'type', type: objectOf('type') }, 'definition');
      this.bindAll(body, new Scope('class', scope));
      return;
    }
    const members = extensionScope(statement, scope);
    this.bindAll(body, members);
  }

  #bindTypedef({ declarators, record }: Statement & { readonly kind: 'typedef' }, scope: Scope): void {
    if (record !== null) this.#bind(record, scope);
    for (const { name, type } of declarators) {
      const binding = scope.bind(name);
      binding.meaning = 'type';
      this.#redeclare(binding, { syntax: type, scope });
    }
  }

  #bindInclude(path: string, scope: Scope): void {
    this.#includes += 1;
    const statements = this.#includes > 50 ? null : this.#options.loadInclude(path);
    if (statements === null) scope.module.isOpen = true;
    else {
      const { onExpression: _, ...options } = this.#options;
      const onExpression = this.#options.onIncluded?.(path);
      const constants = this.#constants;
      bindStatements(statements, scope, { ...options, constants, ...(onExpression !== undefined && { onExpression }) });
    }
  }

  #walk(expression: Expression, scope: Scope, statement: Statement): void {
    this.#markOverflow(expression, scope, false);
    this.#visit(expression, scope, null, statement);
  }

  #visit(expression: Expression, scope: Scope, parent: Path | null, statement: Statement): void {
    const depth = (parent?.depth ?? 0) + 1;
    if (depth > maximumTreeDepth) return;
    this.#options.onExpression?.({ expression, scope, path: parent, statement, branch: this.#branch });
    const path: Path = { expression, parent, depth };
    if (expression.kind === 'comprehension') {
      this.#visitComprehension(expression, scope, path, statement);
      return;
    }
    if (expression.kind === 'lambda') {
      const inner = new Scope('function', scope);
      bindParameters(expression.parameters, inner, scope, null);
      this.#visit(expression.body, inner, path, statement);
      return;
    }
    if (expression.kind === 'walrus') {
      const value: Assignment = { kind: 'value', value: expression.value, scope };
      addAssignment(expression.name, scope, value);
    }
    for (const part of partsOf(expression)) this.#visit(part, scope, path, statement);
  }

  #visitComprehension(expression: ComprehensionExpression, scope: Scope, path: Path, statement: Statement): void {
    const inner = new Scope('comprehension', scope);
    for (const [index, clause] of expression.clauses.entries()) {
      // The first iterable is evaluated outside.
      const seen = index === 0 ? scope : inner;
      if (clause.kind === 'if') {
        this.#visit(clause.test, inner, path, statement);
        continue;
      }
      this.#visit(clause.iterable, seen, path, statement);
      for (const name of namesIn(clause.target)) inner.bind(name);
      const range = rangeArguments(clause.iterable, seen);
      const { target } = clause;
      if (range !== null && target.kind === 'name') {
        for (const value of range) addAssignment(target.name, inner, { kind: 'value', value, scope: seen });
      } else {
        this.#assignEach(target, inner, statement, { kind: 'element', of: clause.iterable, scope: seen });
      }
    }
    for (const element of expression.elements) this.#visit(element, inner, path, statement);
  }
}
