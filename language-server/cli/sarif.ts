import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Fix, Log, Region, Result } from 'sarif';
import { version } from '../../package.json';
import type { LintFix, LintRange } from '../cython/lint.ts';
import { encodeBytes } from '../native/byte-text.ts';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import type { Finding, Severity } from '../protocol/finding.ts';
import { artifactAt, relativePath, sourceRoots } from '../sarif/artifact.ts';
import { findingsPage } from './paths.ts';

export interface Located extends Finding {
  /** Absolute. */
  readonly path: ByteText;
  readonly copies?: readonly { readonly path: ByteText }[];
  /** Where in a source; absent in a binary. */
  readonly range?: LintRange;
  readonly fixes?: readonly LintFix[];
}

/** What could not be looked at. */
export interface LookError {
  readonly path: ByteText;
  readonly message: string;
}

const levels: Readonly<Record<Severity, Result.level>> = {
  error: 'error',
  warning: 'warning',
  information: 'note',
  hint: 'note',
};

/**
 * The findings as SARIF 2.1.0 (OASIS), for CI systems and editors that show it. Files below the working directory are named
 * relative to it, as `%SRCROOT%`, which is how GitHub and others find them in a repository.
 */
export async function reportAsSarif(errors: readonly LookError[], found: readonly Located[]): Promise<Log> {
  // Loaded only here: it brings along what changes node:fs for the whole process.
  const { SarifBuilder, SarifResultBuilder, SarifRuleBuilder, SarifRunBuilder } = await import('node-sarif-builder');
  const log = new SarifBuilder();
  const run = new SarifRunBuilder().initSimple({ toolDriverName: 'Binary Detective', toolDriverVersion: version });
  const texts = codeTexts();
  for (const code of [...new Set(found.map(finding => finding.code))].sort()) {
    const shortDescriptionText = titleOf(code);
    const fullDescriptionText = texts.get(code) ?? shortDescriptionText;
    run.addRule(new SarifRuleBuilder().initSimple({ ruleId: code, shortDescriptionText, fullDescriptionText }));
  }
  const fingerprintOf = fingerprints();
  for (const finding of found) run.addResult(new SarifResultBuilder(sarifResult(finding, fingerprintOf(finding))));
  run.run.artifacts = [...new Set(found.map(({ path }) => path))].map(path => ({ location: artifactAt(path) }));
  run.run.columnKind = 'utf16CodeUnits';
  run.run.originalUriBaseIds = sourceRoots();
  run.run.invocations = [
    {
      executionSuccessful: errors.length === 0,
      toolExecutionNotifications: errors.map(({ path, message }) => ({
        level: 'error',
        message: { text: displayText(message) },
        locations: [{ physicalLocation: { artifactLocation: artifactAt(path) } }],
      })),
    },
  ];
  log.addRun(run);
  return log.buildSarifOutput();
}

function sarifResult(finding: Located, fingerprint: string): Result {
  const { path, code, severity, message, evidence, copies = [], range, fixes = [] } = finding;
  const others = copies.filter(copy => copy.path !== path);
  return {
    ruleId: code,
    level: levels[severity],
    message: { text: displayText(message) },
    locations: [
      {
        physicalLocation: { artifactLocation: artifactAt(path), ...(range !== undefined && { region: region(range) }) },
      },
    ],
    ...(others.length > 0 && {
      relatedLocations: others.map(copy => ({ physicalLocation: { artifactLocation: artifactAt(copy.path) } })),
    }),
    partialFingerprints: { 'binaryDetective/v1': fingerprint },
    ...(fixes.length > 0 && { fixes: fixes.map(fix => sarifFix(path, fix)) }),
    ...(evidence?.command !== undefined && { properties: { command: evidence.command } }),
  };
}

function sarifFix(path: ByteText, { title, edits }: LintFix): Fix {
  const replacements = edits.map(({ range, newText }) => ({
    deletedRegion: region(range),
    insertedContent: { text: newText },
  }));
  return {
    description: { text: displayText(title) },
    artifactChanges: [{ artifactLocation: artifactAt(path), replacements }],
  };
}

/** Lines and columns from 1; the end column is that of the first character behind it (SARIF 2.1.0, 3.30.8). */
function region({ start, end }: LintRange): Region {
  return {
    startLine: start.line + 1,
    startColumn: start.character + 1,
    endLine: end.line + 1,
    endColumn: end.character + 1,
  };
}

/** The same finding in the next run is the same one, as long as its words are; of several alike, by their order. */
function fingerprints(): (finding: Located) => string {
  const seen = new Map<string, number>();
  return ({ code, path, message }) => {
    const parts = [code, relativePath(path) ?? path, message];
    const key = parts.join('\0');
    const before = seen.get(key) ?? 0;
    seen.set(key, before + 1);
    return hash(before === 0 ? parts : [...parts, String(before)]);
  };
}

function hash(parts: readonly string[]): string {
  return createHash('sha256')
    .update(encodeBytes(parts.join('\0')))
    .digest('hex')
    .slice(0, 32);
}

/** "Missing library" of `dependencies/missing-library`. */
function titleOf(code: string): string {
  const words = code.slice(code.indexOf('/') + 1).replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What docs/findings.md says of each code; nothing where the page was not shipped. */
function codeTexts(): ReadonlyMap<string, string> {
  try {
    const sections = readFileSync(findingsPage(), 'utf8').split(/^#{2,3} /mu);
    return new Map(
      sections.flatMap(section => {
        const [, code, text] = /^`([a-z]+\/[a-z0-9-]+)`\n+([\s\S]*)$/u.exec(section) ?? [];
        return code === undefined || text === undefined ? [] : [[code, text.replace(/\s+/gu, ' ').trim()] as const];
      }),
    );
  } catch {
    return new Map();
  }
}
