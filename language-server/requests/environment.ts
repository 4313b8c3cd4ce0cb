import { readEnvironment } from '../environment/read-environment.ts';
import * as schemas from '../lsp/schemas.ts';
import { fileUriToPath } from '../native/file-uri.ts';
import { environmentReport } from '../protocol/environment.ts';
import type { ServerContext } from './server-context.ts';

/** Answers what the environment does to a file. Nothing is run. */
export function answerEnvironment({ answer }: ServerContext): void {
  answer(environmentReport, schemas.environmentParams, ({ uri, variables, sysroot }, signal) =>
    readEnvironment(
      {
        file: uri === undefined ? null : fileUriToPath(uri),
        variables: variables ?? process.env,
        whose: variables === undefined ? 'server' : 'given',
        cwd: process.cwd(),
        ...(sysroot !== undefined && { sysroot }),
      },
      signal,
    ),
  );
}
