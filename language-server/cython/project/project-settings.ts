import { parse, TomlError } from 'smol-toml';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { UserError } from '../../protocol/errors.ts';
import { member } from '../../protocol/member.ts';
import { parseSeverities } from '../../protocol/severity-by-code.ts';
import {
  everything,
  isKnownSelector,
  type LintPreferences,
  lintCodes,
  type Selection,
} from '../diagnostics/selection.ts';
import { readSource } from './read-source.ts';

/** `[tool.binary-detective]` of a project, with a sentence for each part of it that was not taken. */
export interface ProjectSettings extends LintPreferences {
  /** Where it stands; null where nothing is set. */
  readonly path: ByteText | null;
  readonly problems: readonly string[];
}

const nothingSet: ProjectSettings = { path: null, selection: everything, severities: new Map(), problems: [] };

const keys = ['select', 'ignore', 'severity'];

/**
 * What the nearest `pyproject.toml` with a table `[tool.binary-detective]` sets, in the source's folder or above it. A file that is
 * no TOML ends the search, as it may have been meant.
 *
 * @param source Absolute path of a source.
 * @param known Answers by folder, for who asks about many sources.
 */
export function projectSettings(source: ByteText, known: Map<ByteText, ProjectSettings> = new Map()): ProjectSettings {
  const asked: ByteText[] = [];
  let found: ProjectSettings | undefined;
  let folder = source;
  while (found === undefined && folder !== '') {
    folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')));
    found = known.get(folder);
    if (found === undefined) {
      asked.push(folder);
      found = settingsIn(`${folder}/pyproject.toml`);
    }
  }
  const settings = found ?? nothingSet;
  for (const each of asked) known.set(each, settings);
  return settings;
}

/** Undefined where there is no such file, or no table of ours in it. */
function settingsIn(path: ByteText): ProjectSettings | undefined {
  const shown = displayText(path);
  try {
    const text = readSource(path);
    // Most projects say nothing of us: their files need not be parsed.
    if (!text.includes('binary-detective')) return undefined;
    const table = member(member(parse(text), 'tool'), 'binary-detective');
    return table === undefined ? undefined : parseTable(table, path);
  } catch (error) {
    if (error instanceof UserError) {
      const isAbsent = error.kind === 'notFound' || error.kind === 'notRegularFile';
      return isAbsent ? undefined : { ...nothingSet, path, problems: [error.message] };
    }
    if (!(error instanceof TomlError)) throw error;
    const [reason] = error.message.split('\n');
    return {
      ...nothingSet,
      path,
      problems: [`${shown}:${error.line}:${error.column}: ${reason}. Nothing of it is used.`],
    };
  }
}

function parseTable(table: unknown, path: ByteText): ProjectSettings {
  const shown = displayText(path);
  if (typeof table !== 'object' || table === null || Array.isArray(table)) {
    return { ...nothingSet, path, problems: [`${shown}: tool.binary-detective is not a table.`] };
  }
  const problems = Object.keys(table)
    .filter(key => !keys.includes(key))
    .map(key => `${shown}: tool.binary-detective has no key "${displayText(key)}"; its keys are ${keys.join(', ')}.`);
  const selectors = (key: 'select' | 'ignore'): readonly string[] | null =>
    parseSelectors(member(table, key), `${shown}: tool.binary-detective.${key}`, problems);
  const selection: Selection = { select: selectors('select'), ignore: selectors('ignore') ?? [] };
  const place = `${shown}: tool.binary-detective.severity`;
  const severities = parseSeverities(member(table, 'severity'), place, problems);
  problems.push(
    ...[...severities.keys()]
      .filter(code => !lintCodes.includes(code))
      .map(code => `${place} names "${displayText(code)}"; ${knownCodes}.`),
  );
  return { path, selection, severities, problems };
}

function parseSelectors(value: unknown, place: string, problems: string[]): readonly string[] | null {
  if (value === undefined) return null;
  if (!Array.isArray(value)) {
    problems.push(`${place} is not an array of codes.`);
    return null;
  }
  const isSelector = (item: unknown): item is string => typeof item === 'string' && isKnownSelector(item);
  for (const item of value) {
    if (!isSelector(item)) problems.push(`${place} has ${displayText(JSON.stringify(item))}; ${knownCodes}.`);
  }
  const selectors = value.filter(isSelector);
  // With nothing but what is not known, all would be silent.
  return selectors.length === 0 && value.length > 0 ? null : selectors;
}

/** The end of a sentence about a code that there is not. */
export const knownCodes = `the codes are ${lintCodes.join(', ')}, or what they begin with (${[...new Set(lintCodes.map(code => code.slice(0, code.indexOf('/'))))].join(', ')})`;
