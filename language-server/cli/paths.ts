import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { version } from '../../package.json';
import type { ByteText } from '../protocol/elf.ts';

/** The fault shim's sources, shipped beside the bundle. */
export function shimFolder(): string {
  // The bundle is CommonJS, where __dirname is dist/.
  return join(__dirname, 'shim');
}

/** The program that runs in a Python interpreter and asks its Cython compiler, shipped beside the bundle. */
export function cythonBridgeProgram(): string {
  return join(__dirname, 'cython-bridge', 'bridge.py');
}

/** The page about the codes of findings, shipped with the bundle. */
export function findingsPage(): string {
  return join(__dirname, '..', 'docs', 'findings.md');
}

/** Where compiled shims are kept (XDG Base Directory Specification). */
export function cacheFolder(): string {
  const base = process.env['XDG_CACHE_HOME'];
  // "All paths must be absolute. If an implementation encounters a relative path it should consider it invalid."
  return join(base?.startsWith('/') === true ? base : join(homedir(), '.cache'), 'binary-detective');
}

/** What scans saw, for the next one; and the build that saw it so: another one may see it otherwise. */
export function scanMemory(): { readonly folder: string; readonly program: string } {
  const { size, mtimeNs } = statSync(__filename, { bigint: true });
  return { folder: join(cacheFolder(), 'scans'), program: `${version} ${size} ${mtimeNs}` };
}

/** Relative to the working directory, links and the names themselves as they are. */
export function absolutePath(path: ByteText): ByteText {
  return path.startsWith('/') ? path : resolve(path);
}
