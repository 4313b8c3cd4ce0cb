import type { Box } from './drawn-graph.ts';

/** In px of the picture. */
export const boxHeight = 26;
const padding = 16;
/** A little more than the mean of the fonts that VS Code has for its own surface, at 12 px. */
const characterWidth = 6.9;
const longestLabel = 36;

/** What is written in a box: long names lose their middle, since their ends tell them apart. Signs tell problems from others. */
export function boxLabel({ label, state, problems, nodes }: Box): string {
  const sign = state === 'missing' ? '✗ ' : problems > 0 ? '⚠ ' : '';
  const count = state === 'group' ? ` (${nodes.length})` : '';
  const room = longestLabel - sign.length - count.length;
  const half = Math.floor(room / 2);
  const shown = label.length > room ? `${label.slice(0, half)}…${label.slice(-(room - half - 1))}` : label;
  return `${sign}${shown}${count}`;
}

export function boxWidth(box: Box): number {
  return Math.ceil(boxLabel(box).length * characterWidth) + padding;
}
