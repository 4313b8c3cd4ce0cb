import * as vscode from 'vscode';
import { Messenger } from 'vscode-messenger';
import type { RequestType } from 'vscode-messenger-common';
import { elfOverview, elfRows, type FileParams } from '../../language-server/protocol/elf.ts';
import { elfBytes, elfRowRange } from '../../language-server/protocol/elf-bytes.ts';
import {
  type CopyParams,
  type DisassembleRowParams,
  elfEditorMessages,
  type OpenRowParams,
  type ReadyResult,
  type ShowSourceParams,
} from '../../language-server/protocol/elf-editor.ts';
import { pageTexts } from '../../language-server/protocol/elf-editor-texts.ts';
import { UserError } from '../../language-server/protocol/errors.ts';
import { elfHardening } from '../../language-server/protocol/hardening.ts';
import type { RequestMethod } from '../../language-server/protocol/method.ts';
import { elfSize } from '../../language-server/protocol/size.ts';
import { elfVersions } from '../../language-server/protocol/versions.ts';
import { commandIds } from '../command-ids.ts';
import type { OpenDisassembly } from '../disassembly/register.ts';
import { failureText, showFailure } from '../failure.ts';
import { loadFilePage, translatedTexts } from '../file-page.ts';
import { requireLocalFile } from '../inspected-file.ts';
import { tokenOf } from '../messenger-token.ts';
import type { Services } from '../services.ts';
import { memberTitle, openMember } from './members.ts';
import { showSource } from './show-source.ts';

/** One open editor. */
export interface ElfEditorSession {
  readonly uri: vscode.Uri;
  /** What the page was last answered: the test in a real VS Code waits for it. */
  readonly state: 'loading' | 'overview' | 'error';
  /** The sentence that the page shows instead of an overview. */
  readonly failure: string | undefined;
}

interface SessionParts {
  readonly uri: vscode.Uri;
  readonly panel: vscode.WebviewPanel;
  readonly openDisassembly: OpenDisassembly;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Answers the page of one editor until it is closed. Every request of the page is answered or refused. */
export function openSession(services: Services, { uri, panel, openDisassembly }: SessionParts): ElfEditorSession {
  const { server, log, context } = services;
  const session: Mutable<ElfEditorSession> = { uri, state: 'loading', failure: undefined };
  const messenger = new Messenger({ ignoreHiddenViews: true, uniqueHandlers: true });
  const page = messenger.registerWebviewPanel(panel);
  const wire = uri.toString();

  messenger.onRequest<unknown, ReadyResult>(elfEditorMessages.ready, async (_params, _sender, cancel) => {
    const token = tokenOf(cancel);
    try {
      requireLocalFile(uri);
      const overview = await server.request(elfOverview, { uri: wire }, token);
      session.state = 'overview';
      session.failure = undefined;
      return { kind: 'overview', overview, texts: translatedTexts(pageTexts) };
    } catch (error) {
      // The page has asked anew, and this answer is not for it any more.
      if (token.isCancellationRequested) throw error;
      log.info(`${uri.fsPath}: ${failureText(error)}`);
      session.state = 'error';
      session.failure = failureText(error);
      const remedy = error instanceof UserError ? error.remedy : undefined;
      return { kind: 'error', message: session.failure, texts: translatedTexts(pageTexts), ...(remedy && { remedy }) };
    }
  });
  /** What the page asks of the language server, about this file. */
  const forward = <Params extends FileParams, Result>(
    message: RequestType<Omit<Params, 'uri'>, Result>,
    method: RequestMethod<Params, Result>,
  ): void => {
    messenger.onRequest(message, (params, _sender, cancel) =>
      server.request(method, { ...params, uri: wire } as Params, tokenOf(cancel)),
    );
  };
  forward(elfEditorMessages.rows, elfRows);
  forward(elfEditorMessages.hardening, elfHardening);
  forward(elfEditorMessages.versions, elfVersions);
  forward(elfEditorMessages.size, elfSize);
  forward(elfEditorMessages.bytes, elfBytes);
  forward(elfEditorMessages.rowRange, elfRowRange);
  messenger.onRequest<ShowSourceParams, null>(elfEditorMessages.showSource, async params => {
    await showSource(services, { ...params, uri: wire }).catch((error: unknown) => showFailure(log, error));
    return null;
  });
  messenger.onRequest<OpenRowParams, null>(elfEditorMessages.openRow, async params => {
    await openMember(params.uri).catch((error: unknown) => showFailure(log, error));
    return null;
  });
  messenger.onRequest<DisassembleRowParams, null>(elfEditorMessages.disassemble, async part => {
    // The person sees what went wrong as VS Code's own message, where the remedy has a button.
    await openDisassembly(uri, part).catch((error: unknown) => showFailure(log, error));
    return null;
  });
  messenger.onRequest<CopyParams, null>(elfEditorMessages.copy, async ({ text }) => {
    await vscode.env.clipboard.writeText(text);
    return null;
  });
  messenger.onRequest<unknown, null>(elfEditorMessages.showDependencies, async () => {
    await vscode.commands.executeCommand(commandIds.showDependencyTree, uri);
    return null;
  });
  messenger.onRequest<unknown, null>(elfEditorMessages.openOtherwise, async () => {
    await vscode.commands.executeCommand('workbench.action.reopenWithEditor');
    return null;
  });

  panel.title = memberTitle(uri) ?? panel.title;
  const onChanged = (): void => messenger.sendNotification(elfEditorMessages.changed, page);
  loadFilePage(context, panel, { element: 'elf-editor' }, { uri, onChanged });
  return session;
}
