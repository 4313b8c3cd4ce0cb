import { HOST_EXTENSION, type RequestType } from 'vscode-messenger-common';
import { createCancellationToken, Messenger } from 'vscode-messenger-webview';
import {
  type CopyParams,
  type DisassembleSymbolParams,
  elfEditorMessages,
  type ReadyResult,
  type RowsParams,
  type RowsResult,
} from '../../language-server/protocol/elf-editor.ts';
import type { PageState } from './page-state.ts';

const api = acquireVsCodeApi<PageState>();
const messenger = new Messenger(api);

/** The extension as the page sees it. A request that is refused rejects with an Error that has the sentence. */
export const host = {
  ready: (signal: AbortSignal): Promise<ReadyResult> => send(elfEditorMessages.ready, {}, signal),
  rows: (params: RowsParams, signal: AbortSignal): Promise<RowsResult> => send(elfEditorMessages.rows, params, signal),
  disassemble: (symbol: string): Promise<null> =>
    send<DisassembleSymbolParams, null>(elfEditorMessages.disassemble, { symbol }),
  copy: (copied: string): Promise<null> => send<CopyParams, null>(elfEditorMessages.copy, { text: copied }),
  showDependencies: (): Promise<null> => send(elfEditorMessages.showDependencies, {}),
  openOtherwise: (): Promise<null> => send(elfEditorMessages.openOtherwise, {}),
  /** Calls back when the file has changed on disk. */
  onChanged: (listener: () => void): void => {
    messenger.onNotification(elfEditorMessages.changed, listener);
    messenger.start();
  },
};

/** What the page was like when it was last hidden or reloaded. */
export function storedState(): PageState | undefined {
  return api.getState();
}

export function storeState(state: PageState): void {
  api.setState(state);
}

async function send<Params, Result>(
  type: RequestType<Params, Result>,
  params: Params,
  signal?: AbortSignal,
): Promise<Result> {
  try {
    const token = signal && createCancellationToken(signal);
    return await messenger.sendRequest(type, HOST_EXTENSION, params, token);
  } catch (error) {
    throw new Error(errorSentence(error));
  }
}

/** The messenger rejects with plain objects. */
function errorSentence(error: unknown): string {
  const hasMessage = typeof error === 'object' && error !== null && 'message' in error;
  return hasMessage ? String(error.message) : String(error);
}
