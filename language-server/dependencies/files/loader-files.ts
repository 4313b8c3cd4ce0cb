import { lstatSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { decodeBytes, osPath } from '../../native/byte-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { type Errno, errnoOf } from './errno.ts';

/** A regular file as stat(2) shows it. */
export interface RegularFile {
  readonly kind: 'file';
  /** Where the file is on this machine: below the sysroot, with the links of the sysroot followed. */
  readonly hostPath: ByteText;
  /** Device and inode: what the loader tells objects apart by. */
  readonly identity: string;
  /** Identity, size and times: two equal versions have the same bytes and the same permissions. */
  readonly version: string;
  readonly sizeBytes: number;
  readonly setUserId: boolean;
  readonly setGroupId: boolean;
}

export type FileStatus =
  | RegularFile
  | { readonly kind: 'directory' }
  | { readonly kind: 'special'; readonly what: 'fifo' | 'socket' | 'device' }
  | { readonly kind: 'error'; readonly errno: Errno };

/** The file system as one resolution sees it: this machine's, or what lies below a sysroot. */
export interface LoaderFiles {
  status(path: ByteText): FileStatus;
  /** Whether there is such a folder. Remembered, since a search asks for the same folders over and over. */
  folderStatus(path: ByteText): 'folder' | Errno;
  /** The path with every link followed, as it is inside the sysroot; null where there is nothing. */
  real(path: ByteText): ByteText | null;
  /** The folder of a path as glibc has it for `$ORIGIN`: made absolute with the working directory, not normalised. */
  origin(path: ByteText): ByteText;
  /** Made absolute with the working directory. */
  absolute(path: ByteText): ByteText;
  /** The path as a person on this machine can open it. */
  shown(path: ByteText): ByteText;
}

/** What a resolution asks the system about paths of this machine. Several of them can share one that remembers. */
export interface HostFiles {
  status(path: ByteText): FileStatus;
  link(path: ByteText): Link;
  /** realpath(3); null where it fails. */
  real(path: ByteText): ByteText | null;
  /** Who may change what is there; null where it cannot be asked. */
  rights(path: ByteText): FileRights | null;
}

/** As stat(2) has them. */
export interface FileRights {
  readonly mode: number;
  readonly owner: number;
  readonly group: number;
}

/** Asks anew each time. Never opens anything, so that a fifo or a device cannot block or act. */
export const hostFiles: HostFiles = { status: statusOf, link: readLink, real: realPath, rights: rightsOf };

/** Linux's limit for links met on the way (path_resolution(7)). */
const maximumLinks = 40;

/**
 * @param sysroot host path of the folder that is `/`; null: this machine's own.
 * @param beside host path of a folder outside of the sysroot that is seen all the same: that of the inspected file.
 */
export function createLoaderFiles(
  cwd: ByteText,
  sysroot: ByteText | null,
  beside: ByteText | null,
  system: HostFiles = hostFiles,
): LoaderFiles {
  const root = sysroot?.replace(/\/+$/u, '') || null;
  const absolute = (path: ByteText): ByteText => absolutePath(path, cwd);
  const own = (path: ByteText): HostPath => ({ path: absolute(path) });
  const below = root === null ? own : resolverBelow(root, absolute, system);
  const hostPath = (path: ByteText): HostPath => {
    return (beside !== null && absolute(path).startsWith(`${beside}/`) ? own : below)(path);
  };
  const status = (path: ByteText): FileStatus => {
    if (path === '') return { kind: 'error', errno: 'ENOENT' };
    const host = hostPath(path);
    return 'errno' in host ? { kind: 'error', errno: host.errno } : system.status(host.path);
  };
  const folders = new Map<ByteText, 'folder' | Errno>();
  const folderStatus = (path: ByteText): 'folder' | Errno => {
    const known = folders.get(path);
    if (known !== undefined) return known;
    const found = status(path);
    const answer = found.kind === 'directory' ? 'folder' : found.kind === 'error' ? found.errno : 'ENOTDIR';
    folders.set(path, answer);
    return answer;
  };
  const shown = (path: ByteText): ByteText => {
    if (root === null) return absolute(path);
    const host = hostPath(path);
    return 'errno' in host ? root + absolute(path) : host.path;
  };
  const real = (path: ByteText): ByteText | null => {
    const host = hostPath(path);
    if ('errno' in host) return null;
    return root !== null && isBelow(host.path, root) ? host.path.slice(root.length) || '/' : system.real(host.path);
  };
  const origin = (path: ByteText): ByteText => {
    const whole = path.startsWith('/') ? path : `${cwd.replace(/\/$/u, '')}/${path}`;
    return whole.slice(0, Math.max(1, whole.lastIndexOf('/')));
  };
  return { status, folderStatus, real, origin, absolute, shown };
}

/** `./` in front goes, all else stays. */
export function absolutePath(path: ByteText, cwd: ByteText): ByteText {
  if (path.startsWith('/')) return path;
  const plain = path.replace(/^(?:\.\/+)+/u, '');
  return cwd.endsWith('/') ? cwd + plain : `${cwd}/${plain}`;
}

export function isBelow(path: ByteText, folder: ByteText): boolean {
  return path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

/** realpath(3); null where it fails. */
export function realPath(path: ByteText): ByteText | null {
  try {
    return decodeBytes(realpathSync.native(osPath(path), { encoding: 'buffer' }));
  } catch {
    return null;
  }
}

function statusOf(path: ByteText): FileStatus {
  if (path.includes('\0')) return { kind: 'error', errno: 'ENOENT' };
  try {
    const found = statSync(osPath(path), { bigint: true, throwIfNoEntry: false });
    if (found === undefined) return { kind: 'error', errno: 'ENOENT' };
    if (found.isDirectory()) return { kind: 'directory' };
    if (!found.isFile()) {
      return { kind: 'special', what: found.isFIFO() ? 'fifo' : found.isSocket() ? 'socket' : 'device' };
    }
    const identity = `${found.dev}:${found.ino}`;
    return {
      kind: 'file',
      hostPath: path,
      identity,
      version: `${identity}:${found.size}:${found.mtimeNs}:${found.ctimeNs}`,
      sizeBytes: Number(found.size),
      setUserId: (found.mode & 0o4000n) !== 0n,
      setGroupId: (found.mode & 0o2000n) !== 0n,
    };
  } catch (error) {
    return { kind: 'error', errno: errnoOf(error) };
  }
}

function rightsOf(path: ByteText): FileRights | null {
  try {
    const { mode, uid, gid } = statSync(osPath(path));
    return { mode, owner: uid, group: gid };
  } catch {
    return null;
  }
}

type HostPath = { readonly path: ByteText } | { readonly errno: Errno };

/** What a path is as a symbolic link; null: something, but no link. */
export type Link = { readonly target: ByteText | null } | { readonly errno: Errno };

/** Follows links inside a sysroot by hand: an absolute link there means the sysroot's root, and `..` does not lead out. */
function resolverBelow(
  root: ByteText,
  absolute: (path: ByteText) => ByteText,
  system: HostFiles,
): (path: ByteText) => HostPath {
  const links = new Map<ByteText, Link>();
  const linkAt = (host: ByteText): Link => {
    const known = links.get(host);
    if (known !== undefined) return known;
    const link = system.link(host);
    links.set(host, link);
    return link;
  };
  return path => walkBelow(root, absolute(path), linkAt);
}

function walkBelow(root: ByteText, path: ByteText, linkAt: (host: ByteText) => Link): HostPath {
  // The names still to walk, last first.
  const pending = path.split('/').reverse();
  const walked: ByteText[] = [];
  let followed = 0;
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (name === '' || name === '.') continue;
    if (name === '..') {
      walked.pop();
      continue;
    }
    const link = linkAt([root, ...walked, name].join('/'));
    if ('errno' in link) return link;
    if (link.target === null) {
      walked.push(name);
      continue;
    }
    followed += 1;
    if (followed > maximumLinks) return { errno: 'ELOOP' };
    if (link.target.startsWith('/')) walked.length = 0;
    pending.push(...link.target.split('/').reverse());
  }
  return { path: [root, ...walked].join('/') };
}

function readLink(host: ByteText): Link {
  if (host.includes('\0')) return { errno: 'ENOENT' };
  try {
    const found = lstatSync(osPath(host), { throwIfNoEntry: false });
    if (found === undefined) return { errno: 'ENOENT' };
    if (!found.isSymbolicLink()) return { target: null };
    return { target: decodeBytes(readlinkSync(osPath(host), { encoding: 'buffer' })) };
  } catch (error) {
    return { errno: errnoOf(error) };
  }
}
