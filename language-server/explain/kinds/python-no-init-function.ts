import { shellCommand, shellWord } from '../../native/shell-quote.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { Remedy } from '../../protocol/explain.ts';
import { type ErrorKind, type Explained, explained, group, matches } from '../error-kind.ts';
import { fileName } from '../loading.ts';
import { moduleFiles } from '../module-files.ts';
import type { World } from '../world.ts';

/** CPython Python/importdl.c: "dynamic module does not define module export function (PyInit_NAME)", Python 2: "init function". */
export const pythonNoInitFunction: ErrorKind = {
  *recognise(text) {
    const pattern =
      /(?:ImportError:\s+)?dynamic\s+module\s+does\s+not\s+define\s+(?:module\s+export|init)\s+function\s+\((?<name>\w+)\)/gu;
    for (const match of matches(text.text, pattern)) {
      const name = group(match, 'name');
      yield {
        start: match.index,
        end: match.index + match[0].length,
        key: JSON.stringify(['python-no-init-function', name]),
        explain: world => explainNoInit(world, name, text.context.slice(0, match.index)),
      };
    }
  },
};

async function explainNoInit(world: World, wanted: string, before: string): Promise<Explained> {
  const module = wanted.replace(/^(?:PyInit_|PyInitU_|init)/u, '');
  const file = moduleFiles(world, module, before)[0] ?? null;
  const symbols = file === null ? null : await world.exports(file);
  const found = [...(symbols?.defined.keys() ?? [])].filter(
    name => /^(?:PyInitU?_|init)\w/u.test(name) && name !== '_init',
  );
  const hasWanted = symbols?.defined.has(wanted) === true;
  const isHidden = symbols?.hidden().has(wanted) === true;
  const other = found.find(name => name.startsWith('PyInit'));
  const python2 = found.find(name => name === `init${module}`);
  const remedies: Remedy[] = [];
  if (!hasWanted && file !== null) {
    if (isHidden)
      remedies.push({
        id: 'export-init',
        title: `Export ${wanted}`,
        why: 'The function is there, and hidden: define it with PyMODINIT_FUNC, and let a version script name it.',
        command: null,
      });
    if (python2 !== undefined)
      remedies.push({
        id: 'port-to-python-3',
        title: 'Build it for Python 3',
        why: `It has ${python2}, which is what Python 2 calls.`,
        command: `python3 -m pip install --force-reinstall --no-cache-dir --no-binary ${shellWord(module)} ${shellWord(module)}`,
      });
    if (other !== undefined) {
      const own = other.replace(/^PyInitU?_/u, '');
      const name = file.slice(file.lastIndexOf('/') + 1).replace(/^[^.]*/u, own);
      remedies.push({
        id: 'rename-module',
        title: `Give the file the name of its module: ${displayText(name)}`,
        why: `Python calls the function that is named as the file is. This one has ${displayText(other)}: the file was renamed, or its module is called ${displayText(own)}.`,
        command: shellCommand(['mv', file, `${file.slice(0, file.lastIndexOf('/') + 1)}${name}`]),
      });
    }
    remedies.push({
      id: 'name-module',
      title: `Or define ${wanted} in the sources`,
      why: 'PYBIND11_MODULE, NB_MODULE, BOOST_PYTHON_MODULE and the name of a Cython file have to be the name of the file that is imported.',
      command: null,
    });
  }
  return explained(
    {
      kind: 'python-no-init-function',
      title: `The module ${module} has no function ${wanted}`,
      summary: `Python found a file for ${module} and loaded it; then it calls the function ${wanted} in it, which is not there. The file is no module of Python, one for another version of it, or one that was renamed.`,
    },
    {
      object: file === null ? null : { name: fileName(file), path: file },
      symbol: { name: wanted, demangled: null, version: null },
      provider: file === null ? null : { name: fileName(file), path: file, how: null, offers: found },
      facts:
        file === null
          ? []
          : [
              found.length > 0
                ? `${displayText(file)} has ${found.map(displayText).join(', ')}.`
                : `${displayText(file)} has no such function at all.`,
            ],
      state:
        file === null
          ? { kind: 'unknown', text: 'The file of the module is not found beside what the text names.' }
          : hasWanted
            ? { kind: 'resolved', text: `${displayText(file)} as it is now defines it.` }
            : { kind: 'persists', text: `${displayText(file)} still does not define it.` },
      remedies,
      evidence: [
        {
          rule: 'CPython Python/importdl.c; PEP 489',
          ...(file === null ? {} : { command: `${shellCommand(['nm', '-D', '--defined-only', file])} | grep -i init` }),
        },
      ],
    },
  );
}
