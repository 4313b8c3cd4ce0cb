import { folderOf } from '../dependencies/loader/link-map.ts';
import { pythonTag } from '../elf/languages/python-tag.ts';
import { shellCommand } from '../native/shell-quote.ts';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import type { Remedy } from '../protocol/explain.ts';
import {
  addNeededRemedy,
  baseName,
  libraryPathRemedy,
  originRelative,
  preloadRemedy,
  runPathRemedy,
} from './file-remedies.ts';
import { fileName } from './loading.ts';
import { packageUpgrade } from './package-remedies.ts';
import { pythonRemedies } from './python-remedies.ts';
import type { SymbolSearch } from './searched-symbol.ts';
import { hintsFor, isPythonSymbol } from './symbol-hints.ts';
import { type Exporter, isCached, satisfies } from './symbol-search.ts';
import type { World } from './world.ts';

/** What to do about a symbol that nothing defines, the surest first. */
export async function symbolRemedies(world: World, search: SymbolSearch): Promise<readonly Remedy[]> {
  const { told, objectPath, inScope, version, asksStill } = search;
  if (!asksStill || inScope.some(exporter => satisfies(exporter, version))) return [];
  const remedies: Remedy[] = [];
  if (isPythonSymbol(told.symbol)) {
    const module = objectPath ?? told.object;
    const tag = pythonTag(module.slice(module.lastIndexOf('/') + 1));
    remedies.push(...(await pythonRemedies(world, { symbol: told.symbol, module, tag, context: told.context })));
  }
  const best = search.elsewhere[0];
  if (best !== undefined) remedies.push(...linkRemedies(world, search, best));
  remedies.push(...sourceRemedies(search));
  remedies.push(...hintsFor(told.symbol).flatMap(({ remedy }) => remedy ?? []));
  const provider = search.asked?.path ?? (inScope.length > 0 ? inScope[0]?.path : search.similarIn?.path);
  if (provider !== undefined) remedies.push(...(await packageUpgrade(world, provider)));
  if (remedies.length === 0 && objectPath !== null) remedies.push(rebuildRemedy(objectPath));
  return remedies;
}

/** A library of this machine has it: name it. */
function linkRemedies(
  world: World,
  { objectPath, programPath, scope, missing, told }: SymbolSearch,
  exporter: Exporter,
): readonly Remedy[] {
  const fileNamed = exporter.path.slice(exporter.path.lastIndexOf('/') + 1);
  const soname = exporter.soname ?? fileNamed;
  const folder = folderOf(exporter.path);
  const preload = preloadRemedy(exporter.path, programPath);
  const target = objectPath === null ? null : world.read(objectPath);
  const object = target?.kind === 'elf' ? target.object : null;
  if (missing.includes(soname) || scope.some(({ name }) => name === soname)) {
    // The same library in another build: the loader took the other one.
    if (fileNamed !== soname) return [preload];
    return [
      ...(objectPath === null || object === null ? [] : [runPathRemedy({ path: objectPath, object }, folder)]),
      libraryPathRemedy(folder, programPath),
    ];
  }
  const library = /^lib(.+?)\.so/u.exec(soname)?.[1];
  const link: Remedy = {
    id: 'link-with',
    title: `Link ${baseName(told.object)} with ${displayText(library === undefined ? exporter.path : `-l${library}`)}`,
    why: 'The right place for it: whoever uses a library names it when it is linked. With -Wl,-z,defs the link editor refuses what would end in this error.',
    command: null,
  };
  if (objectPath === null || object === null) return [link, preload];
  const add = addNeededRemedy(objectPath, soname);
  const entry = originRelative(objectPath, folder);
  const isFound =
    [object.runpath, object.rpath].some(path => path?.split(':').includes(entry) === true) ||
    isCached(world, exporter.path);
  if (isFound) return [add, link, preload];
  // Two runs: patchelf up to 0.14 writes a wrong run path when it does both at once.
  const command = `${add.command} && ${runPathRemedy({ path: objectPath, object }, folder).command}`;
  const why = `${add.why} It is in no folder that the loader looks in for this file, so the folder is added too.`;
  return [{ ...add, why, command }, link, preload];
}

function sourceRemedies({ similar, hiddenIn: hidden }: SymbolSearch): readonly Remedy[] {
  if (hidden !== null) {
    return [
      {
        id: 'export-symbol',
        title: `Let ${fileName(hidden)} export it`,
        why: 'Mark it __attribute__((visibility("default"))), or add it to the version script of the library.',
        command: null,
      },
    ];
  }
  switch (similar.diagnosis) {
    case 'mangled':
    case 'extern-c':
      return [
        {
          id: 'extern-c',
          title: 'Declare it extern "C" in the header that both sides include',
          why: 'C++ puts the parameters into the name of a function; extern "C" leaves it as it is.',
          command: null,
        },
      ];
    case 'cxx11':
      return [
        {
          id: 'cxx11-abi',
          title: 'Compile both with the same -D_GLIBCXX_USE_CXX11_ABI',
          why: '0 is the old std::string (manylinux2014 and older), 1 the new one.',
          command: null,
        },
      ];
    case 'signature':
      return [
        {
          id: 'rebuild',
          title: 'Compile the object again, with the headers of the library that is installed',
          why: 'The name of a C++ function has its parameters in it: when they change, it is another one.',
          command: null,
        },
      ];
    case 'name':
    case null:
      return [];
  }
}

function rebuildRemedy(path: ByteText): Remedy {
  return {
    id: 'find-definition',
    title: 'Find out what should define it',
    why: 'No library of this machine that is known here does. The object was linked without -Wl,-z,defs, which would have said so then.',
    command: shellCommand(['readelf', '-dW', path]),
  };
}
