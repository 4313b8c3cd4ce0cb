import { Messenger } from 'vscode-messenger-webview';
import {
  type CopyParams,
  arrayViewerMessages as messages,
  type PartParams,
  type ReadyResult,
  type StatisticsResult,
  type SumsResult,
  type WindowParams,
  type WindowResult,
} from '../../language-server/protocol/array-viewer.ts';
import type { NumbersDone } from '../../language-server/protocol/numeric.ts';
import { createSend } from '../page-host.ts';
import type { PageState } from './page-state.ts';

const api = acquireVsCodeApi<PageState>();
const messenger = new Messenger(api);
const send = createSend(messenger);

/** The extension as the page sees it. A request that is refused rejects with an Error that has the sentence. */
export const host = {
  ready: (member: string | null, signal: AbortSignal): Promise<ReadyResult> => send(messages.ready, { member }, signal),
  window: (params: WindowParams, signal: AbortSignal): Promise<WindowResult> => send(messages.window, params, signal),
  statistics: (params: PartParams, signal: AbortSignal): Promise<StatisticsResult> =>
    send(messages.statistics, params, signal),
  sums: (params: PartParams, signal: AbortSignal): Promise<SumsResult> => send(messages.sums, params, signal),
  copy: (copied: string): Promise<null> => send<CopyParams, null>(messages.copy, { text: copied }),
  openOtherwise: (): Promise<null> => send(messages.openOtherwise, {}),
  /** Calls back when the file has changed on disk, and when more of the statistics is done. */
  listen: (onChanged: () => void, onProgress: (progress: NumbersDone) => void): void => {
    messenger.onNotification(messages.changed, onChanged);
    messenger.onNotification(messages.progress, onProgress);
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
