import * as vscode from 'vscode';
import { Messenger } from 'vscode-messenger';
import { type DependencyTree, dependencyTree, type WhatIf } from '../../language-server/protocol/dependencies.ts';
import {
  type CandidatesParams,
  type CandidatesResult,
  type CompareParams,
  type CompareResult,
  type CopyParams,
  type CopyTreeParams,
  type MenuParams,
  dependencyGraphMessages as messages,
  type OpenParams,
  type PackagesParams,
  type PackagesResult,
  type ReadyParams,
  type ReadyResult,
  type SymbolsParams,
  type SymbolsResult,
} from '../../language-server/protocol/dependency-graph.ts';
import { dependencyGraphTexts } from '../../language-server/protocol/dependency-graph-texts.ts';
import { UserError } from '../../language-server/protocol/errors.ts';
import { filePackages } from '../../language-server/protocol/file-packages.ts';
import { loaderSymbols } from '../../language-server/protocol/loader-symbols.ts';
import { dependencyTreeDiff } from '../../language-server/protocol/tree-diff.ts';
import type { PathTarget } from '../../language-server/protocol/tree-paths.ts';
import { copiedTree } from '../dependency-tree/copied-tree.ts';
import { failureText, showFailure } from '../failure.ts';
import { loadFilePage, translatedTexts } from '../file-page.ts';
import { fileName, requireLocalFile } from '../inspected-file.ts';
import { tokenOf } from '../messenger-token.ts';
import type { Services } from '../services.ts';
import { openFound } from './open-found.ts';
import { pageTree } from './page-tree.ts';

/** One open page of a file's dependencies. */
export interface DependencyGraphSession {
  readonly uri: vscode.Uri;
  /** What the page was last answered: the test in a real VS Code waits for it. */
  readonly state: 'loading' | 'tree' | 'error';
  readonly failure: string | undefined;
  /** Shows why a library is here, at once or when the page is up. */
  readonly showWhy: (target: PathTarget) => void;
  /** Has the page do what was chosen in a menu of VS Code. */
  readonly choose: (params: MenuParams) => void;
  /** Whether the person looks at it. */
  readonly isActive: () => boolean;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Trees that are kept for the questions after them: that as it is, and that of what if. */
const keptTrees = 2;

/** Answers one page until it is closed. Every request of the page is answered or refused. */
export function openSession(
  services: Services,
  { uri, panel }: { readonly uri: vscode.Uri; readonly panel: vscode.WebviewPanel },
): DependencyGraphSession {
  const { server, log, context } = services;
  const wire = uri.toString();
  const messenger = new Messenger({ ignoreHiddenViews: true, uniqueHandlers: true });
  const page = messenger.registerWebviewPanel(panel);
  let pendingWhy: PathTarget | null = null;
  const session: Mutable<DependencyGraphSession> = {
    uri,
    state: 'loading',
    failure: undefined,
    showWhy: target => {
      if (session.state === 'tree' && panel.visible) messenger.sendNotification(messages.why, page, { target });
      else pendingWhy = target;
    },
    choose: params => messenger.sendNotification(messages.menu, page, params),
    isActive: () => panel.active,
  };
  const trees = new Map<string, DependencyTree>();
  const resolve = async (whatIf: WhatIf, token: vscode.CancellationToken): Promise<DependencyTree> => {
    const tree = await server.request(dependencyTree, { ...whatIf, uri: wire }, token);
    const key = JSON.stringify(whatIf);
    trees.delete(key);
    trees.set(key, tree);
    for (const old of [...trees.keys()].slice(0, -keptTrees)) trees.delete(old);
    return tree;
  };
  const treeOf = async (whatIf: WhatIf, token: vscode.CancellationToken): Promise<DependencyTree> =>
    trees.get(JSON.stringify(whatIf)) ?? (await resolve(whatIf, token));

  messenger.onRequest<ReadyParams, ReadyResult>(messages.ready, async ({ whatIf }, _sender, cancel) => {
    const token = tokenOf(cancel);
    const texts = translatedTexts(dependencyGraphTexts);
    try {
      requireLocalFile(uri);
      const tree = await resolve(whatIf, token);
      session.state = 'tree';
      session.failure = undefined;
      const why = pendingWhy;
      pendingWhy = null;
      return { kind: 'tree', texts, page: pageTree(tree), why };
    } catch (error) {
      // The page has asked anew, and this answer is not for it any more.
      if (token.isCancellationRequested) throw error;
      log.info(`${uri.fsPath}: ${failureText(error)}`);
      session.state = 'error';
      session.failure = failureText(error);
      const remedy = error instanceof UserError ? error.remedy : undefined;
      return { kind: 'error', message: session.failure, texts, ...(remedy && { remedy }) };
    }
  });
  messenger.onRequest<CandidatesParams, CandidatesResult>(messages.candidates, async (params, _sender, cancel) => {
    const { requester, list, index } = params;
    const object = (await treeOf(params.whatIf, tokenOf(cancel))).objects[requester];
    return { tried: object?.[list]?.[index]?.tried ?? [] };
  });
  messenger.onRequest<PackagesParams, PackagesResult>(messages.packages, ({ paths, sysroot }, _sender, cancel) =>
    server.request(filePackages, { paths, ...(sysroot !== null && { sysroot }) }, tokenOf(cancel)),
  );
  messenger.onRequest<CompareParams, CompareResult>(messages.compare, ({ whatIf }, _sender, cancel) =>
    server.request(dependencyTreeDiff, { uri: wire, after: whatIf }, tokenOf(cancel)),
  );
  messenger.onRequest<SymbolsParams, SymbolsResult>(messages.symbols, ({ whatIf }, _sender, cancel) =>
    server.request(loaderSymbols, { ...whatIf, uri: wire }, tokenOf(cancel)),
  );
  messenger.onRequest<OpenParams, null>(messages.open, async params => {
    await openFound(params).catch((error: unknown) => showFailure(log, error));
    return null;
  });
  messenger.onRequest<CopyParams, null>(messages.copy, async ({ text }) => {
    await vscode.env.clipboard.writeText(text);
    return null;
  });
  messenger.onRequest<CopyTreeParams, null>(messages.copyTree, async ({ whatIf, format }, _sender, cancel) => {
    await vscode.env.clipboard.writeText(copiedTree(await treeOf(whatIf, tokenOf(cancel)), format));
    return null;
  });
  messenger.onRequest<unknown, string | null>(messages.chooseFolder, async () => {
    const options = { canSelectFiles: false, canSelectFolders: true, canSelectMany: false };
    const [folder] = (await vscode.window.showOpenDialog(options)) ?? [];
    return folder?.scheme === 'file' ? folder.fsPath : null;
  });
  messenger.onRequest<unknown, null>(messages.openOtherwise, async () => {
    await vscode.commands.executeCommand('workbench.action.reopenWithEditor');
    return null;
  });

  panel.title = vscode.l10n.t('{0}: Dependencies', fileName(uri));
  const onChanged = (): void => messenger.sendNotification(messages.changed, page);
  loadFilePage(context, panel, { element: 'dependency-graph', hasWorker: true, hasForms: true }, { uri, onChanged });
  return session;
}
