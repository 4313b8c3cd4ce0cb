import * as vscode from 'vscode';
import type { Services } from '../services.ts';
import {
  type FaultPictureSession,
  openPictureSession,
  type PictureActions,
  type PictureTarget,
} from './picture-session.ts';
import type { SweepStore } from './sweep-store.ts';

/** Of package.json's `onWebviewPanel`, by which a window that opens again finds its pictures. */
const faultPictureViewType = 'binaryDetective.faultPicture';

export interface FaultPictures {
  readonly open: (target: PictureTarget) => void;
  readonly sessions: () => readonly FaultPictureSession[];
}

/** A tab for each target whose sweep is looked at; VS Code opens it again with the window. */
export function registerFaultPictures(services: Services, store: SweepStore, actions: PictureActions): FaultPictures {
  const sessions = new Map<vscode.WebviewPanel, FaultPictureSession>();
  const show = (panel: vscode.WebviewPanel, target: PictureTarget): void => {
    sessions.set(panel, openPictureSession(services, panel, target, store, actions));
    panel.onDidDispose(() => sessions.delete(panel));
  };
  services.context.subscriptions.push(
    vscode.window.registerWebviewPanelSerializer(faultPictureViewType, {
      deserializeWebviewPanel: (panel, state: unknown) => {
        const target = targetOf(state);
        if (target === undefined) panel.dispose();
        else show(panel, { target, name: panel.title.replace(/: .*$/u, ''), n: undefined });
        return Promise.resolve();
      },
    }),
  );
  return {
    sessions: () => [...sessions.values()],
    open: target => {
      const known = [...sessions.values()].find(session => session.target === target.target);
      if (known !== undefined) {
        known.reveal();
        if (target.n !== undefined) known.show(target.n);
        return;
      }
      const title = vscode.l10n.t('{0}: Allocation Failures', target.name);
      show(vscode.window.createWebviewPanel(faultPictureViewType, title, vscode.ViewColumn.Active), target);
    },
  };
}

function targetOf(state: unknown): string | undefined {
  if (typeof state !== 'object' || state === null || !('target' in state)) return undefined;
  return typeof state.target === 'string' && state.target !== '' ? state.target : undefined;
}
