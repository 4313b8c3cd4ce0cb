import { setImmediate } from 'node:timers/promises';
import { createFindingLinks, type FindingLinks } from '../lsp/finding-links.ts';
import * as schemas from '../lsp/schemas.ts';
import { fileUriToPath } from '../native/file-uri.ts';
import type { WhatIf } from '../protocol/dependencies.ts';
import { UserError } from '../protocol/errors.ts';
import type { Finding } from '../protocol/finding.ts';
import {
  type Scan,
  type ScanAnswer,
  type ScannedFile,
  type ScanPlace,
  type ScanProgress,
  scan,
  whoNeeds,
} from '../protocol/scan.ts';
import type { SeverityByCode } from '../protocol/severity-by-code.ts';
import { createMemoryStore } from '../scan/memory/memory-store.ts';
import { createScanMemories } from '../scan/memory/scan-memories.ts';
import type { ScanOptions } from '../scan/scan-files.ts';
import { scanWorkspace } from '../scan/scan-workspace.ts';
import { findWhoNeeds, type NeededLibrary } from '../scan/who-needs.ts';
import type { ServerContext } from './server-context.ts';

/** What a question about many files is answered with. Folders can differ in their settings: those of the first one hold. */
interface Asked extends ScanOptions {
  readonly paths: readonly string[];
  readonly severities: SeverityByCode;
}

/**
 * Answers what is asked about many files at once; nothing is run. The function that it returns waits until what scans have seen
 * is written down for other processes.
 */
export function answerScan({
  answer,
  settings,
  treeOptions,
  reporter,
  paths,
  log,
}: ServerContext): () => Promise<void> {
  const memories = createScanMemories(createMemoryStore({ ...paths.scanMemory, log }));
  const links = createFindingLinks(paths.findingsPage);
  let keeping = Promise.resolve();
  /** Behind the answer, which must not wait for it. */
  const keepLater = (): void => {
    keeping = keeping.then(() => setImmediate()).then(() => memories.keep());
  };
  const optionsFor = async (place: ScanPlace & WhatIf, signal: AbortSignal): Promise<Asked> => {
    const { folders, exclude, ...whatIf } = place;
    const paths = folders.map(fileUriToPath);
    const [first = 'file:///'] = folders;
    const { scanExclude, findingSeverities } = await settings.forFile(first);
    const options = { ...(await treeOptions(first)), ...whatIf, exclude: exclude ?? scanExclude };
    return { ...options, paths, memory: memories.of(paths, options), signal, severities: findingSeverities };
  };

  answer(scan, schemas.scanParams, async ({ partialResultToken, ...params }, signal) => {
    const { paths, severities, ...options } = await optionsFor(params, signal);
    const report = reporter(partialResultToken);
    const onProgress = ({ files, ...counts }: ScanProgress): void =>
      report({ ...counts, files: filesFor(severities, files) } satisfies ScanProgress);
    const found = await scanWorkspace(paths, { ...options, onProgress });
    keepLater();
    return scanAnswer(found, severities, links);
  });
  answer(whoNeeds, schemas.whoNeedsParams, async ({ uri, name, partialResultToken, ...params }, signal) => {
    const library = neededLibrary(uri, name);
    const { paths, severities: _severities, ...options } = await optionsFor(params, signal);
    const found = await findWhoNeeds(library, paths, { ...options, onProgress: reporter(partialResultToken) });
    keepLater();
    return found;
  });
  return () => keeping;
}

function scanAnswer(found: Scan, severities: SeverityByCode, links: FindingLinks): ScanAnswer {
  const files = filesFor(severities, found.files);
  const findings = withSeverities(severities, found.findings);
  const codes = new Set([...files.flatMap(({ problems }) => problems), ...findings].map(({ code }) => code));
  const explained = [...codes].flatMap(code => {
    const link = links(code);
    return link === undefined ? [] : [[code, link] as const];
  });
  return { ...found, files, findings, links: Object.fromEntries(explained) };
}

function filesFor(severities: SeverityByCode, files: readonly ScannedFile[]): readonly ScannedFile[] {
  if (severities.size === 0) return files;
  return files
    .map(file => ({ ...file, problems: withSeverities(severities, file.problems) }))
    .filter(({ problems }) => problems.length > 0);
}

function withSeverities<Told extends Finding>(severities: SeverityByCode, findings: readonly Told[]): readonly Told[] {
  return findings.flatMap(finding => {
    const severity = severities.get(finding.code) ?? finding.severity;
    return severity === 'off' ? [] : [{ ...finding, severity }];
  });
}

function neededLibrary(uri: string | undefined, name: string | undefined): NeededLibrary {
  if (uri !== undefined) return { path: fileUriToPath(uri) };
  if (name !== undefined) return { name };
  throw new UserError('invalidParams', 'Either the URI of a library or its name is to be given.');
}
