import * as vscode from 'vscode';
import { Messenger } from 'vscode-messenger';
import {
  type CopyParams,
  arrayViewerMessages as messages,
  type PartParams,
  type ReadyParams,
  type ReadyResult,
  type StatisticsResult,
  type SumsResult,
  type WindowParams,
  type WindowResult,
} from '../../language-server/protocol/array-viewer.ts';
import { arrayViewerTexts } from '../../language-server/protocol/array-viewer-texts.ts';
import { UserError } from '../../language-server/protocol/errors.ts';
import {
  type ArrayMember,
  type NumbersDone,
  numericArray,
  numericStatistics,
  numericSum,
  numericVariance,
  numericWindow,
} from '../../language-server/protocol/numeric.ts';
import { failureText } from '../failure.ts';
import { loadFilePage, translatedTexts } from '../file-page.ts';
import { requireLocalFile } from '../inspected-file.ts';
import { tokenOf } from '../messenger-token.ts';
import type { Services } from '../services.ts';

/** One open page of arrays. */
export interface ArrayViewerSession {
  readonly uri: vscode.Uri;
  /** What the page was last answered: the test in a real VS Code waits for it. */
  readonly state: 'loading' | 'array' | 'error';
  readonly failure: string | undefined;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Answers one page until it is closed. Every request of the page is answered or refused. */
export function openSession(
  { server, log, context }: Services,
  { uri, panel }: { readonly uri: vscode.Uri; readonly panel: vscode.WebviewPanel },
): ArrayViewerSession {
  const wire = uri.toString();
  const messenger = new Messenger({ ignoreHiddenViews: true, uniqueHandlers: true });
  const page = messenger.registerWebviewPanel(panel);
  const session: Mutable<ArrayViewerSession> = { uri, state: 'loading', failure: undefined };

  messenger.onRequest<ReadyParams, ReadyResult>(messages.ready, async ({ member }, _sender, cancel) => {
    const token = tokenOf(cancel);
    const texts = translatedTexts(arrayViewerTexts);
    let members: readonly ArrayMember[] = [];
    try {
      requireLocalFile(uri);
      const file = await server.request(numericArray, { uri: wire }, token);
      if (file.kind === 'array') {
        session.state = 'array';
        return { kind: 'array', texts, facts: file.facts, members };
      }
      ({ members } = file);
      const chosen = members.find(({ name }) => name === member) ?? members[0];
      if (chosen === undefined) throw new Error(vscode.l10n.t('It is an archive without arrays.'));
      const one = await server.request(numericArray, { uri: wire, member: chosen.name }, token);
      if (one.kind !== 'array') throw new Error(vscode.l10n.t('It is an archive within an archive.'));
      session.state = 'array';
      return { kind: 'array', texts, facts: one.facts, members };
    } catch (error) {
      // The page has asked anew, and this answer is not for it any more.
      if (token.isCancellationRequested) throw error;
      log.info(`${uri.fsPath}: ${failureText(error)}`);
      session.state = 'error';
      session.failure = failureText(error);
      const remedy = error instanceof UserError ? error.remedy : undefined;
      return { kind: 'error', message: session.failure, texts, members, ...(remedy && { remedy }) };
    }
  });
  messenger.onRequest<WindowParams, WindowResult>(messages.window, (params, _sender, cancel) =>
    server.request(numericWindow, { ...params, uri: wire }, tokenOf(cancel)),
  );
  messenger.onRequest<PartParams, StatisticsResult>(messages.statistics, (params, _sender, cancel) => {
    const onProgress = (progress: NumbersDone): void => messenger.sendNotification(messages.progress, page, progress);
    return server.requestWithProgress(numericStatistics, { ...params, uri: wire }, onProgress, tokenOf(cancel));
  });
  messenger.onRequest<PartParams, SumsResult>(messages.sums, async (params, _sender, cancel) => {
    const token = tokenOf(cancel);
    const sum = await server.request(numericSum, { ...params, uri: wire }, token);
    return { sum, variance: await server.request(numericVariance, { ...params, uri: wire }, token) };
  });
  messenger.onRequest<CopyParams, null>(messages.copy, async ({ text }) => {
    await vscode.env.clipboard.writeText(text);
    return null;
  });
  messenger.onRequest<unknown, null>(messages.openOtherwise, async () => {
    await vscode.commands.executeCommand('workbench.action.reopenWithEditor');
    return null;
  });

  const onChanged = (): void => messenger.sendNotification(messages.changed, page);
  loadFilePage(context, panel, { element: 'array-viewer', hasForms: true }, { uri, onChanged });
  return session;
}
