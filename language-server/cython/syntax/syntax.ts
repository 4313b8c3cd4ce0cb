/**
 * The syntax of a Cython source as far as types and casts need it. Chains of one precedence are lists, not nested pairs, so
 * that a tree is never deeper than the reader allows.
 */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export type Literal =
  | 'int'
  | 'longInt'
  | 'float'
  | 'complex'
  | 'bytes'
  | 'char'
  | 'str'
  | 'unicode'
  | 'none'
  | 'bool'
  | 'null'
  | 'ellipsis';

export type Expression = Span &
  (
    | { readonly kind: 'name'; readonly name: string }
    /** `text` as written: of strings one after the other, the first. */
    | { readonly kind: 'literal'; readonly literal: Literal; readonly text: string }
    | { readonly kind: 'attribute'; readonly object: Expression; readonly name: string }
    | { readonly kind: 'subscript'; readonly object: Expression; readonly indices: readonly Expression[] }
    | { readonly kind: 'slice'; readonly parts: readonly Expression[] }
    | { readonly kind: 'call'; readonly callee: Expression; readonly arguments: readonly Argument[] }
    | CastExpression
    | { readonly kind: 'unary'; readonly operator: string; readonly operand: Expression }
    | { readonly kind: 'binary'; readonly operators: readonly string[]; readonly operands: readonly Expression[] }
    | { readonly kind: 'compare'; readonly operators: readonly string[]; readonly operands: readonly Expression[] }
    | { readonly kind: 'logical'; readonly operands: readonly Expression[] }
    | {
        readonly kind: 'conditional';
        readonly test: Expression;
        readonly yes: Expression;
        readonly no: Expression;
      }
    | {
        readonly kind: 'display';
        readonly display: 'list' | 'tuple' | 'set' | 'dict';
        readonly items: readonly Expression[];
      }
    | ComprehensionExpression
    | LambdaExpression
    | { readonly kind: 'starred'; readonly value: Expression }
    | { readonly kind: 'walrus'; readonly name: string; readonly value: Expression }
    | { readonly kind: 'suspend'; readonly value: Expression | null }
    /** `new vector[int](n)`, of C++. */
    | { readonly kind: 'new'; readonly type: TypeSyntax; readonly arguments: readonly Argument[] }
    | { readonly kind: 'sizeof' }
  );

export interface CastExpression extends Span {
  readonly kind: 'cast';
  readonly type: TypeSyntax;
  /** `<T?>x`: checked at run time. */
  readonly isChecked: boolean;
  readonly operand: Expression;
  /** The cast itself, where parentheses around it are part of the expression. */
  readonly bare: Span;
  /** Written as a call: `cython.cast(T, x)`. */
  readonly isCall: boolean;
}

export interface ComprehensionExpression extends Span {
  readonly kind: 'comprehension';
  readonly display: 'list' | 'set' | 'dict' | 'generator';
  readonly elements: readonly Expression[];
  readonly clauses: readonly Clause[];
}

export type Clause =
  | { readonly kind: 'for'; readonly target: Expression; readonly iterable: Expression }
  | { readonly kind: 'if'; readonly test: Expression };

export interface LambdaExpression extends Span {
  readonly kind: 'lambda';
  readonly parameters: readonly Parameter[];
  readonly body: Expression;
}

export interface Argument {
  readonly name: string | null;
  readonly value: Expression;
}

/** What surrounds a base type, from the base outwards: `int *a[3]` is a pointer, then an array. */
export type Wrapper = 'pointer' | 'array' | 'reference' | 'function';

export interface TypeSyntax extends Span {
  /** Words of a basic type (`unsigned long`), or a dotted name; empty where no type is written. */
  readonly name: string;
  readonly isBasic: boolean;
  readonly isConst: boolean;
  /** What stands in `[…]` after the name: a buffer, a template or a memoryview. */
  readonly brackets: 'none' | 'memoryview' | 'arguments';
  /** `mode="c"` or `"fortran"` of a buffer, `::1` of a memoryview: its elements lie side by side. */
  readonly isContiguous: boolean;
  /** Types in the brackets of a template; for a buffer, its element type comes first. */
  readonly arguments: readonly TypeSyntax[];
  /** Dimensions of a memoryview, or `ndim=` of a buffer (1 where none is said). */
  readonly dimensions: number;
  readonly wrappers: readonly Wrapper[];
  /** `(int, double)`, Cython's C tuple. */
  readonly isTuple: boolean;
}

export interface Declarator extends Span {
  readonly name: string;
  readonly type: TypeSyntax;
  readonly value: Expression | null;
}

export interface Parameter extends Span {
  readonly name: string;
  /** The C type before the name, null where none is written. */
  readonly type: TypeSyntax | null;
  readonly annotation: Expression | null;
  readonly value: Expression | null;
  readonly star: '' | '*' | '**';
}

export interface ImportedName {
  readonly name: string;
  readonly as: string;
}

export type Statement = Span &
  (
    | {
        readonly kind: 'expressions';
        /** `return`, `assert`, `del` and the like; empty for an expression that stands alone. */
        readonly word: string;
        readonly expressions: readonly Expression[];
      }
    | { readonly kind: 'assign'; readonly targets: readonly Expression[]; readonly value: Expression }
    | {
        readonly kind: 'annotated';
        readonly target: Expression;
        readonly annotation: Expression;
        readonly value: Expression | null;
      }
    | { readonly kind: 'augmented'; readonly target: Expression; readonly operator: string; readonly value: Expression }
    | { readonly kind: 'declare'; readonly declarators: readonly Declarator[] }
    | FunctionStatement
    | ClassStatement
    | {
        readonly kind: 'record';
        readonly record: 'struct' | 'union' | 'cppclass';
        readonly name: string;
        /** Parameters of a C++ template: `T` of `vector[T]`. */
        readonly templates: readonly string[];
        readonly body: readonly Statement[];
        readonly isForward: boolean;
      }
    | { readonly kind: 'enum'; readonly name: string; readonly members: readonly string[] }
    | {
        readonly kind: 'typedef';
        readonly declarators: readonly Declarator[];
        readonly record: Statement | null;
      }
    /** `ctypedef fused number:` with the types that it may be. */
    | { readonly kind: 'fused'; readonly name: string; readonly types: readonly TypeSyntax[] }
    | {
        readonly kind: 'block';
        /** The word that begins it: `if`, `ELIF`, `else`, `while`, `try`, `cdef`. */
        readonly word: string;
        readonly expressions: readonly Expression[];
        readonly body: readonly Statement[];
      }
    | {
        readonly kind: 'for';
        readonly target: Expression;
        readonly iterable: Expression;
        readonly isRange: boolean;
        readonly body: readonly Statement[];
      }
    | { readonly kind: 'with'; readonly items: readonly WithItem[]; readonly body: readonly Statement[] }
    | {
        readonly kind: 'except';
        readonly expressions: readonly Expression[];
        readonly name: string | null;
        readonly body: readonly Statement[];
      }
    | { readonly kind: 'import'; readonly names: readonly ImportedName[]; readonly isC: boolean }
    | {
        readonly kind: 'from';
        readonly module: string;
        readonly names: readonly ImportedName[];
        readonly isStar: boolean;
        readonly isC: boolean;
      }
    | { readonly kind: 'property'; readonly name: string; readonly body: readonly Statement[] }
    | { readonly kind: 'include'; readonly path: string }
    | { readonly kind: 'scope'; readonly names: readonly string[]; readonly which: 'global' | 'nonlocal' }
    | { readonly kind: 'constant'; readonly name: string; readonly value: Expression }
    /** A line that could not be read: each of its names may mean anything from here on. */
    | { readonly kind: 'broken'; readonly names: readonly string[]; readonly body: readonly Statement[] }
  );

export interface WithItem {
  readonly value: Expression;
  readonly target: Expression | null;
}

export interface FunctionStatement extends Span {
  readonly kind: 'function';
  readonly name: string;
  /** `cdef` or `cpdef`: its result has a C type where one is written. */
  readonly isC: boolean;
  /** Declared only: no body follows. */
  readonly isForward: boolean;
  readonly result: TypeSyntax | null;
  /** What stands behind `->`. */
  readonly annotation: Expression | null;
  readonly parameters: readonly Parameter[];
  readonly decorators: readonly Expression[];
  readonly body: readonly Statement[];
}

export interface ClassStatement extends Span {
  readonly kind: 'class';
  readonly name: string;
  /** `cdef class`, or a class under `@cython.cclass`. */
  readonly isC: boolean;
  readonly isForward: boolean;
  readonly bases: readonly Expression[];
  readonly decorators: readonly Expression[];
  readonly body: readonly Statement[];
}
