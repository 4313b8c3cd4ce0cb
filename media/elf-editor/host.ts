import { Messenger } from 'vscode-messenger-webview';
import type { ElfBytes, ElfRowRange } from '../../language-server/protocol/elf-bytes.ts';
import {
  type BytesParams,
  type CopyParams,
  type DisassembleRowParams,
  elfEditorMessages,
  type OpenRowParams,
  type ReadyResult,
  type RowRangeParams,
  type RowsParams,
  type RowsResult,
  type ShowSourceParams,
  type SizeOfFileParams,
} from '../../language-server/protocol/elf-editor.ts';
import type { HardeningReport } from '../../language-server/protocol/hardening.ts';
import type { SizeReport } from '../../language-server/protocol/size.ts';
import type { VersionsReport } from '../../language-server/protocol/versions.ts';
import { createSend } from '../page-host.ts';
import type { PageState } from './page-state.ts';

const api = acquireVsCodeApi<PageState>();
const messenger = new Messenger(api);
const send = createSend(messenger);

/** The extension as the page sees it. A request that is refused rejects with an Error that has the sentence. */
export const host = {
  ready: (signal: AbortSignal): Promise<ReadyResult> => send(elfEditorMessages.ready, {}, signal),
  rows: (params: RowsParams, signal: AbortSignal): Promise<RowsResult> => send(elfEditorMessages.rows, params, signal),
  hardening: (signal: AbortSignal): Promise<HardeningReport> => send(elfEditorMessages.hardening, {}, signal),
  versions: (signal: AbortSignal): Promise<VersionsReport> => send(elfEditorMessages.versions, {}, signal),
  size: (params: SizeOfFileParams, signal: AbortSignal): Promise<SizeReport> =>
    send(elfEditorMessages.size, params, signal),
  bytes: (params: BytesParams, signal: AbortSignal): Promise<ElfBytes> => send(elfEditorMessages.bytes, params, signal),
  rowRange: (params: RowRangeParams, signal: AbortSignal): Promise<ElfRowRange> =>
    send(elfEditorMessages.rowRange, params, signal),
  showSource: (params: ShowSourceParams): Promise<null> => send(elfEditorMessages.showSource, params),
  openRow: (uri: string): Promise<null> => send<OpenRowParams, null>(elfEditorMessages.openRow, { uri }),
  disassemble: (part: DisassembleRowParams): Promise<null> => send(elfEditorMessages.disassemble, part),
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
