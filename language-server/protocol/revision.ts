import type { ElfComparison } from './compare.ts';
import type { FileParams } from './elf.ts';
import { requestMethod } from './method.ts';

export interface CompareRevisionParams extends FileParams {
  /** What git calls a revision: `HEAD` (default), a branch, a tag, `HEAD~3`, the name of a commit. */
  readonly revision?: string;
  /** As in `elf/compare`. */
  readonly limit?: number;
}

/**
 * Client → server: what changed from the file as git has it in a revision to the file as it is on disk. Git only reads (`git
 * cat-file`): no filter, hook, pager or download of the repository is run, so that this needs no trust. The older file is written
 * to a temporary folder for as long as the comparison takes; `before.path` is `REVISION:NAME`. Cancellable.
 * Errors: as `elf/compare`; notFound where git has no such file or revision; notSupported for one of over 256 MiB; toolMissing,
 * toolFailed, toolTimedOut.
 */
export const elfCompareRevision = requestMethod<CompareRevisionParams, ElfComparison>(
  'binaryDetective/elf/compareRevision',
);
