import type { Clause, Expression } from './syntax.ts';

/** The expressions around one, nearest first. */
export interface Path {
  readonly expression: Expression;
  readonly parent: Path | null;
  readonly depth: number;
}

/** Deeper trees than this come from no person; a walk that stops here stays on the stack. */
export const maximumTreeDepth = 600;

/** The parts of an expression, without what a comprehension or lambda binds anew. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'name':
    case 'literal':
    case 'sizeof':
      return [];
    case 'attribute':
      return [expression.object];
    case 'subscript':
      return [expression.object, ...expression.indices];
    case 'slice':
      return expression.parts;
    case 'call':
      return [expression.callee, ...expression.arguments.map(({ value }) => value)];
    case 'new':
      return expression.arguments.map(({ value }) => value);
    case 'cast':
    case 'unary':
      return [expression.operand];
    case 'binary':
    case 'compare':
    case 'logical':
      return expression.operands;
    case 'conditional':
      return [expression.test, expression.yes, expression.no];
    case 'display':
      return expression.items;
    case 'comprehension':
      return [...expression.clauses.flatMap(partsOfClause), ...expression.elements];
    case 'lambda':
      return [expression.body];
    case 'starred':
    case 'walrus':
      return [expression.value];
    case 'suspend':
      return expression.value === null ? [] : [expression.value];
  }
}

function partsOfClause(clause: Clause): readonly Expression[] {
  return clause.kind === 'for' ? [clause.iterable] : [clause.test];
}
