import type { NativeDoor } from '../../native/door.ts';
import type { ElfComparison } from '../../protocol/compare.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { UserError } from '../../protocol/errors.ts';
import { compareFiles } from '../compare/compare-files.ts';
import { withElfFile } from '../open-elf.ts';
import { withRevisionFile } from './revision-file.ts';

export interface CompareRevisionOptions {
  readonly revision?: string;
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

/** What changed from a revision of git to the file on disk. Throws as {@link compareFiles} and {@link withRevisionFile}. */
export async function compareWithRevision(
  door: NativeDoor,
  path: ByteText,
  { revision = 'HEAD', signal, ...options }: CompareRevisionOptions,
): Promise<ElfComparison> {
  // What cannot be compared anyway needs no look into git.
  await withElfFile(path, () => undefined);
  return await withRevisionFile(
    door,
    path,
    revision,
    async before => {
      const named = (text: string): string => text.replaceAll(before.path, before.name);
      try {
        const comparison = await compareFiles(before.path, path, {
          ...options,
          ...(signal !== undefined && { signal }),
        });
        return {
          ...comparison,
          before: { ...comparison.before, path: before.name },
          // The copy is gone when somebody reads this; the first command makes it again.
          commands: [
            `${before.command} > before`,
            ...comparison.commands.map(text => text.replaceAll(before.path, 'before')),
          ],
        };
      } catch (error) {
        if (error instanceof UserError) throw new UserError(error.kind, named(error.message), error.remedy);
        throw error;
      }
    },
    { signal },
  );
}
