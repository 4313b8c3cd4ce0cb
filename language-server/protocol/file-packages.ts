import type { ByteText } from './elf.ts';
import { requestMethod } from './method.ts';

/** More paths than any tree has are refused. */
export const maximumPackagePaths = 100_000;

export interface FilePackagesParams {
  /** Absolute paths on this machine, those of a sysroot with the sysroot in front. */
  readonly paths: readonly ByteText[];
  /** Absolute path of the folder whose package database is asked; absent: that of this machine. */
  readonly sysroot?: ByteText;
}

export interface FilePackages {
  /** Whose database knows these files; null: there is none that is known here. */
  readonly manager: PackageManager | null;
  /**
   * The package that ships each file, as its manager names it ("libc6:amd64" dpkg, "glibc.x86_64" dnf and rpm, "musl" apk and
   * pacman); files of no package are absent.
   */
  readonly packages: Readonly<Record<ByteText, string>>;
  /** A sentence for each database that is there and could not be read. */
  readonly problems: readonly string[];
}

export type PackageManager = 'dpkg' | 'apk' | 'pacman' | 'rpm';

/**
 * Client → server: which installed package each file belongs to, from the package manager's own files. Of its programs only
 * `rpm` is run, where there is a database of it, for a query. Links are followed: the target's package counts where the link itself is in none. Cancellable.
 * Errors: invalidParams.
 */
export const filePackages = requestMethod<FilePackagesParams, FilePackages>('binaryDetective/dependencies/packages');
