import { dependencyFindings } from './dependencies/tree/findings.ts';
import type { TreeOptions } from './dependencies/tree/tree.ts';
import type { ByteText, ElfOverview, Inspection } from './protocol/elf.ts';
import { UserError } from './protocol/errors.ts';
import type { Finding } from './protocol/finding.ts';

/**
 * What is wrong with an ELF file: what its own bytes show, then what the loader would miss. The one place where the two
 * capabilities meet, for the server and for the command line.
 */
export async function withLoaderFindings<Answer extends ElfOverview | Inspection>(
  answer: Answer,
  path: ByteText,
  options: TreeOptions,
  signal: AbortSignal,
): Promise<Answer> {
  return { ...answer, findings: [...answer.findings, ...(await loaderFindings(path, options, signal))] };
}

async function loaderFindings(path: ByteText, options: TreeOptions, signal: AbortSignal): Promise<readonly Finding[]> {
  try {
    return await dependencyFindings(path, options, signal);
  } catch (error) {
    // The reader of the file had its say about it; a file that went away since then needs no second word.
    if (error instanceof UserError) return [];
    throw error;
  }
}
