import { pythonTag } from '../../elf/languages/python-tag.ts';
import { shellCommand, shellWord } from '../../native/shell-quote.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { Remedy } from '../../protocol/explain.ts';
import { type ErrorKind, type Explained, explained, group, matches } from '../error-kind.ts';
import { fileName, namedFile } from '../loading.ts';
import { modulesAround, tracebackPython } from '../traceback.ts';
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

/** Only where a file of that name, for another Python or machine, explains it: else it is no matter of the loader. */
export const pythonMissingModule: ErrorKind = {
  *recognise(text) {
    for (const match of matches(
      text.text,
      /(?:ModuleNotFoundError|ImportError):\s+No\s+module\s+named\s+'?(?<name>[\w.]+)'?/gu,
    )) {
      const name = group(match, 'name');
      yield {
        start: match.index,
        end: match.index + match[0].length,
        key: JSON.stringify(['python-missing-module', name]),
        explain: world => Promise.resolve(explainMissingModule(world, name, text.context.slice(0, match.index))),
      };
    }
  },
};

function explainMissingModule(world: World, name: string, before: string): Explained {
  const module = name.slice(name.lastIndexOf('.') + 1);
  const files = moduleFiles(world, module, before);
  const running = tracebackPython(before);
  const facts = files.slice(0, 5).map(file => `There is ${displayText(file)}${tagText(file)}.`);
  const [file] = files;
  const built = file === undefined ? null : (pythonTag(file.slice(file.lastIndexOf('/') + 1))?.version ?? null);
  const remedies: Remedy[] = [];
  if (built !== null && file !== undefined) {
    remedies.push({
      id: 'other-python',
      title: `Import it with Python ${built}`,
      why: 'Python looks only at files whose tag is its own, abi3 or none.',
      command: `python${built} -c ${shellWord(`import ${name}`)}`,
    });
  }
  remedies.push({
    id: 'install-module',
    title: `Install it for the Python that runs${running === null ? '' : ` (${running})`}`,
    why: 'Through the very interpreter that says the error: pip alone may be that of another one.',
    command: `python${running ?? '3'} -m pip install ${shellWord(name.split('.')[0] ?? name)}`,
  });
  return explained(
    {
      kind: 'python-missing-module',
      title: `Python finds no module ${name}`,
      summary:
        file === undefined
          ? `No file of sys.path is the module ${name}. That is a matter of Python's own search, before any loader is asked.`
          : `There is a file of that name that this Python passes over: the tag in its name is one of another Python or machine.`,
    },
    {
      object: file === undefined ? null : { name: fileName(file), path: file },
      facts,
      state: {
        kind: 'unknown',
        text: 'It depends on the sys.path of the Python that is run, which only that Python knows.',
      },
      remedies,
      evidence: [
        {
          rule: 'PEP 3149, importlib.machinery.EXTENSION_SUFFIXES',
          command: `python${running ?? '3'} -c 'import importlib.machinery as m; print(m.EXTENSION_SUFFIXES)'`,
        },
      ],
    },
  );
}

function tagText(file: ByteText): string {
  const tag = pythonTag(file.slice(file.lastIndexOf('/') + 1));
  if (tag === null) return '';
  const version =
    tag.version === null ? 'any version from that of its build on' : `${tag.implementation} ${tag.version}`;
  return `, for ${version}${tag.platform === null ? '' : ` on ${displayText(tag.platform)}`}`;
}

/** Extension modules of a name beside the source files of the traceback, and in the folders at hand. */
function moduleFiles(world: World, module: string, before: string): readonly ByteText[] {
  const isModule = (name: ByteText): boolean =>
    name.endsWith('.so') && name.slice(0, Math.max(0, name.indexOf('.'))) === module;
  const around = modulesAround(before).filter(path => isModule(path.slice(path.lastIndexOf('/') + 1)));
  return [...new Set([...around, ...world.findByName(isModule)])].flatMap(path => namedFile(world, path).path ?? []);
}
