import { Messenger } from 'vscode-messenger-webview';
import type { WhatIf } from '../../language-server/protocol/dependencies.ts';
import {
  type CandidatesParams,
  type CandidatesResult,
  type CompareResult,
  type CopyFormat,
  type MenuParams,
  dependencyGraphMessages as messages,
  type OpenParams,
  type PackagesParams,
  type PackagesResult,
  type ReadyParams,
  type ReadyResult,
  type SymbolsResult,
  type WhyParams,
} from '../../language-server/protocol/dependency-graph.ts';
import type { PathTarget } from '../../language-server/protocol/tree-paths.ts';
import { createSend } from '../page-host.ts';
import type { PageState } from './page-state.ts';

const api = acquireVsCodeApi<PageState>();
const messenger = new Messenger(api);
const send = createSend(messenger);

/** The extension as the page sees it. A request that is refused rejects with an Error that has the sentence. */
export const host = {
  ready: (whatIf: WhatIf, signal: AbortSignal): Promise<ReadyResult> =>
    send<ReadyParams, ReadyResult>(messages.ready, { whatIf }, signal),
  candidates: (params: CandidatesParams, signal: AbortSignal): Promise<CandidatesResult> =>
    send<CandidatesParams, CandidatesResult>(messages.candidates, params, signal),
  packages: (params: PackagesParams, signal: AbortSignal): Promise<PackagesResult> =>
    send<PackagesParams, PackagesResult>(messages.packages, params, signal),
  compare: (whatIf: WhatIf, signal: AbortSignal): Promise<CompareResult> =>
    send<ReadyParams, CompareResult>(messages.compare, { whatIf }, signal),
  symbols: (whatIf: WhatIf, signal: AbortSignal): Promise<SymbolsResult> =>
    send<ReadyParams, SymbolsResult>(messages.symbols, { whatIf }, signal),
  open: (path: string, where: OpenParams['where']): Promise<null> =>
    send<OpenParams, null>(messages.open, { path, where }),
  copy: (copied: string): Promise<null> => send(messages.copy, { text: copied }),
  copyTree: (whatIf: WhatIf, format: CopyFormat): Promise<null> => send(messages.copyTree, { whatIf, format }),
  chooseFolder: (): Promise<string | null> => send(messages.chooseFolder, {}),
  openOtherwise: (): Promise<null> => send(messages.openOtherwise, {}),
  /** Calls back when the file has changed on disk, and when the person asks elsewhere why a library is here, or in a menu. */
  listen: (onChanged: () => void, onWhy: (target: PathTarget) => void, onMenu: (params: MenuParams) => void): void => {
    messenger.onNotification(messages.changed, onChanged);
    messenger.onNotification<WhyParams>(messages.why, ({ target }) => onWhy(target));
    messenger.onNotification<MenuParams>(messages.menu, onMenu);
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
