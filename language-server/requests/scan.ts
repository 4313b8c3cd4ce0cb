import { setImmediate } from 'node:timers/promises';
import { createFindingLinks, type FindingLinks } from '../lsp/finding-links.ts';
import * as schemas from '../lsp/schemas.ts';
import { fileUriToPath } from '../native/file-uri.ts';
import type { WhatIf } from '../protocol/dependencies.ts';
import type { ByteText } from '../protocol/elf.ts';
import { UserError } from '../protocol/errors.ts';
import { type Scan, type ScanAnswer, type ScanPlace, scan, whoNeeds } from '../protocol/scan.ts';
import type { SeverityByCode } from '../protocol/severity-by-code.ts';
import { createMemoryStore } from '../scan/memory/memory-store.ts';
import { createScanMemories } from '../scan/memory/scan-memories.ts';
import { type Grade, type ScanPart, scanWorkspace } from '../scan/scan-workspace.ts';
import { findWhoNeeds, type NeededLibrary } from '../scan/who-needs.ts';
import type { ServerContext } from './server-context.ts';

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
  /** Folders of a workspace can differ in their settings: those with the same are one part, and what is below them another's is its. */
  const partsFor = async ({ folders, exclude, ...whatIf }: ScanPlace & WhatIf): Promise<readonly ScanPart[]> => {
    const byConditions = new Map<string, Omit<ScanPart, 'paths'> & { readonly paths: ByteText[] }>();
    for (const uri of folders) {
      const { scanExclude, findingSeverities } = await settings.forFile(uri);
      const conditions = { ...(await treeOptions(uri)), ...whatIf, exclude: exclude ?? scanExclude };
      const key = JSON.stringify([conditions, [...findingSeverities]]);
      const part = byConditions.get(key) ?? { ...conditions, paths: [], grade: gradeBy(findingSeverities) };
      byConditions.set(key, part);
      part.paths.push(fileUriToPath(uri));
    }
    const parts = [...byConditions.values()];
    return parts.map(part => {
      const elsewhere = parts.flatMap(({ paths }) => paths).filter(path => !part.paths.includes(path));
      const { paths, grade: _grade, ...options } = { ...part, elsewhere };
      return { ...part, elsewhere, memory: memories.of(paths, options) };
    });
  };

  answer(scan, schemas.scanParams, async ({ partialResultToken, ...params }, signal) => {
    const onProgress = reporter(partialResultToken);
    const found = await scanWorkspace(await partsFor(params), { signal, onProgress });
    keepLater();
    return scanAnswer(found, links);
  });
  answer(whoNeeds, schemas.whoNeedsParams, async ({ uri, name, partialResultToken, ...params }, signal) => {
    const library = neededLibrary(uri, name);
    const onProgress = reporter(partialResultToken);
    const found = await findWhoNeeds(library, await partsFor(params), { signal, onProgress });
    keepLater();
    return found;
  });
  return () => keeping;
}

function scanAnswer(found: Scan, links: FindingLinks): ScanAnswer {
  const codes = new Set(
    [...found.files.flatMap(({ problems }) => problems), ...found.findings].map(({ code }) => code),
  );
  const explained = [...codes].flatMap(code => {
    const link = links(code);
    return link === undefined ? [] : [[code, link] as const];
  });
  return { ...found, links: Object.fromEntries(explained) };
}

function gradeBy(severities: SeverityByCode): Grade {
  if (severities.size === 0) return findings => findings;
  return findings =>
    findings.flatMap(finding => {
      const severity = severities.get(finding.code) ?? finding.severity;
      return severity === 'off' ? [] : [{ ...finding, severity }];
    });
}

function neededLibrary(uri: string | undefined, name: string | undefined): NeededLibrary {
  if (uri !== undefined) return { path: fileUriToPath(uri) };
  if (name !== undefined) return { name };
  throw new UserError('invalidParams', 'Either the URI of a library or its name is to be given.');
}
