import type { PythonTag } from '../elf/languages/python-tag.ts';
import { shellCommand, shellWord } from '../native/shell-quote.ts';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import type { Remedy } from '../protocol/explain.ts';
import { pythonsWith } from './pythons.ts';
import { isPython2Symbol } from './symbol-hints.ts';
import { tracebackPython } from './traceback.ts';
import type { World } from './world.ts';

interface PythonModule {
  readonly symbol: ByteText;
  readonly module: ByteText;
  readonly tag: PythonTag | null;
  readonly context: string;
}

/** For a symbol of Python's C interface that the interpreter at hand does not have. */
export async function pythonRemedies(
  world: World,
  { symbol, module, tag, context }: PythonModule,
): Promise<readonly Remedy[]> {
  const { having, lacking } = await pythonsWith(world, symbol);
  const running = tracebackPython(context);
  const name = displayText(module.slice(module.lastIndexOf('/') + 1)).replace(/\..*$/u, '');
  const versions = (list: readonly { readonly version: string }[]): string =>
    [...new Set(list.map(({ version }) => version))].join(', ');
  const known =
    having.length > 0
      ? `Of the Pythons here these have it: ${versions(having)}${lacking.length > 0 ? `; these have not: ${versions(lacking)}` : ''}.`
      : `None of the Pythons here has it${lacking.length > 0 ? ` (${versions(lacking)})` : ''}.`;
  const built =
    tag?.version === null || tag === null
      ? ''
      : ` The module is built for ${tag.implementation} ${tag.version}${tag.isFreeThreaded ? ' without the global lock' : ''}${tag.isDebug ? ' with --with-pydebug' : ''}.`;
  const old = isPython2Symbol(symbol) ? ' It is part of Python 2 and of no Python 3.' : '';
  const fit = having.find(({ version }) => tag?.version === version) ?? having[0];
  return [
    {
      id: 'rebuild-for-python',
      title: `Build ${name} for the Python that loads it`,
      why: `${known}${built}${old} Functions of Python's C interface come and go with its versions; a module has to be compiled with the headers of the one that loads it.`,
      command: `${running === null ? 'python3' : `python${running}`} -m pip install --force-reinstall --no-cache-dir --no-binary ${shellWord(name)} ${shellWord(name)}`,
    },
    ...(fit === undefined
      ? []
      : [
          {
            id: 'other-python',
            title: `Or load it with Python ${fit.version}`,
            why: `${displayText(fit.path)} defines ${displayText(symbol)}.`,
            command: shellCommand([fit.path, '-c', `import ${name}`]),
          },
        ]),
  ];
}
