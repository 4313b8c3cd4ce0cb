import * as v from 'valibot';
import { member } from '../protocol/member.ts';
import { mostLines } from '../protocol/printed-text.ts';
import { parseSeverities, type SeverityByCode } from '../protocol/severity-by-code.ts';

/**
 * The settings of section `binaryDetective`, parsed once at the edge: what does not fit its type falls to its default, and
 * is said by name. Defaults and bounds are those of package.json (a test holds them equal).
 */
export interface Settings {
  /** Paths of native tools by tool id; absent: looked for on PATH. */
  readonly tools: Readonly<Record<string, string>>;
  /** `LD_LIBRARY_PATH` to resolve with; empty: the variable of the server's own environment. */
  readonly libraryPath: string;
  /** Deadline of one fault run; 0: ten times the clean run, at least two seconds. */
  readonly faultDeadlineSeconds: number;
  /** At most this many points of a sweep. */
  readonly faultMaxPoints: number;
  readonly cythonLintEnabled: boolean;
  /** `auto`: the Cython compiler is asked where there is one. */
  readonly cythonCompiler: 'auto' | 'off';
  /** Folders of cimports and includes, absolute or relative to the project's root. */
  readonly cythonIncludePath: readonly string[];
  /** Whether Python files that import cython are linted as well. */
  readonly cythonPythonFiles: boolean;
  /** Whether a code lens says what an extern block declares. */
  readonly cythonExternLens: boolean;
  /** Where a disassembly and the raw text of a program are cut. */
  readonly textMaximumLines: number;
  /** Globs of what a scan of folders leaves out. */
  readonly scanExclude: readonly string[];
  /** Severities that a person has set for findings of ELF files; absent: as the finding has it. */
  readonly findingSeverities: SeverityByCode;
  /** Severities that a person has set for the lint of Cython sources. */
  readonly cythonSeverities: SeverityByCode;
}

export interface ParsedSettings {
  readonly settings: Settings;
  /** One sentence for each value that was not taken. */
  readonly problems: readonly string[];
}

/** Folders of package managers and version control: what is in them is not built here, and there is much of it. */
const defaultScanExclude: readonly string[] = ['**/node_modules', '**/.git', '**/.hg', '**/.svn'];

const toolPath = v.pipe(v.string(), v.trim());

/** Where each setting stands below `binaryDetective`, what fits, and what holds where nothing fits. */
const entries = {
  libraryPath: { path: ['dependencies', 'libraryPath'], schema: v.string(), fallback: '' },
  faultDeadlineSeconds: {
    path: ['faults', 'deadlineSeconds'],
    schema: v.pipe(v.number(), v.minValue(0), v.maxValue(3600)),
    fallback: 0,
  },
  faultMaxPoints: {
    path: ['faults', 'maxPoints'],
    schema: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000_000)),
    fallback: 2000,
  },
  cythonLintEnabled: { path: ['cython', 'lint', 'enabled'], schema: v.boolean(), fallback: true },
  cythonCompiler: { path: ['cython', 'compiler'], schema: v.picklist(['auto', 'off']), fallback: 'auto' },
  cythonIncludePath: {
    path: ['cython', 'includePath'],
    schema: v.array(v.string()),
    fallback: [] as readonly string[],
  },
  cythonPythonFiles: { path: ['cython', 'pythonFiles'], schema: v.boolean(), fallback: false },
  cythonExternLens: { path: ['cython', 'externCodeLens'], schema: v.boolean(), fallback: false },
  textMaximumLines: {
    path: ['text', 'maximumLines'],
    schema: v.pipe(v.number(), v.integer(), v.minValue(1000), v.maxValue(mostLines)),
    fallback: 250_000,
  },
  scanExclude: {
    path: ['scan', 'exclude'],
    schema: v.array(v.string()),
    fallback: defaultScanExclude,
  },
} as const;

/** @param value What the client answered for section `binaryDetective`; anything at all. */
export function parseSettings(value: unknown): ParsedSettings {
  const problems: string[] = [];
  const take = <T>(entry: {
    readonly path: readonly string[];
    readonly schema: v.GenericSchema<unknown, T>;
    readonly fallback: T;
  }): T => {
    const given = entry.path.reduce<unknown>(member, value);
    if (given === undefined || given === null) return entry.fallback;
    const parsed = v.safeParse(entry.schema, given);
    if (parsed.success) return parsed.output;
    problems.push(
      `The setting binaryDetective.${entry.path.join('.')} is not usable (${parsed.issues[0].message}); ${JSON.stringify(entry.fallback)} is used instead.`,
    );
    return entry.fallback;
  };
  const settings: Settings = {
    tools: parseTools(member(value, 'tools'), problems),
    libraryPath: take(entries.libraryPath),
    faultDeadlineSeconds: take(entries.faultDeadlineSeconds),
    faultMaxPoints: take(entries.faultMaxPoints),
    cythonLintEnabled: take(entries.cythonLintEnabled),
    cythonCompiler: take(entries.cythonCompiler),
    cythonIncludePath: take(entries.cythonIncludePath),
    cythonPythonFiles: take(entries.cythonPythonFiles),
    cythonExternLens: take(entries.cythonExternLens),
    textMaximumLines: take(entries.textMaximumLines),
    scanExclude: take(entries.scanExclude),
    findingSeverities: severitiesOf(value, 'elf', problems),
    cythonSeverities: severitiesOf(value, 'cython', problems),
  };
  return { settings, problems };
}

export const defaultSettings: Settings = parseSettings(undefined).settings;

function parseTools(value: unknown, problems: string[]): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null) return {};
  const tools: Record<string, string> = {};
  for (const [tool, path] of Object.entries(value)) {
    const parsed = v.safeParse(toolPath, path);
    if (!parsed.success)
      problems.push(`The setting binaryDetective.tools.${tool} is not a path; the tool is looked for on PATH.`);
    else if (parsed.output !== '') tools[tool] = parsed.output;
  }
  return tools;
}

function severitiesOf(value: unknown, area: string, problems: string[]): SeverityByCode {
  const place = `The setting binaryDetective.${area}.severity`;
  return parseSeverities(member(member(value, area), 'severity'), place, problems);
}
