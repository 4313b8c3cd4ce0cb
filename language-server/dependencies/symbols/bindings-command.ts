import { shellCommand } from '../../native/shell-quote.ts';
import type { ResolvedFile } from '../resolve-file.ts';
import { tracedPath } from '../tree.ts';

/** Makes the loader itself say where each reference goes, without starting the program. It maps the files; we do not. */
export function bindingsCommand(resolved: ResolvedFile): string {
  const { loader, loaderPath } = resolved;
  if (loader.kind === 'musl') return shellCommand([loaderPath, '--list', tracedPath(resolved)]);
  const command = shellCommand([loaderPath, tracedPath(resolved)]);
  return `LD_DEBUG=bindings LD_BIND_NOW=1 LD_WARN=1 LD_TRACE_LOADED_OBJECTS=1 ${command}`;
}
