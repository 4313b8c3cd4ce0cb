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
  if (expression.kind === 'call' && dottedName(expression.callee) === 'cython.pointer') {
    const [pointee] = expression.arguments;
    const inner = pointee === undefined ? null : typeSyntaxOf(pointee.value);
    if (inner !== null) return { ...inner, wrappers: [...inner.wrappers, 'pointer'], start, end };
  }
  return { ...bare, name: dottedName(expression) ?? '?', wrappers: [], start, end };
}
