import type { Box } from './drawn-graph.ts';

/** In px of the picture. */
export const boxHeight = 26;
const padding = 16;
/** A little more than the mean of the fonts that VS Code has for its own surface, at 12 px. */
const characterWidth = 6.9;
/** What is longer is cut off by its box: what is seen stays the beginning of what is read out. */
const longestLabel = 48;

/** What is written in a box. Signs tell problems from others where colours do not. */
export function boxLabel({ label, state, problems, nodes }: Box): string {
  const sign = state === 'missing' ? '✗ ' : problems > 0 ? '⚠ ' : '';
  return `${sign}${label}${state === 'group' ? ` (${nodes.length})` : ''}`;
}

export function boxWidth(box: Box): number {
  return Math.ceil(Math.min(boxLabel(box).length, longestLabel) * characterWidth) + padding;
}
