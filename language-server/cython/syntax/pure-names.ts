import type { PureNames } from './cursor.ts';
import type { Token } from './tokens.ts';

/** `import cython as cy` and `from cython import cast as c`, wherever they stand: a cast is a call in pure Python mode. */
export function pureNamesIn(tokens: readonly Token[]): PureNames {
  const modules = new Set(['cython']);
  const casts = new Set<string>();
  for (const [index, { text, kind }] of tokens.entries()) {
    if (text !== 'cython' || kind !== 'name') continue;
    const before = tokens[index - 1]?.text;
    const next = tokens[index + 1]?.text;
    if (next === 'as' && (before === 'import' || before === ',')) modules.add(tokens[index + 2]?.text ?? '');
    if (before === 'from' && (next === 'import' || next === 'cimport')) addCasts(tokens, index + 2, casts);
  }
  return { modules, casts };
}

function addCasts(tokens: readonly Token[], from: number, casts: Set<string>): void {
  for (let at = from; at < tokens.length && tokens[at]?.kind !== 'newline'; at += 1) {
    if (tokens[at]?.text !== 'cast' || tokens[at - 1]?.text === 'as') continue;
    casts.add(tokens[at + 1]?.text === 'as' ? (tokens[at + 2]?.text ?? 'cast') : 'cast');
  }
}
