import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ByteText } from '../protocol/elf.ts';

/** The fault shim's sources, shipped beside the bundle. */
export function shimFolder(): string {
  // The bundle is CommonJS, where __dirname is dist/.
  return join(__dirname, 'shim');
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

/** Relative to the working directory, links and the names themselves as they are. */
export function absolutePath(path: ByteText): ByteText {
  return path.startsWith('/') ? path : resolve(path);
}
