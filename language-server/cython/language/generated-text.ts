import { displayText } from '../../protocol/display-text.ts';
import type { FunctionScore } from '../../protocol/generated-c.ts';
import type { Generated } from '../bridge/answers.ts';
import { type CythonOutlineEntry, cythonOutline } from './outline.ts';

export interface GeneratedSource {
  readonly path: string;
  readonly text: string;
  readonly compiler: string;
  readonly generated: Generated;
  /** Scores of the build before; absent: there is none to compare with. */
  readonly before?: readonly FunctionScore[];
}

/** How much each function has to do with Python, in the order of the text; the code outside of them as `(module)`. */
export function functionScores(text: string, { lines }: Generated): readonly FunctionScore[] {
  const functions = functionRanges(cythonOutline(text), '');
  const outside = { name: '(module)', line: 0, score: 0 };
  const scores = functions.map(({ name, first }) => ({ name, line: first, score: 0 }));
  for (const [line, score] of lines) {
    // Of functions in functions the innermost stands last.
    const index = functions.findLastIndex(({ first, last }) => first <= line && line <= last);
    (scores[index] ?? outside).score += score;
  }
  return outside.score > 0 ? [outside, ...scores] : scores;
}

interface FunctionRange {
  readonly name: string;
  readonly first: number;
  readonly last: number;
}

function functionRanges(entries: readonly CythonOutlineEntry[], prefix: string): readonly FunctionRange[] {
  return entries.flatMap(({ name, kind, range, children }) => {
    // What a header declares has no code of ours.
    if (kind === 'block') return [];
    const inner = functionRanges(children, `${prefix}${name}.`);
    if (kind !== 'function' && kind !== 'method') return inner;
    return [{ name: `${prefix}${name}`, first: range.start.line, last: range.end.line }, ...inner];
  });
}

/**
 * A text to read: a table of the functions, then under each line of the source the C that is generated for it. A line of the
 * source is introduced by {@link generatedHeader}.
 */
export function generatedText(source: GeneratedSource, scores: readonly FunctionScore[]): string {
  const { generated, text, compiler } = source;
  const name = displayText(source.path.slice(source.path.lastIndexOf('/') + 1));
  const sourceLines = text.split(/\r\n|\r|\n/u);
  const total = scores.reduce((sum, { score }) => sum + score, 0);
  const head = [
    `/* ${name}: the C that Cython ${compiler} generates for each line, ${generated.generatedLines} lines in all.`,
    ' * The score of a line is the one that `cython -a` paints it by: 5 a call of the Python API, 2 a helper of Cython, 1 a macro.',
    ` * ${total} in all${changeText(total, totalOf(source.before))}`,
    ...tableLines(scores, source.before),
    ' */',
    '',
  ];
  const body = generated.lines.flatMap(([line, score, code]) => [
    generatedHeader(name, line, score, sourceLines[line] ?? ''),
    code,
    '',
  ]);
  return [...head, ...body].join('\n');
}

/** `module.pyx:12 score 15: x = f(a)` in a comment; lines count from 1 in it. */
function generatedHeader(name: string, line: number, score: number, source: string): string {
  const shown = displayText(source.trim().replaceAll('*/', '* /'));
  return `/* ${name}:${line + 1} score ${score}: ${shown} */`;
}

function tableLines(scores: readonly FunctionScore[], before: readonly FunctionScore[] | undefined): readonly string[] {
  const known = new Map(before?.map(({ name, score }) => [name, score]));
  const worst = scores.toSorted((a, b) => b.score - a.score);
  const lines = worst.map(({ name, line, score }) => {
    const change = before === undefined ? '' : changeText(score, known.get(name) ?? 0, known.has(name));
    return ` * ${String(score).padStart(7)}  line ${String(line + 1).padStart(5)}  ${displayText(name)}${change}`;
  });
  const names = new Set(scores.map(({ name }) => name));
  const gone = (before ?? []).filter(({ name }) => !names.has(name));
  return [
    ...lines,
    ...gone.map(({ name, score }) => ` *       -              ${displayText(name)} (gone; was ${score})`),
  ];
}

function changeText(score: number, before: number | undefined, isKnown = true): string {
  if (before === undefined) return '';
  if (!isKnown) return ' (new)';
  const change = score - before;
  return change === 0 ? '' : ` (${change > 0 ? '+' : '−'}${Math.abs(change)} since the build before)`;
}

function totalOf(scores: readonly FunctionScore[] | undefined): number | undefined {
  return scores?.reduce((sum, { score }) => sum + score, 0);
}
