import { afterAll, beforeAll } from 'vitest';
import { ResponseError } from 'vscode-languageserver/node';
import type { ErrorData } from '../../language-server/protocol/errors.ts';
import { type ClientOptions, type LanguageClient, startLanguageServer } from './language-client.ts';

/** One server for all tests of a file, shut down when they are done. */
export function sharedClient(options: ClientOptions = {}): () => LanguageClient {
  let client: LanguageClient | undefined;
  beforeAll(async () => {
    client = await startLanguageServer(options);
  });
  afterAll(async () => {
    await client?.close();
  });
  return () => {
    if (client === undefined) throw new Error('The server is started before the first test.');
    return client;
  };
}

export interface Refusal {
  readonly code: number;
  readonly message: string;
  readonly data: ErrorData | undefined;
}

/** The error that a request is answered with. */
export async function refusal(answer: Promise<unknown>): Promise<Refusal> {
  const error = await answer.then(
    value => new Error(`It was answered: ${JSON.stringify(value).slice(0, 200)}`),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ResponseError)) throw error;
  return { code: error.code, message: error.message, data: error.data as ErrorData | undefined };
}
