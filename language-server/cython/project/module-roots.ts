import { readdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LRUCache } from 'lru-cache';
import { readSource } from './read-source.ts';

/** Where `cimport` looks, as far as files alone can tell: no interpreter is started for it. */
export interface ModuleRootsOptions {
  /** Absolute path of the source. */
  readonly source: string;
  /** Path of the interpreter that a person has chosen; empty: that of the project's environment, or the one on PATH. */
  readonly interpreter?: string;
  /** Further folders, absolute or relative to the project. */
  readonly includePath?: readonly string[];
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

const projectMarks = ['pyproject.toml', 'setup.py', 'setup.cfg', 'meson.build', '.git'];
const environmentFolders = ['.venv', 'venv', 'env', '.env'];

/** Installed packages change seldom, and a person who installs one may wait a moment. */
const known = new LRUCache<string, readonly string[]>({ max: 100, ttl: 5000 });

/**
 * Folders in which packages with `.pxd` files lie, each with a `/` at its end, the nearest first: the project and its `src`, the
 * site-packages of the interpreter, what their `.pth` files name (editable installations), and the `Includes` of Cython.
 */
export function moduleRoots(options: ModuleRootsOptions): readonly string[] {
  const { source, interpreter = '', includePath = [], environment = process.env } = options;
  const project = projectOf(source);
  const key = JSON.stringify([
    project,
    interpreter,
    includePath,
    environment['VIRTUAL_ENV'],
    environment['CONDA_PREFIX'],
  ]);
  const cached = known.get(key);
  if (cached !== undefined) return cached;
  const own = project === null ? [] : [...includePath.map(path => join(project, path)), project, join(project, 'src')];
  const absolute = includePath.filter(path => path.startsWith('/'));
  const sites = sitesOf(prefixesOf(project, interpreter, environment));
  const packages = [...sites, ...sites.flatMap(editableFolders)];
  const roots = [...absolute, ...own, ...packages, ...packages.map(site => join(site, 'Cython', 'Includes'))]
    .filter(isFolder)
    .map(folder => `${folder}/`);
  const result = [...new Set(roots)];
  known.set(key, result);
  return result;
}

function projectOf(source: string): string | null {
  for (let folder = dirname(source); ; folder = dirname(folder)) {
    if (projectMarks.some(mark => exists(join(folder, mark)))) return folder;
    if (folder === dirname(folder)) return null;
  }
}

/** Installations of Python, by the folder above their `bin`. */
function prefixesOf(
  project: string | null,
  interpreter: string,
  environment: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  if (interpreter !== '') return withBase(interpreter);
  const ofProject = project === null ? [] : environmentFolders.map(name => join(project, name));
  const chosen = [...ofProject, environment['VIRTUAL_ENV'] ?? '', environment['CONDA_PREFIX'] ?? ''];
  const found = chosen.find(folder => folder !== '' && exists(join(folder, 'bin', 'python3')));
  if (found !== undefined) return withBase(join(found, 'bin', 'python3'));
  const onPath = (environment['PATH'] ?? '').split(':').filter(folder => folder.startsWith('/'));
  const interpreters = onPath.map(folder => shimmed(join(folder, 'python3'))).filter(exists);
  return interpreters.map(withBase).find(prefixes => sitesOf(prefixes).length > 0) ?? [];
}

/** pyenv puts a script in the place of an interpreter, which starts the one of the version that is chosen for all. */
function shimmed(interpreter: string): string {
  const root = /^(.*)\/shims\/python3$/u.exec(interpreter)?.[1];
  const version = root === undefined ? null : textOf(join(root, 'version'));
  if (root === undefined || version === null) return interpreter;
  return join(root, 'versions', version.split(/\s/u, 1)[0] ?? '', 'bin', 'python3');
}

/** An environment sees the packages of the installation that it was made of only where its `pyvenv.cfg` says so. */
function withBase(interpreter: string): readonly string[] {
  const prefix = dirname(dirname(interpreter));
  const configuration = textOf(join(prefix, 'pyvenv.cfg'));
  if (configuration === null) return [prefix, dirname(dirname(resolved(interpreter)))];
  const home = /^home\s*=\s*(.+)$/mu.exec(configuration)?.[1]?.trim();
  const isOpen = /^include-system-site-packages\s*=\s*true\s*$/imu.test(configuration);
  return isOpen && home !== undefined ? [prefix, dirname(home)] : [prefix];
}

/** `lib/python3.11/site-packages` and Debian's `lib/python3/dist-packages`, also below `local`. */
function sitesOf(prefixes: readonly string[]): readonly string[] {
  return prefixes.flatMap(prefix =>
    [prefix, join(prefix, 'local')].flatMap(base =>
      ['lib', 'lib64'].flatMap(lib =>
        namesIn(join(base, lib))
          .filter(name => /^python3(\.\d+t?)?$/u.test(name))
          .flatMap(name => ['site-packages', 'dist-packages'].map(site => join(base, lib, name, site)))
          .filter(isFolder),
      ),
    ),
  );
}

/** Lines of `.pth` files that name a folder (site.addpackage); those that begin with `import` are code. */
function editableFolders(site: string): readonly string[] {
  return namesIn(site)
    .filter(name => name.endsWith('.pth'))
    .flatMap(name => (textOf(join(site, name)) ?? '').split(/\r\n|\r|\n/u))
    .map(line => line.trim())
    .filter(line => line !== '' && !/^(#|import[ \t])/u.test(line))
    .map(line => join(line.startsWith('/') ? '' : site, line))
    .filter(isFolder);
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function textOf(path: string): string | null {
  try {
    return readSource(path);
  } catch {
    return null;
  }
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function resolved(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
