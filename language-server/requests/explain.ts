import { explainText as explainTextOf } from '../explain/explain-text.ts';
import * as schemas from '../lsp/schemas.ts';
import { fileUriToPath } from '../native/file-uri.ts';
import { explainText } from '../protocol/explain.ts';
import type { ServerContext } from './server-context.ts';

/** Answers what an error message of a loader or linker means. Nothing is run. */
export function answerExplain({ answer, demangler, treeOptions }: ServerContext): void {
  answer(explainText, schemas.explainParams, async (params, signal) => {
    const { text, folder, searchFolders = [], libraryPath, sysroot } = params;
    const settings = await treeOptions(folder ?? searchFolders[0] ?? '');
    const environment = settings.environment;
    const cwd = folder === undefined ? undefined : fileUriToPath(folder);
    return await explainTextOf(text, {
      tree: {
        ...settings,
        ...(environment !== undefined && { environment: { ...environment, ...(cwd !== undefined && { cwd }) } }),
        ...(libraryPath !== undefined && { libraryPath }),
        ...(sysroot !== undefined && { sysroot }),
      },
      searchFolders: searchFolders.map(fileUriToPath),
      demangle: async names => (await demangler.demangle(names, signal)).names,
      signal,
    });
  });
}
