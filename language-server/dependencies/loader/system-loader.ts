import { readFileSync } from 'node:fs';
import { osPath } from '../../native/byte-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { LoaderFiles, RegularFile } from '../files/loader-files.ts';
import { createVersionedCache } from '../files/versioned-cache.ts';
import type { LoaderTarget } from '../objects/loader-object.ts';
import type { MachineFacts } from '../objects/machines.ts';

/** What a program interpreter has compiled in, learnt from its file without running it. */
export interface SystemLoader {
  readonly kind: 'glibc' | 'musl' | 'unknown';
  /** "2.36" */
  readonly version: string | null;
  /** The n of glibc 2.n; null where it is not known. */
  readonly minorVersion: number | null;
  /** glibc's `system_dirs`, each with a slash at its end, in the order they are searched. */
  readonly systemFolders: readonly ByteText[];
  /** What `$LIB` stands for. */
  readonly lib: string;
  readonly cachePath: ByteText;
  readonly preloadPath: ByteText;
}

/** Loaders are some 200 KB (glibc) to 900 KB (musl); a file larger than this is none. */
const maximumLoaderBytes = 16 << 20;
const learnt = createVersionedCache<SystemLoader | null>(32);

/** Null where the file is not there or not a loader that we know. */
export function readSystemLoader(path: ByteText, files: LoaderFiles): SystemLoader | null {
  const file = files.status(path);
  if (file.kind !== 'file' || file.sizeBytes > maximumLoaderBytes) return null;
  return learnt(file.version, () => learnLoader(file));
}

function learnLoader(file: RegularFile): SystemLoader | null {
  try {
    return recogniseLoader(readFileSync(osPath(file.hostPath), 'latin1'));
  } catch {
    return null;
  }
}

/**
 * glibc: the version is in the text of `ld.so --version`; the system folders are one run of NUL-terminated strings
 * (`SYSTEM_DIRS` of elf/dl-load.c), which distributions change, as do NixOS and Guix the path of the cache.
 */
export function recogniseLoader(bytes: string): SystemLoader | null {
  const musl = /musl libc \([\w-]+\)/u.test(bytes);
  if (musl) {
    const version = /\0(\d+\.\d+\.\d+)\0/u.exec(bytes)?.[1] ?? null;
    return { ...unknownLoader, kind: 'musl', version, minorVersion: null };
  }
  const version = /\b(?:stable|development) release version (\d+\.(\d+)(?:\.\d+)*)/u.exec(bytes);
  if (version === null) return null;
  const folders = [...bytes.matchAll(/\0((?:\/[\w+.@/-]*\/\0)+)/gu)]
    .map(match => (match[1] ?? '').split('\0').filter(Boolean))
    .find(run => run.some(folder => /\/lib[^/]*\//u.test(folder)));
  const systemFolders = folders ?? [];
  return {
    kind: 'glibc',
    version: version[1] ?? null,
    minorVersion: Number(version[2]),
    systemFolders,
    lib: libOf(systemFolders[0] ?? '/lib/', bytes),
    cachePath: /\0(\/[\w+.@/-]*\/ld\.so\.cache)\0/u.exec(bytes)?.[1] ?? unknownLoader.cachePath,
    preloadPath: /\0(\/[\w+.@/-]*\/ld\.so\.preload)\0/u.exec(bytes)?.[1] ?? unknownLoader.preloadPath,
  };
}

const unknownLoader: SystemLoader = {
  kind: 'unknown',
  version: null,
  minorVersion: null,
  systemFolders: [],
  lib: 'lib',
  cachePath: '/etc/ld.so.cache',
  preloadPath: '/etc/ld.so.preload',
};

/** `DL_DST_LIB`: the last name of glibc's own library folder, but `lib/x86_64-linux-gnu` on Debian, where the string is. */
function libOf(folder: ByteText, bytes: string): string {
  const multiarch = /\/(lib\/[\w-]+-linux-[\w-]+)\/$/u.exec(folder)?.[1];
  if (multiarch !== undefined && bytes.includes(`\0${multiarch}\0`)) return multiarch;
  return /([^/]+)\/$/u.exec(folder)?.[1] ?? 'lib';
}

/** What is most likely where the loader's file is not at hand (an incomplete sysroot, another machine's file). */
export function assumedLoader(kind: 'glibc' | 'musl', facts: MachineFacts | null, target: LoaderTarget): SystemLoader {
  const folder = facts?.libraryFolder ?? (target.class === 64 ? 'lib64' : 'lib');
  const multiarch = facts === null ? [] : [`/lib/${facts.multiarch}/`, `/usr/lib/${facts.multiarch}/`];
  const plain = folder === 'lib' ? [] : ['/lib/', '/usr/lib/'];
  return {
    ...unknownLoader,
    kind,
    systemFolders: [...multiarch, `/${folder}/`, `/usr/${folder}/`, ...plain],
    lib: folder,
  };
}
