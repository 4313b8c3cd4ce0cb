import { findFilePackages } from '../dependencies/packages/file-packages.ts';
import { checkSymbols } from '../dependencies/symbols/check-symbols.ts';
import { findInterposed } from '../dependencies/symbols/interposed.ts';
import { findProvider } from '../dependencies/symbols/provider.ts';
import { resolveTree } from '../dependencies/tree/tree.ts';
import { diffTrees } from '../dependencies/tree/tree-diff.ts';
import { createTreeMemory } from '../dependencies/tree/tree-memory.ts';
import * as schemas from '../lsp/schemas.ts';
import { fileUriToPath } from '../native/file-uri.ts';
import { dependencyTree } from '../protocol/dependencies.ts';
import { filePackages } from '../protocol/file-packages.ts';
import { interposedSymbols, loaderSymbols, symbolProvider } from '../protocol/loader-symbols.ts';
import { dependencyTreeDiff } from '../protocol/tree-diff.ts';
import type { ServerContext } from './server-context.ts';

/** Answers what the loader will do, by its rules; nothing is run. */
export function answerDependencies({ answer, treeOptions, door, log }: ServerContext): void {
  const trees = createTreeMemory();
  answer(dependencyTree, schemas.treeParams, async ({ uri, ...asked }, signal) =>
    trees(fileUriToPath(uri), { ...(await treeOptions(uri)), softEdges: true, ...asked }, signal),
  );
  answer(dependencyTreeDiff, schemas.treeDiffParams, async (asked, signal) => {
    const { uri, before = {}, after = before, afterUri = uri } = asked;
    const options = await treeOptions(uri);
    const tree = await resolveTree(fileUriToPath(uri), { ...options, ...before }, signal);
    return diffTrees(tree, await resolveTree(fileUriToPath(afterUri), { ...options, ...after }, signal));
  });
  answer(loaderSymbols, schemas.loaderSymbolsParams, async ({ uri, ...asked }, signal) =>
    checkSymbols(fileUriToPath(uri), { ...(await treeOptions(uri)), ...asked }, signal),
  );
  answer(symbolProvider, schemas.symbolProviderParams, async ({ uri, symbol, from, ...asked }, signal) =>
    findProvider(
      fileUriToPath(uri),
      { symbol, ...(from !== undefined && { from }) },
      { ...(await treeOptions(uri)), ...asked },
      signal,
    ),
  );
  answer(interposedSymbols, schemas.loaderSymbolsParams, async ({ uri, ...asked }, signal) =>
    findInterposed(fileUriToPath(uri), { ...(await treeOptions(uri)), ...asked }, signal),
  );
  answer(filePackages, schemas.filePackagesParams, async (params, signal) => {
    const found = await findFilePackages(params, door, signal);
    found.problems.forEach(log);
    return found;
  });
}
