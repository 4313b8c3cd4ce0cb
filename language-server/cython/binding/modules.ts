import { readStatements } from '../syntax/read-source-text.ts';
import { tokenize } from '../syntax/tokens.ts';
import { bindStatements } from './bind.ts';
import { knownModule } from './known-modules.ts';
import { type ModuleNames, Scope } from './model.ts';

/** The name by which a source asks for the `.pxd` that declares its own names. */
export const companionName = '.pxd';

/** How many levels above the source the folder of a package is looked for, and how many modules one answer may read. */
const maximumLevels = 4;
const maximumModules = 60;

/** Finds what sources cimport and include, through a reader of names beside the linted file. */
export class ModuleLoader {
  readonly #read: (name: string) => string | null;
  readonly #modules = new Map<string, ModuleNames | null>();
  #count = 0;

  constructor(read: (name: string) => string | null) {
    this.#read = read;
  }

  /** @param folder Where the cimporting file stands, as a prefix of names (`''`, `'../sub/'`). */
  load(name: string, folder: string): ModuleNames | null {
    const known = knownModule(name);
    if (known !== null) return known;
    for (const path of candidates(name, folder)) {
      const found = this.#loadPath(path);
      if (found !== null) return found;
    }
    return null;
  }

  readText(path: string): string | null {
    if (this.#count >= maximumModules) return null;
    return this.#read(path);
  }

  #loadPath(path: string): ModuleNames | null {
    const seen = this.#modules.get(path);
    if (seen !== undefined) return seen;
    this.#modules.set(path, null);
    const text = this.readText(path);
    if (text === null) return null;
    this.#count += 1;
    const scope = new Scope('module', null);
    const names: ModuleNames = { isExact: true, lookup: (name, seen) => scope.lookup(name, seen) };
    // Before its own cimports are followed: two modules may cimport one another.
    this.#modules.set(path, names);
    this.bind(text, scope, path.slice(0, path.lastIndexOf('/') + 1));
    return names;
  }

  bind(text: string, scope: Scope, folder: string): void {
    bindStatements(readStatements(tokenize(text).tokens), scope, {
      loadModule: name => this.load(name, folder),
      loadInclude: path => this.loadInclude(`${folder}${path}`),
    });
  }

  loadInclude(path: string): ReturnType<typeof readStatements> | null {
    const text = this.readText(path);
    if (text === null) return null;
    this.#count += 1;
    return readStatements(tokenize(text).tokens);
  }
}

/** Where the `.pxd` of a module may stand: beside the file for `.m`, in a folder above it that holds the package for `a.m`. */
function candidates(name: string, folder: string): readonly string[] {
  const dots = /^\.*/u.exec(name)?.[0].length ?? 0;
  const inPackage = name.slice(dots).replaceAll('.', '/');
  if (dots > 0) {
    const base = `${folder}${'../'.repeat(dots - 1)}`;
    return inPackage === '' ? [`${base}__init__.pxd`] : [`${base}${inPackage}.pxd`, `${base}${inPackage}/__init__.pxd`];
  }
  const levels = Array.from({ length: maximumLevels + 1 }, (_, level) => `${folder}${'../'.repeat(level)}`);
  // Pyrex's dotted file names come last, as Cython has it.
  return levels.flatMap(base => [`${base}${inPackage}.pxd`, `${base}${inPackage}/__init__.pxd`]);
}
