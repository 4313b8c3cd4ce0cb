import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ArtifactLocation, Log, Result } from 'sarif';
import { version } from '../../package.json';
import { encodeBytes } from '../native/byte-text.ts';
import { pathToFileUri } from '../native/file-uri.ts';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import type { Finding, Severity } from '../protocol/finding.ts';
import type { ScanReport } from '../scan/report.ts';
import { findingsPage } from './paths.ts';

type Located = Finding & { readonly path: ByteText; readonly copies?: readonly { readonly path: ByteText }[] };

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
export async function reportAsSarif({ errors }: Pick<ScanReport, 'errors'>, found: readonly Located[]): Promise<Log> {
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
  for (const finding of found) run.addResult(new SarifResultBuilder(sarifResult(finding)));
  run.run.artifacts = [...new Set(found.map(({ path }) => path))].map(path => ({ location: artifactAt(path) }));
  run.run.columnKind = 'utf16CodeUnits';
  run.run.originalUriBaseIds = { [sourceRoot]: { uri: `${pathToFileUri(process.cwd()).replace(/\/?$/u, '/')}` } };
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

function sarifResult({ path, code, severity, message, evidence, copies = [] }: Located): Result {
  const others = copies.filter(copy => copy.path !== path);
  return {
    ruleId: code,
    level: levels[severity],
    message: { text: displayText(message) },
    locations: [{ physicalLocation: { artifactLocation: artifactAt(path) } }],
    ...(others.length > 0 && {
      relatedLocations: others.map(copy => ({ physicalLocation: { artifactLocation: artifactAt(copy.path) } })),
    }),
    // The same finding in the next run is the same one, as long as its words are.
    partialFingerprints: { 'binaryDetective/v1': fingerprint([code, relativePath(path) ?? path, message]) },
    ...(evidence?.command !== undefined && { properties: { command: evidence.command } }),
  };
}

const sourceRoot = '%SRCROOT%';

function artifactAt(path: ByteText): ArtifactLocation {
  const relative = relativePath(path);
  if (relative === null) return { uri: pathToFileUri(path) };
  return { uri: pathToFileUri(`/${relative}`).slice('file:///'.length), uriBaseId: sourceRoot };
}

/** Null outside of the working directory. */
function relativePath(path: ByteText): ByteText | null {
  const root = `${process.cwd().replace(/\/$/u, '')}/`;
  return path.startsWith(root) && path.length > root.length ? path.slice(root.length) : null;
}

function fingerprint(parts: readonly string[]): string {
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
