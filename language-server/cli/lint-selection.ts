import { InvalidArgumentError } from 'commander';
import { covers, isKnownSelector, type LintPreferences } from '../cython/diagnostics/selection.ts';
import { knownCodes, type ProjectSettings, projectSettings } from '../cython/project/project-settings.ts';
import type { ByteText } from '../protocol/elf.ts';
import { absolutePath } from './paths.ts';

/** `--select` and `--ignore` as given; absent: what the project has. */
export interface SelectionFlags {
  readonly select?: readonly string[];
  readonly ignore?: readonly string[];
}

/** A parser for options that take codes, with commas between them, and may be given again. */
export function collectSelectors(value: string, before: readonly string[] = []): readonly string[] {
  const selectors = value
    .split(',')
    .map(part => part.trim())
    .filter(part => part !== '');
  const unknown = selectors.find(selector => !isKnownSelector(selector));
  if (unknown !== undefined || selectors.length === 0) {
    throw new InvalidArgumentError(`There is no code "${unknown ?? value}"; ${knownCodes}.`);
  }
  return [...before, ...selectors];
}

/** What holds for each source: `pyproject.toml` above it, and before that the command line. */
export function preferencesOf(
  flags: SelectionFlags,
  onProblem: (path: ByteText, sentence: string) => void,
): (source: ByteText) => LintPreferences {
  const known = new Map<ByteText, ProjectSettings>();
  const told = new Set<string>();
  return source => {
    const project = projectSettings(absolutePath(source), known);
    for (const problem of project.problems) {
      if (!told.has(problem)) onProblem(project.path ?? source, problem);
      told.add(problem);
    }
    return withFlags(project, flags);
  };
}

function withFlags({ selection, severities }: LintPreferences, { select, ignore }: SelectionFlags): LintPreferences {
  // What the command line selects is not ignored by the project, nor the other way round.
  const projectIgnore = selection.ignore.filter(each => select?.includes(each) !== true);
  const projectSelect = selection.select?.filter(each => ignore?.some(other => covers(other, each)) !== true) ?? null;
  return { selection: { select: select ?? projectSelect, ignore: ignore ?? projectIgnore }, severities };
}
