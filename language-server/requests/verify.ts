import { resolveTree } from '../dependencies/tree/tree.ts';
import { verifyWithLoader } from '../dependencies/verify/verify.ts';
import * as schemas from '../lsp/schemas.ts';
import { fileUriToPath } from '../native/file-uri.ts';
import { UserError } from '../protocol/errors.ts';
import { verifyTree } from '../protocol/verify.ts';
import type { ServerContext } from './server-context.ts';

/** Asks the loader itself whether a tree is right, once the workspace is trusted. */
export function answerVerify({ answer, door, isTrusted, treeOptions }: ServerContext): void {
  answer(verifyTree, schemas.treeParams, async ({ uri, ...asked }, signal) => {
    if (!isTrusted()) {
      const message = 'To verify is to run the loader on the file, and the workspace is not trusted.';
      throw new UserError('untrusted', message);
    }
    const options = { ...(await treeOptions(uri)), ...asked, softEdges: false };
    return verifyWithLoader(door, await resolveTree(fileUriToPath(uri), options, signal), options, signal);
  });
}
