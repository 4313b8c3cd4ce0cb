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
  readonly signal: AbortSignal;
}

/**
 * Lints one file, and writes what its fixes make of it.
 * Throws UserError: it cannot be read, or cannot be written.
 */
export function lintFile(path: ByteText, { preferences, isFixing, signal }: LintFileOptions): LintedFile {
  const before = readSource(path);
  // A file that is named by hand is linted whatever it is called.
  const kind = cythonFileKind(path) ?? (path.endsWith('.py') ? 'py' : 'pyx');
  const includer = isIncludedOnly(path) ? includerOf(absolutePath(path)) : undefined;
  const readSibling = createSourceReader(path);
  const roots = moduleRoots({ source: absolutePath(path) });
  const lint = (text: string): readonly LintDiagnostic[] =>
    lintCython(text, { kind, includer, readSibling, roots, signal });
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
