import type { ExtensionEvidence, Origins } from '../protocol/elf.ts';
import { hintAtDebugFile } from './debug-file/find-debug-file.ts';
import type { ElfFile } from './elf-file.ts';
import type { LanguageExtension } from './languages/language-extension.ts';
import { type LanguageLimits, readLanguages } from './languages/read-languages.ts';

/** What a file was made from, with what, for whom, and where its debug information is. Throws what the signal is aborted with. */
export async function readOrigins(
  file: ElfFile,
  limits: LanguageLimits,
  signal: AbortSignal | undefined,
): Promise<Origins> {
  const { languages, compilers, extension } = await readLanguages(file, limits, signal);
  return {
    languages,
    compilers,
    extension: extension === null ? null : extensionEvidence(extension),
    debugFile: await hintAtDebugFile(file),
  };
}

function extensionEvidence(extension: LanguageExtension): ExtensionEvidence {
  if (extension.kind !== 'python') return extension;
  const { kind, host, module, tag, isImportable, evidence } = extension;
  return {
    kind,
    host,
    module,
    abiTag: tag?.text ?? null,
    pythonVersion: tag?.version ?? null,
    isStableAbi: tag?.isStableAbi ?? false,
    isFreeThreaded: tag?.isFreeThreaded ?? false,
    isImportable,
    evidence,
  };
}
