import { readFileSync } from 'node:fs';
import { lintCython } from '../../language-server/cython/lint.ts';
import { filesBelow } from './machine.ts';
import { count, fact, heading, median, time } from './measure.ts';

const here = new URL('..', import.meta.url).pathname;
const wantedLines = 200_000;

/** Lines a second, over the Cython sources of the machine, or the sample where it has none. */
export function benchLint(): Promise<void> {
  const found = ['/usr', '/opt', '/root', '/home'].flatMap(folder => filesBelow(folder, name => name.endsWith('.pyx')));
  const texts = (found.length > 0 ? found : [`${here}test/workspace/casts.pyx`]).map(path =>
    readFileSync(path, 'utf8'),
  );
  const lines = texts.reduce((sum, text) => sum + text.split('\n').length, 0);
  const repeats = Math.max(1, Math.round(wantedLines / lines));
  heading(
    `Lint of ${count(texts.length)} Cython sources, ${count(lines)} lines${repeats > 1 ? `, ${repeats} times` : ''}`,
  );
  const lintAll = (): void => {
    for (let repeat = 0; repeat < repeats; repeat += 1) for (const text of texts) lintCython(text, { kind: 'pyx' });
  };
  lintAll();
  const ms = median([1, 2, 3].map(() => time(lintAll)));
  fact(`${count(Math.round((lines * repeats * 1000) / ms))} lines a second`);
  return Promise.resolve();
}
