import { shellCommand, shellWord } from '../../native/shell-quote.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { realPath } from '../files/loader-files.ts';
import { isProgram } from '../loader/root-file.ts';
import type { ResolvedFile } from '../resolve-file.ts';

/** What shows the same as a tree: the loader itself, or where it is not on this machine, what is in the file. */
export function loaderCommand(resolved: ResolvedFile): string {
  const { root, loader, loaderPath } = resolved;
  if (!canAskLoader(resolved)) return shellCommand(['readelf', '-d', root.shownPath]);
  // As ldd(1) does it. The option `--list` of glibc's loader ends at the first miss.
  if (loader.kind === 'musl') return variables(resolved) + shellCommand([loaderPath, '--list', tracedPath(resolved)]);
  return `${variables(resolved)}LD_TRACE_LOADED_OBJECTS=1 ${shellCommand([loaderPath, tracedPath(resolved)])}`;
}

/** Makes the loader itself say where each reference goes, without starting the program. It maps the files; we do not. */
export function bindingsCommand(resolved: ResolvedFile): string {
  if (!canAskLoader(resolved)) return shellCommand(['readelf', '-rW', resolved.root.shownPath]);
  const command = loaderCommand(resolved);
  // musl says only what it does not find.
  return resolved.loader.kind === 'musl' ? command : `LD_DEBUG=bindings LD_BIND_NOW=1 LD_WARN=1 ${command}`;
}

/** `-r`: undefined symbols; `-u`: direct needs that are of no use. */
export function lddCommand(resolved: ResolvedFile, option: '-r' | '-u'): string {
  const { root, loader } = resolved;
  if (!canAskLoader(resolved)) return shellCommand(['nm', '-D', '--undefined-only', root.shownPath]);
  if (loader.kind === 'musl') return loaderCommand(resolved);
  return variables(resolved) + shellCommand(['ldd', option, root.shownPath]);
}

/** The kernel follows links to a program before its loader sees it, on which `$ORIGIN` depends: so must who asks the loader. */
export function tracedPath({ root }: ResolvedFile): ByteText {
  return isProgram(root) ? (realPath(root.shownPath) ?? root.shownPath) : root.shownPath;
}

function canAskLoader({ environment, loaderState, unloaded }: ResolvedFile): boolean {
  return unloaded === null && loaderState === 'there' && environment.sysroot === undefined;
}

function variables({ environment }: ResolvedFile): string {
  const named = [
    ['LD_LIBRARY_PATH', environment.libraryPath],
    ['LD_PRELOAD', environment.preload],
  ] as const;
  return named.flatMap(([name, value]) => (value ? [`${name}=${shellWord(value)} `] : [])).join('');
}
