import { statSync } from 'node:fs';
import { parse } from 'smol-toml';
import { osPath } from '../../native/byte-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { member } from '../../protocol/member.ts';
import { readSource } from '../project/read-source.ts';

/** Files by which the root of a project is known, the most telling first. */
const projectFiles = ['pyproject.toml', 'setup.py', 'setup.cfg', 'meson.build'];
const maximumLevels = 20;

/**
 * Folders in which the compiler looks for cimports and includes of a source beside its own package: what the person has set, what the
 * project's build files say, the project's root. The files are read, never run: of a `setup.py` only what is written out counts.
 *
 * @param configured Absolute, or relative to the project's root.
 */
export function includePathOf(source: ByteText, configured: readonly string[] = []): readonly ByteText[] {
  const root = projectRoot(source);
  const base = root ?? parentOf(source);
  const named = [...configured, ...(root === null ? [] : foldersNamedIn(root))];
  const folders = named.map(folder => (folder.startsWith('/') ? folder : joined(base, folder)));
  const all = root === null ? folders : [...folders, joined(root, 'src'), root];
  return [...new Set(all)].filter(isFolder);
}

function projectRoot(source: ByteText): ByteText | null {
  let folder = parentOf(source);
  for (let level = 0; level < maximumLevels && folder !== ''; level += 1) {
    if (projectFiles.some(name => isFile(`${folder}/${name}`))) return folder;
    folder = parentOf(folder);
  }
  return null;
}

/** `include_path=[…]` of `cythonize`, `package_dir={'': …}`, and what setuptools and Cython read from the other files. */
function foldersNamedIn(root: ByteText): readonly string[] {
  return [
    ...foldersOfPyproject(textOf(`${root}/pyproject.toml`)),
    ...foldersOfSetupScript(textOf(`${root}/setup.py`)),
    ...foldersOfSetupCfg(textOf(`${root}/setup.cfg`)),
  ];
}

export function foldersOfPyproject(text: string): readonly string[] {
  let tool: unknown;
  try {
    tool = member(parse(text), 'tool');
  } catch {
    // Somebody else's file, which the settings of ours have reported already where they stand in it.
    return [];
  }
  const setuptools = member(tool, 'setuptools');
  const modules: unknown = member(setuptools, 'ext-modules');
  return [
    ...stringsOf(member(member(tool, 'cython'), 'include-path')),
    ...stringsOf(member(member(tool, 'cython'), 'include_path')),
    ...stringsOf(member(member(member(setuptools, 'packages'), 'find'), 'where')),
    ...stringsOf(Object.values(objectOf(member(setuptools, 'package-dir')))),
    ...(Array.isArray(modules) ? modules.flatMap(each => stringsOf(member(each, 'include-dirs'))) : []),
  ];
}

/** Lists of strings that are written out; what a script works out is not known without running it. */
export function foldersOfSetupScript(text: string): readonly string[] {
  const lists = [...text.matchAll(/\b(?:include_path|include_dirs|where)\s*=\s*\[([^\]]*)\]/gu)].map(match => match[1]);
  const singles = [...text.matchAll(/\bfind_packages\(\s*(?:where\s*=\s*)?(['"])([^'"]+)\1/gu)].map(match => match[2]);
  const directories = [...text.matchAll(/\bpackage_dir\s*=\s*\{([^}]*)\}/gu)].flatMap(match =>
    [...(match[1] ?? '').matchAll(/:\s*(['"])([^'"]+)\1/gu)].map(each => each[2]),
  );
  const written = lists.flatMap(list => [...(list ?? '').matchAll(/(['"])([^'"]*)\1/gu)].map(match => match[2]));
  return [...written, ...singles, ...directories]
    .filter(folder => folder !== undefined)
    .filter(folder => folder !== '');
}

export function foldersOfSetupCfg(text: string): readonly string[] {
  const packageDir = /^package_dir\s*=[ \t]*\n?((?:[ \t]*\S*=.*\n?)*)/mu.exec(text)?.[1] ?? '';
  const where = /^where\s*=\s*(\S+)/mu.exec(text)?.[1];
  const directories = [...packageDir.matchAll(/=\s*(\S+)/gu)].map(match => match[1] ?? '');
  return [...directories, ...(where === undefined ? [] : [where])];
}

function stringsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];
}

function objectOf(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}

function textOf(path: ByteText): string {
  try {
    return isFile(path) ? readSource(path) : '';
  } catch {
    // A file that cannot be read says nothing.
    return '';
  }
}

function parentOf(path: ByteText): ByteText {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** `a/../b` and `./b` as paths of a folder, without asking the file system. */
function joined(base: ByteText, relative: string): ByteText {
  const parts = base.split('/');
  for (const part of relative.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}

function isFile(path: ByteText): boolean {
  return statSync(osPath(path), { throwIfNoEntry: false })?.isFile() === true;
}

function isFolder(path: ByteText): boolean {
  return statSync(osPath(path), { throwIfNoEntry: false })?.isDirectory() === true;
}
