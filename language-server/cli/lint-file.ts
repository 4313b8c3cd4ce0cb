import { type CompilerTypes, lineChange } from '../cython/bridge/compiler-types.ts';
import { type AppliedFix, applyFixes } from '../cython/diagnostics/apply-fixes.ts';
import { isFixedUnasked, type LintPreferences, withPreferences } from '../cython/diagnostics/selection.ts';
import { type LintDiagnostic, lintCython } from '../cython/lint.ts';
import { cythonFileKind } from '../cython/project/files.ts';
import { includerOf, isIncludedOnly } from '../cython/project/includer.ts';
import { moduleRoots } from '../cython/project/module-roots.ts';
import { createSourceReader, readSource } from '../cython/project/read-source.ts';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import { UserError } from '../protocol/errors.ts';
import { absolutePath } from './paths.ts';
import { replaceFile } from './replace-file.ts';

export interface LintedFile {
  readonly diagnostics: readonly LintDiagnostic[];
  readonly fixed: readonly AppliedFix[];
}

export interface LintFileOptions {
  readonly preferences: LintPreferences;
  readonly isFixing: boolean;
  /** What the Cython compiler knows of a text of this source, where it is asked. */
  readonly typesOf?: (path: ByteText, text: string, signal: AbortSignal) => Promise<CompilerTypes | undefined>;
  readonly signal: AbortSignal;
}

/**
 * Lints one file, and writes what its fixes make of it.
 * Throws UserError: it cannot be read, or cannot be written.
 */
export async function lintFile(path: ByteText, options: LintFileOptions): Promise<LintedFile> {
  const { preferences, isFixing, signal } = options;
  const before = readSource(path);
  // A file that is named by hand is linted whatever it is called.
  const kind = cythonFileKind(path) ?? (path.endsWith('.py') ? 'py' : 'pyx');
  const includer = isIncludedOnly(path) ? includerOf(absolutePath(path)) : undefined;
  const readSibling = createSourceReader(path);
  const roots = moduleRoots({ source: absolutePath(path) });
  const types = await options.typesOf?.(path, before, signal);
  const lint = (text: string): readonly LintDiagnostic[] => {
    // The lines that a fix has left alone are those that the compiler knows.
    const compilerTypes = text === before ? types : types?.moved(lineChange(before, text));
    return lintCython(text, { kind, includer, readSibling, roots, compilerTypes, signal });
  };
  if (!isFixing) return { diagnostics: withPreferences(lint(before), preferences), fixed: [] };
  const result = applyFixes(before, lint, diagnostic => isFixedUnasked(diagnostic, preferences));
  if (result === null) {
    throw new UserError(
      'notSupported',
      `The fixes of ${displayText(path)} bring each other about without end, so it is left as it is. This is a bug.`,
    );
  }
  if (result.text !== before) replaceFile(path, before, result.text);
  return { diagnostics: withPreferences(result.left, preferences), fixed: result.fixed };
}
