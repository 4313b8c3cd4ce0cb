import { findFilePackages } from '../dependencies/packages/file-packages.ts';
import { resolveTree } from '../dependencies/tree.ts';
import * as schemas from '../lsp/schemas.ts';
import { fileUriToPath } from '../native/file-uri.ts';
import { dependencyTree } from '../protocol/dependencies.ts';
import { filePackages } from '../protocol/file-packages.ts';
import type { ServerContext } from './server-context.ts';

/** Answers what the loader will do, by its rules; nothing is run. */
export function answerDependencies({ answer, treeOptions }: ServerContext): void {
  answer(dependencyTree, schemas.treeParams, async ({ uri, ...asked }, signal) =>
    resolveTree(fileUriToPath(uri), { ...(await treeOptions(uri)), softEdges: true, ...asked }, signal),
  );
  answer(filePackages, schemas.filePackagesParams, findFilePackages);
}
