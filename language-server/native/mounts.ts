import { readFileSync } from 'node:fs';
import type { ByteText } from '../protocol/elf.ts';
import { decodeBytes } from './byte-text.ts';

/** Where a file system is mounted (proc(5), /proc/self/mounts). */
export interface Mount {
  readonly folder: ByteText;
  /** Nothing on it may be run, nor mapped as code (mount(8), `noexec`). */
  readonly isNoexec: boolean;
}

/** What is mounted as this process sees it, in the order of mounting; empty where the system does not tell. */
export function readMounts(): readonly Mount[] {
  try {
    return parseMounts(readFileSync('/proc/self/mounts'));
  } catch {
    return [];
  }
}

/** Blanks, tabs, newlines and backslashes in names are written as `\040`, `\011`, `\012` and `\134`. */
export function parseMounts(bytes: Buffer): readonly Mount[] {
  return bytes
    .toString('latin1')
    .split('\n')
    .flatMap(line => {
      const [, folder, , options] = line.split(' ');
      if (folder === undefined || options === undefined) return [];
      const name = folder.replace(/\\(\d{3})/gu, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
      return [{ folder: decodeBytes(Buffer.from(name, 'latin1')), isNoexec: options.split(',').includes('noexec') }];
    });
}

/** The mount that a path is on: the innermost, and of several on one folder the last. @param path absolute, with links followed. */
export function mountOf(path: ByteText, mounts: readonly Mount[]): Mount | null {
  let best: Mount | null = null;
  for (const mount of mounts) {
    const { folder } = mount;
    if (folder !== '/' && path !== folder && !path.startsWith(`${folder}/`)) continue;
    if (best === null || folder.length >= best.folder.length) best = mount;
  }
  return best;
}
