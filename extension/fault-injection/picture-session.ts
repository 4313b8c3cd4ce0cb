import * as vscode from 'vscode';
import { Messenger } from 'vscode-messenger';
import {
  type CopyTextParams,
  faultPictureMessages as messages,
  type OpenFrameParams,
  type PictureReadyResult,
  type PointActionParams,
  type SweepActionParams,
  type SweepPicture,
} from '../../language-server/protocol/fault-picture.ts';
import { faultPictureTexts } from '../../language-server/protocol/fault-picture-texts.ts';
import { showFailure } from '../failure.ts';
import { translatedTexts } from '../file-page.ts';
import type { Services } from '../services.ts';
import { webviewHtml, webviewRoot } from '../webview-html.ts';
import type { KeptSweep } from './kept-sweep.ts';
import type { FaultPoint } from './point.ts';
import type { SweepStore } from './sweep-store.ts';

/** What the page can have done. */
export interface PictureActions {
  readonly runSweep: (target: string) => Promise<void>;
  readonly runPoint: (point: FaultPoint) => Promise<void>;
  readonly debug: (point: FaultPoint) => Promise<void>;
  readonly copyCommand: (point: FaultPoint) => Promise<void>;
  readonly exportResults: (target: string) => Promise<void>;
}

/** One open picture. */
export interface FaultPictureSession {
  readonly target: string;
  /** What the page was last answered: the test in a real VS Code waits for it. */
  readonly state: 'loading' | 'sweep' | 'none';
  readonly reveal: () => void;
  readonly show: (n: number) => void;
}

export interface PictureTarget {
  readonly target: string;
  readonly name: string;
  /** A point to show first. */
  readonly n: number | undefined;
}

/** Answers one page until it is closed. Every request of the page is answered or refused. */
export function openPictureSession(
  { context, log }: Services,
  panel: vscode.WebviewPanel,
  { target, name, n }: PictureTarget,
  store: SweepStore,
  actions: PictureActions,
): FaultPictureSession {
  const messenger = new Messenger({ ignoreHiddenViews: true, uniqueHandlers: true });
  const page = messenger.registerWebviewPanel(panel);
  let pending = n;
  const session = {
    target,
    state: 'loading' as FaultPictureSession['state'],
    reveal: () => panel.reveal(),
    show: (point: number) => {
      if (session.state === 'sweep' && panel.visible) messenger.sendNotification(messages.show, page, { n: point });
      else pending = point;
    },
  };
  // What the person started in the page is shown to have failed as it would be anywhere else.
  const started = async (work: Promise<unknown>): Promise<null> => {
    await work.catch((error: unknown) => showFailure(log, error));
    return null;
  };

  messenger.onRequest<unknown, PictureReadyResult>(messages.ready, async () => {
    await store.loaded;
    const texts = translatedTexts(faultPictureTexts);
    const kept = store.of(target);
    if (kept === undefined) {
      session.state = 'none';
      const message = vscode.l10n.t('It has not been run yet, or its program was built again since.');
      return { kind: 'none', name, message, texts, target };
    }
    session.state = 'sweep';
    const show = pending ?? null;
    pending = undefined;
    return { kind: 'sweep', sweep: pictureOf(kept), show, texts, target };
  });
  messenger.onRequest<OpenFrameParams, null>(messages.openFrame, ({ file, line }) => started(openSource(file, line)));
  messenger.onRequest<PointActionParams, null>(messages.act, ({ n: number, action }) => {
    const point = { target, n: number };
    switch (action) {
      case 'run':
        return started(actions.runPoint(point));
      case 'debug':
        return started(actions.debug(point));
      case 'copyCommand':
        return started(actions.copyCommand(point));
    }
  });
  messenger.onRequest<SweepActionParams, null>(messages.actOnSweep, ({ action }) =>
    started(action === 'run' ? actions.runSweep(target) : actions.exportResults(target)),
  );
  messenger.onRequest<CopyTextParams, null>(messages.copy, async ({ text }) => {
    await vscode.env.clipboard.writeText(text);
    return null;
  });

  const changes = store.onDidChange(change => {
    if (change.target === target) messenger.sendNotification(messages.changed, page);
  });
  panel.onDidDispose(() => changes.dispose());
  panel.title = vscode.l10n.t('{0}: Allocation Failures', name);
  const root = webviewRoot(context);
  panel.webview.options = { enableScripts: true, localResourceRoots: [root] };
  panel.webview.html = webviewHtml(panel.webview, root, { element: 'fault-picture' });
  return session;
}

function pictureOf(kept: KeptSweep): SweepPicture {
  const { name, mode, endedAt, clean, points, stopped, notes, groups, stacks, n, verdict, group, stack, timeUs } = kept;
  return { name, mode, endedAt, clean, points, stopped, notes, groups, stacks, n, verdict, group, stack, timeUs };
}

/** Beside the picture, which stays. */
async function openSource(file: string, line: number): Promise<void> {
  const start = new vscode.Position(Math.max(0, line - 1), 0);
  const beside = vscode.window.tabGroups.all.length > 1;
  await vscode.window.showTextDocument(vscode.Uri.file(file), {
    selection: new vscode.Range(start, start),
    viewColumn: beside ? vscode.ViewColumn.One : vscode.ViewColumn.Beside,
  });
}
