import { parsedStatements } from '../syntax/parsed.ts';
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
  readonly #roots: readonly string[];
  readonly #modules = new Map<string, ModuleNames | null>();
  #count = 0;

  /** @param roots Folders with a `/` at the end in which packages lie, as `read` takes them: those of a project, of Python, of Cython. */
  constructor(read: (name: string) => string | null, roots: readonly string[] = []) {
    this.#read = read;
    this.#roots = roots;
  }

  /** @param folder Where the cimporting file stands, as a prefix of names (`''`, `'../sub/'`). */
  load(name: string, folder: string): ModuleNames | null {
    const known = knownModule(name);
    return known === null ? this.#find(name, folder) : withFallback(known, () => this.#find(name, folder));
  }

  #find(name: string, folder: string): ModuleNames | null {
    for (const path of candidates(name, folder, this.#roots)) {
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
    bindStatements(parsedStatements(text), scope, {
      loadModule: name => this.load(name, folder),
      loadInclude: path => this.loadInclude(`${folder}${path}`),
    });
  }

  loadInclude(path: string): ReturnType<typeof parsedStatements> | null {
    const text = this.readText(path);
    if (text === null) return null;
    this.#count += 1;
    return parsedStatements(text);
  }
}

/** What is known of a module without its file, and of other names what its file says, where there is one. */
function withFallback(known: ModuleNames, find: () => ModuleNames | null): ModuleNames {
  let file: ModuleNames | null | undefined;
  return {
    isExact: known.isExact,
    lookup: (name, seen) => {
      const binding = known.lookup(name, seen);
      if (binding !== null && binding.meaning !== 'unknown') return binding;
      if (file === undefined) file = find();
      return file?.lookup(name, seen) ?? binding;
    },
  };
}

/** Where the `.pxd` of a module may stand: beside the file for `.m`, in a folder above it that holds the package for `a.m`. */
function candidates(name: string, folder: string, roots: readonly string[]): readonly string[] {
  const dots = /^\.*/u.exec(name)?.[0].length ?? 0;
  const inPackage = name.slice(dots).replaceAll('.', '/');
  if (dots > 0) {
    const base = `${folder}${'../'.repeat(dots - 1)}`;
    return inPackage === '' ? [`${base}__init__.pxd`] : [`${base}${inPackage}.pxd`, `${base}${inPackage}/__init__.pxd`];
  }
  const levels = Array.from({ length: maximumLevels + 1 }, (_, level) => `${folder}${'../'.repeat(level)}`);
  // Pyrex's dotted file names come last, as Cython has it.
  return [...levels, ...roots].flatMap(base => [`${base}${inPackage}.pxd`, `${base}${inPackage}/__init__.pxd`]);
}
