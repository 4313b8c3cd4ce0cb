import type { SeverityByCode } from '../../protocol/severity-by-code.ts';
import type { LintDiagnostic } from '../lint.ts';
import { rules } from '../rules/rules.ts';

/** The codes of every rule, in order. */
export const lintCodes: readonly string[] = [...new Set(rules.map(({ code }) => code))].sort();

/** Which diagnostics a person wants: codes (`cython/object-address`), or what they begin with (`cython`). */
export interface Selection {
  /** Null: all. */
  readonly select: readonly string[] | null;
  readonly ignore: readonly string[];
}

export const everything: Selection = { select: null, ignore: [] };

/** Whether a code, or what one or several begin with. */
export function isKnownSelector(selector: string): boolean {
  return lintCodes.some(code => covers(selector, code));
}

/** What names a code more exactly wins, so that `select cython/narrow-address` holds beside `ignore cython`; of equals, ignore. */
export function isSelected(code: string, { select, ignore }: Selection): boolean {
  const wanted = select === null ? 0 : exactness(select, code);
  return wanted >= 0 && wanted > exactness(ignore, code);
}

/** `cython` covers `cython/object-address`; `cython/object` does not. */
export function covers(selector: string, code: string): boolean {
  return code === selector || code.startsWith(`${selector}/`);
}

/** Length of the longest selector that covers the code; -1 where none does. */
function exactness(selectors: readonly string[], code: string): number {
  return Math.max(-1, ...selectors.filter(selector => covers(selector, code)).map(selector => selector.length));
}

/** What a person has set about diagnostics. */
export interface LintPreferences {
  readonly selection: Selection;
  readonly severities: SeverityByCode;
}

/**
 * The diagnostics that a person wants, at the levels that they want. A hint stays one whatever is set for its code: it says that the
 * cast is most likely meant, so nobody's build is to fail for it.
 */
export function withPreferences<T extends Pick<LintDiagnostic, 'code' | 'severity'>>(
  diagnostics: readonly T[],
  { selection, severities }: LintPreferences,
): readonly T[] {
  return diagnostics.flatMap(diagnostic => {
    const severity = severities.get(diagnostic.code) ?? diagnostic.severity;
    if (severity === 'off' || !isSelected(diagnostic.code, selection)) return [];
    return diagnostic.severity === 'hint' ? diagnostic : { ...diagnostic, severity };
  });
}

/** Whether a fix may be applied without a look at it: of a hint, which most likely is meant as it stands, only where its code is named. */
export function isFixedUnasked(diagnostic: LintDiagnostic, preferences: LintPreferences): boolean {
  if (withPreferences([diagnostic], preferences).length === 0) return false;
  return diagnostic.severity !== 'hint' || (preferences.selection.select?.includes(diagnostic.code) ?? false);
}
