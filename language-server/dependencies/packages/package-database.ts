import type { NativeDoor } from '../../native/door.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { PackageManager } from '../../protocol/file-packages.ts';
import type { Pause } from '../pause.ts';

/** The installed packages of a machine or a sysroot, as one package manager has written them down. */
export interface PackageDatabase {
  readonly manager: PackageManager;
  /** Changes with every installation and removal. */
  readonly version: string;
  /** In one pass, however many are asked for. Paths are those inside of the sysroot. */
  ownersOf(paths: Iterable<ByteText>, asking: Asking): Promise<Owners>;
}

export interface Owners {
  /** The package of each path, in its manager's own spelling; null for those of none. */
  readonly packages: ReadonlyMap<ByteText, string | null>;
  /** Why they could not be asked for; absent: they could. */
  readonly problem?: string;
}

/** What it takes to ask. */
export interface Asking {
  readonly pause: Pause;
  readonly door: Pick<NativeDoor, 'runTool'>;
  readonly signal: AbortSignal | undefined;
}

/** @returns null where that manager has no database there. */
export type OpenPackageDatabase = (sysroot: ByteText) => PackageDatabase | null;

/** The paths that are asked for, all without a package as yet. */
export function unowned(paths: Iterable<ByteText>): Map<ByteText, string | null> {
  const packages = new Map<ByteText, string | null>();
  for (const path of paths) packages.set(path, null);
  return packages;
}
