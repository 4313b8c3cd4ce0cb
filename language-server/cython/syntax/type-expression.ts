import type { Expression, TypeSyntax } from './syntax.ts';

/** `a.b.c` as written, null for anything else. */
export function dottedName(expression: Expression): string | null {
  const parts: string[] = [];
  let at = expression;
  while (at.kind === 'attribute') {
    parts.push(at.name);
    at = at.object;
  }
  return at.kind === 'name' ? [at.name, ...parts.reverse()].join('.') : null;
}

/** `cython.pointer(cython.int)`, and from Cython 3.1 on `cython.pointer[cython.int]`, by whatever name the module goes. */
function pointeeOf(expression: Expression): Expression | null {
  if (expression.kind !== 'call' && expression.kind !== 'subscript') return null;
  const name = dottedName(expression.kind === 'call' ? expression.callee : expression.object);
  if (name === null || !/(^|\.)pointer$/u.test(name)) return null;
  const only = expression.kind === 'call' ? expression.arguments[0]?.value : expression.indices[0];
  return only ?? null;
}

/**
 * The type that an expression names, as pure Python mode writes them (`cython.size_t`, `cython.pointer(cython.int)`).
 * An expression that names none gives the name `?`, which no scope knows.
 */
export function typeSyntaxOf(expression: Expression): TypeSyntax {
  const { start, end } = expression;
  const bare = {
    isBasic: false,
    isConst: false,
    brackets: 'none',
    isContiguous: false,
    arguments: [],
    dimensions: 0,
    isTuple: false,
  } as const;
  const pointee = pointeeOf(expression);
  if (pointee !== null) {
    const inner = typeSyntaxOf(pointee);
    return { ...inner, wrappers: [...inner.wrappers, 'pointer'], start, end };
  }
  if (expression.kind === 'subscript' && expression.indices.some(({ kind }) => kind === 'slice')) {
    const element = typeSyntaxOf(expression.object);
    const dimensions = expression.indices.length;
    return { ...element, brackets: 'memoryview', isContiguous: false, dimensions, start, end };
  }
  return { ...bare, name: dottedName(expression) ?? '?', wrappers: [], start, end };
}
