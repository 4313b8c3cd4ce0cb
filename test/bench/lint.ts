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
  benchKeystrokes(texts.join('\n'));
  benchProject();
  return Promise.resolve();
}

/** From a character that is typed in a source of 2,000 lines to its diagnostics; each text is new, so that nothing is kept of it. */
function benchKeystrokes(source: string): void {
  let whole = source;
  while (whole.split('\n').length < 2000) whole += source;
  const text = whole.split('\n').slice(0, 2000).join('\n');
  let typed = 0;
  const type = (): void => {
    typed += 1;
    lintCython(`${text}\ndef f(a):\n    x${typed} = <void*>a\n`, { kind: 'pyx' });
  };
  for (let warm = 0; warm < 20; warm += 1) type();
  const ms = median(Array.from({ length: 25 }, () => time(type)));
  fact(`a character typed into 2,000 lines: ${ms.toFixed(1)} ms to the diagnostics`);
}

/** A project of 100 modules that cimport one another, linted again as an editor or a hook does. */
function benchProject(): void {
  const modules = new Map<string, string>();
  for (let index = 0; index < 100; index += 1) {
    const cimport = index === 0 ? '' : `from .m${index - 1} cimport C${index - 1}\n`;
    modules.set(`m${index}.pxd`, `${cimport}cdef class C${index}:\n    cdef size_t number\n    cdef object thing\n`);
    const methods = Array.from(
      { length: 60 },
      (_, n) =>
        `    def f${n}(self, a, C${index} other):\n        self.thing = <object>a\n        p = <void*>other.number\n`,
    );
    modules.set(`m${index}.pyx`, `${cimport}cdef class C${index}:\n${methods.join('')}`);
  }
  const lintAll = (): void => {
    for (const [name, text] of modules) {
      if (!name.endsWith('.pyx')) continue;
      const companion = name.replace('.pyx', '.pxd');
      const readSibling = (asked: string): string | null => modules.get(asked === '.pxd' ? companion : asked) ?? null;
      lintCython(text, { kind: 'pyx', readSibling });
    }
  };
  lintAll();
  const ms = median([1, 2, 3].map(() => time(lintAll)));
  fact(`100 modules that cimport one another: ${Math.round(ms)} ms`);
}
