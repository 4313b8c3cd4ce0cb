import type { ByteText, FileParams, FileVersion, PlatformVerdict, VersionFloor, VersionNeedSymbols } from './elf.ts';
import { requestMethod } from './method.ts';

/** What a person can do so that the file runs on older systems. */
export interface VersionRemedy {
  readonly id: string;
  readonly title: string;
  /** Why it helps, and what it costs. */
  readonly text: string;
  /** What to type or write. */
  readonly example: string;
}

export interface VersionsReport {
  readonly path: ByteText;
  readonly version: FileVersion;
  /** Whose C library the file is made for; `none`: it needs none; `other`: one that the data is not about. */
  readonly libc: 'glibc' | 'musl' | 'none' | 'other';
  /** Each needed version with the imported symbols that carry it. */
  readonly needs: readonly VersionNeedSymbols[];
  /** The newest needed version of each family, and the symbols that force it. For musl, `MUSL` by the functions it calls. */
  readonly floors: Readonly<Record<string, VersionFloor>>;
  /** Empty for files that do not run: objects, debug files, core dumps. */
  readonly platforms: readonly PlatformVerdict[];
  /** Those that fit what keeps the file from older systems, what helps most first. */
  readonly remedies: readonly VersionRemedy[];
  /** Day on which the data about distributions was looked up, "2026-11-24". */
  readonly dataDate: string;
  /** The shell command that shows the needed versions. */
  readonly command: string;
}

/**
 * Client → server: which systems are old enough and still run the file, and which symbols keep it from older ones.
 * Errors: as `elf/overview`.
 */
export const elfVersions = requestMethod<FileParams, VersionsReport>('binaryDetective/elf/versions');
