import type { ByteText } from '../../protocol/elf.ts';
import type { Errno } from '../files/errno.ts';

/** What a loader compares a candidate with: what it was built for itself. */
export interface LoaderTarget {
  readonly class: 32 | 64;
  readonly byteOrder: 'little' | 'big';
  /** `e_machine` */
  readonly machine: number;
  /** `e_flags` */
  readonly flags: number;
}

/** The fields of the ELF header that the loader checks before anything else, as they are in the file. */
export interface LoaderHeader extends LoaderTarget {
  /** `e_ident`, 16 bytes. */
  readonly ident: Buffer;
  readonly machineName: string;
  /** `e_type` */
  readonly type: number;
  /** `e_version` */
  readonly version: number;
  /** `e_phentsize` */
  readonly programHeaderBytes: number;
}

/** One entry of the dynamic section that names another object, in the order of the file. */
export interface DependencyEntry {
  readonly kind: 'needed' | 'auxiliary' | 'filter';
  readonly name: ByteText;
}

export interface VersionNeed {
  /** `vn_file`: the NEEDED name that the versions are asked of. */
  readonly file: ByteText;
  readonly versions: readonly { readonly name: ByteText; readonly hash: number; readonly weak: boolean }[];
}

export interface VersionDefinition {
  readonly name: ByteText;
  readonly hash: number;
}

/** What the loader reads of an object to find what it needs. */
export interface LoaderObject {
  readonly soname: ByteText | null;
  readonly dependencies: readonly DependencyEntry[];
  /** `DT_RPATH`; null where there is a RUNPATH too, which hides it (glibc `elf_get_dynamic_info`). */
  readonly rpath: ByteText | null;
  readonly runpath: ByteText | null;
  /** DF_1_NODEFLIB: the system folders are not searched for what this object needs. */
  readonly noDefaultFolders: boolean;
  /** Contents of PT_INTERP. */
  readonly interpreter: ByteText | null;
  /** 'split off': its program header is there without it, as in a separate debug file. */
  readonly dynamicSection: 'there' | 'none' | 'split off';
  /** DF_1_PIE */
  readonly positionIndependentExecutable: boolean;
  readonly versionNeeds: readonly VersionNeed[];
  /** Null: the object defines no versions at all. */
  readonly versionDefinitions: readonly VersionDefinition[] | null;
  /** The loader's words for why it would not map the file as a library; null where it would. */
  readonly mappingError: string | null;
  /** A segment ends behind the end of the file: the loader maps it all the same, and reading there is SIGBUS. */
  readonly truncated: boolean;
}

/** A regular file as a loader meets it. */
export type LoaderFile =
  | { readonly kind: 'unreadable'; readonly errno: Errno }
  /** Not ELF. `start` is its first bytes, as latin1. */
  | { readonly kind: 'other'; readonly sizeBytes: number; readonly start: string }
  /** ELF. `object` is null where even its program headers cannot be read. */
  | {
      readonly kind: 'elf';
      readonly sizeBytes: number;
      readonly header: LoaderHeader;
      readonly object: LoaderObject | null;
    };

/** Roughly what the object takes in memory, in bytes. */
export function weightOfLoaderFile(file: LoaderFile): number {
  const object = file.kind === 'elf' ? file.object : null;
  if (object === null) return 1000;
  const names = [
    object.soname ?? '',
    object.rpath ?? '',
    object.runpath ?? '',
    object.interpreter ?? '',
    ...object.dependencies.map(({ name }) => name),
    ...object.versionNeeds.flatMap(({ file: provider, versions }) => [provider, ...versions.map(({ name }) => name)]),
    ...(object.versionDefinitions ?? []).map(({ name }) => name),
  ];
  return names.reduce((sum, name) => sum + 50 + name.length, 1000);
}
