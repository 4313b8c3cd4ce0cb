import { pythonTag } from '../../elf/languages/python-tag.ts';
import { shellWord } from '../../native/shell-quote.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { Remedy } from '../../protocol/explain.ts';
import { type ErrorKind, type Explained, explained, group, matches } from '../error-kind.ts';
import { fileName } from '../loading.ts';
import { moduleFiles } from '../module-files.ts';
import { tracebackPython } from '../traceback.ts';
import type { World } from '../world.ts';

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
