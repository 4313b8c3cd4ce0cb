import type { ByteText } from '../protocol/elf.ts';
import type { Finding } from '../protocol/finding.ts';
import type { LoaderEnvironment } from './environment.ts';
import type { VersionProblem } from './glibc-versions.ts';
import type { LinkMap } from './link-map.ts';
import type { LoaderFiles, RegularFile } from './loader-files.ts';
import type { LoaderFile } from './loader-object.ts';
import type { MachineFacts } from './machines.ts';
import type { SystemLoader } from './system-loader.ts';
import type { ReadLoaderFile } from './verify-candidate.ts';

type ElfLoaderFile = Extract<LoaderFile, { kind: 'elf' }>;

/** What a resolution starts from. */
export interface ResolutionRequest {
  readonly environment: LoaderEnvironment;
  readonly files: LoaderFiles;
  readonly read: ReadLoaderFile;
  readonly root: {
    readonly path: ByteText;
    readonly file: RegularFile;
    readonly header: ElfLoaderFile['header'];
    readonly object: NonNullable<ElfLoaderFile['object']>;
  };
  readonly facts: MachineFacts | null;
  readonly loader: SystemLoader;
  readonly loaderPath: ByteText;
  readonly signal: AbortSignal | undefined;
}

/** What a resolution comes to, before it is put into the words of the wire. */
export interface ResolvedProgram {
  /** All that is mapped, in the loader's order, the program first. */
  readonly loadOrder: readonly LinkMap[];
  readonly versionProblems: readonly VersionProblem[];
  /** About the resolution as a whole: a damaged cache, a limit that was reached. */
  readonly findings: readonly Finding[];
}
