import { HOST_EXTENSION, type RequestType } from 'vscode-messenger-common';
import { createCancellationToken, type Messenger } from 'vscode-messenger-webview';

export type Send = <Params, Result>(
  type: RequestType<Params, Result>,
  params: Params,
  signal?: AbortSignal,
) => Promise<Result>;

/** Requests of a page to the extension. One that is refused rejects with an Error that has the sentence. */
export function createSend(messenger: Messenger): Send {
  return async (type, params, signal) => {
    try {
      const token = signal && createCancellationToken(signal);
      return await messenger.sendRequest(type, HOST_EXTENSION, params, token);
    } catch (error) {
      throw new Error(errorSentence(error));
    }
  };
}

/** The messenger rejects with plain objects. */
function errorSentence(error: unknown): string {
  const hasMessage = typeof error === 'object' && error !== null && 'message' in error;
  return hasMessage ? String(error.message) : String(error);
}
