import * as schemas from '../lsp/schemas.ts';
import { fileUriToPath } from '../native/file-uri.ts';
import type { WhatIf } from '../protocol/dependencies.ts';
import { UserError } from '../protocol/errors.ts';
import { type ScanPlace, scan, whoNeeds } from '../protocol/scan.ts';
import type { ScanOptions } from '../scan/scan-files.ts';
import { createScanMemories } from '../scan/scan-memories.ts';
import { scanWorkspace } from '../scan/scan-workspace.ts';
import { findWhoNeeds, type NeededLibrary } from '../scan/who-needs.ts';
import type { ServerContext } from './server-context.ts';

/** Answers what is asked about many files at once; nothing is run. */
export function answerScan({ answer, settings, treeOptions, reporter }: ServerContext): void {
  const memories = createScanMemories();
  /** Folders differ in their settings; those of the first one hold for the scan. */
  const optionsFor = async (
    { folders, exclude, ...asked }: ScanPlace & WhatIf,
    signal: AbortSignal,
  ): Promise<ScanOptions & { readonly paths: readonly string[] }> => {
    const paths = folders.map(fileUriToPath);
    const [first = 'file:///'] = folders;
    const left = exclude ?? (await settings.forFile(first)).scanExclude;
    const options = { ...(await treeOptions(first)), ...asked, exclude: left };
    return { ...options, paths, memory: memories(paths, options), signal };
  };

  answer(scan, schemas.scanParams, async ({ partialResultToken, ...params }, signal) => {
    const { paths, ...options } = await optionsFor(params, signal);
    return scanWorkspace(paths, { ...options, onProgress: reporter(partialResultToken) });
  });
  answer(whoNeeds, schemas.whoNeedsParams, async ({ uri, name, partialResultToken, ...params }, signal) => {
    const library = neededLibrary(uri, name);
    const { paths, ...options } = await optionsFor(params, signal);
    return findWhoNeeds(library, paths, { ...options, onProgress: reporter(partialResultToken) });
  });
}

function neededLibrary(uri: string | undefined, name: string | undefined): NeededLibrary {
  if (uri !== undefined) return { path: fileUriToPath(uri) };
  if (name !== undefined) return { name };
  throw new UserError('invalidParams', 'Either the URI of a library or its name is to be given.');
}
