import { Messenger } from 'vscode-messenger-webview';
import {
  type CopyTextParams,
  faultPictureMessages as messages,
  type OpenFrameParams,
  type PictureReadyResult,
  type PointActionParams,
  type ShowPointParams,
  type SweepActionParams,
} from '../../language-server/protocol/fault-picture.ts';
import { createSend } from '../page-host.ts';
import type { PageState } from './page-state.ts';

const api = acquireVsCodeApi<PageState>();
const messenger = new Messenger(api);
const send = createSend(messenger);

/** The extension as the page sees it. A request that is refused rejects with an Error that has the sentence. */
export const host = {
  ready: (): Promise<PictureReadyResult> => send(messages.ready, {}),
  openFrame: (params: OpenFrameParams): Promise<null> => send<OpenFrameParams, null>(messages.openFrame, params),
  act: (params: PointActionParams): Promise<null> => send<PointActionParams, null>(messages.act, params),
  actOnSweep: (params: SweepActionParams): Promise<null> => send<SweepActionParams, null>(messages.actOnSweep, params),
  copy: (text: string): Promise<null> => send<CopyTextParams, null>(messages.copy, { text }),
  /** Calls back when there is another sweep, and when the person asks elsewhere for one point. */
  listen: (onChanged: () => void, onShow: (n: number) => void): void => {
    messenger.onNotification(messages.changed, onChanged);
    messenger.onNotification<ShowPointParams>(messages.show, ({ n }) => onShow(n));
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
