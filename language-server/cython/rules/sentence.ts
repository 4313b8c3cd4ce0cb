import type { CastExpression, Expression } from '../syntax/syntax.ts';

/** The source of an expression for a sentence: on one line, and cut where it is long. */
export function quoted({ start, end }: Pick<Expression, 'start' | 'end'>, text: string): string {
  return shortened(text.slice(start, end));
}

/** A long text, or one on several lines, is cut for a sentence. */
export function shortened(source: string): string {
  const flat = source.replace(/\s+/gu, ' ');
  return flat.length > 60 ? `${[...flat].slice(0, 57).join('')}…` : flat;
}

/** The cast's own `<…>`, as written; empty where it is written as a call. */
export function castText(cast: CastExpression, text: string): string {
  return cast.isCall ? '' : text.slice(cast.bare.start, cast.operand.start).trimEnd();
}
